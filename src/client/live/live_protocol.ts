/** Convex's sync protocol, on the client's side. Timestamps are 64-bit little-endian numbers in base64. */
import {
  decodeBase64,
  type FunctionResponse,
  OWN_REASON,
  stringifyValue,
} from "../wire.ts";
import type { Call, WebSocketLike } from "../types.ts";
import type { JsonValue } from "../../values/types.ts";

/** Version of a connection: the changes of queries and of identity that the server has seen, and the data's timestamp. */
export interface Version {
  querySet: number;
  identity: number;
  /** Timestamp in base64. */
  ts: string;
}

/** The lowest timestamp. */
export const ZERO_TS = "AAAAAAAAAAA=";

/** A query's new result. */
export type Modification =
  | {
    type: "QueryUpdated";
    queryId: number;
    value: JsonValue;
    logLines?: readonly string[];
    journal?: string | null;
  }
  | {
    type: "QueryFailed";
    queryId: number;
    errorMessage: string;
    errorData?: JsonValue;
    logLines?: readonly string[];
    journal?: string | null;
  }
  | { type: "QueryRemoved"; queryId: number };

/** Changes of the queries' results, from one version to the next. */
export interface Transition {
  type: "Transition";
  startVersion: Version;
  endVersion: Version;
  modifications: readonly Modification[];
  /** Whether its values are already decoded. */
  isDecoded?: boolean;
}

/** The answer to a mutation or an action. */
export interface RequestAnswer {
  type: "MutationResponse" | "ActionResponse";
  requestId: number;
  success: boolean;
  result: JsonValue;
  ts?: string | null;
  errorData?: JsonValue;
  logLines?: readonly string[];
  /** Whether its values are already decoded. */
  isDecoded?: boolean;
}

/** The token was refused or has expired. */
export interface AuthError {
  type: "AuthError";
  error: string;
  /** Number of changes of identity before the one that failed. */
  baseVersion?: number;
  authUpdateAttempted?: boolean;
}

/** A message from the server. */
export type ServerMessage =
  & { move?: MoveSocket }
  & (
    | Transition
    | {
      type: "TransitionChunk";
      /** A part of a Transition's text. */
      chunk: string;
      /** Whether its text is still escaped as in a JSON string. */
      isEscaped?: boolean;
      partNumber: number;
      totalParts: number;
    }
    | RequestAnswer
    | AuthError
    | { type: "FatalError"; error: string }
    | { type: "Ping" }
  );

/** A `WebSocket` class: the host's, or one that the caller gave. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** A long message that arrives parsed, instead of as text. */
export interface LongMessage {
  /** Length of its text, in bytes. */
  readonly length: number;
  /** Builds it in slices, yielding to the event loop in between. */
  read(): Promise<ParsedMessage>;
}

/** A parsed long message. */
export interface ParsedMessage {
  /** The parsed value; absent when the text is not JSON. */
  json?: unknown;
  /** Whether its values are already decoded. */
  isDecoded?: boolean;
  /** Moves the connection to where such messages cost this thread less, such as a worker. */
  move?: MoveSocket;
}

/** A connection that can continue on another socket. */
export interface MovableSocket {
  /** Address of the connection. */
  readonly url: string;
  /** Whether messages can be sent. */
  readonly isOpen: boolean;
  /** Reconnects at once, using sockets of another class. */
  move(Class: WebSocketClass): void;
}

/** Moves a connection as soon as it is quiet, which means that losing it would affect no call. */
export type MoveSocket = (live: MovableSocket, isQuiet: () => boolean) => void;

/** A query's result. Long results arrive with their values already decoded. */
export interface Latest {
  response: FunctionResponse;
  isDecoded: boolean;
}

/** Processes long texts and values in slices, yielding to the event loop in between. Shared by one client's work. */
export interface LongWork {
  /** Parses a long text given in parts. With `isEscaped`, the parts are the inside of a JSON string. */
  parse(
    parts: readonly (string | LongMessage)[],
    isEscaped: boolean,
  ): Promise<ParsedMessage>;
  /** Copies a decoded value. */
  copy<T>(value: T): Promise<T>;
  /** Whether two results are the same. */
  isSame(one: Latest, other: Latest): Promise<boolean>;
  /** The class of WebSockets that a worker holds; `undefined` where there is none. */
  sockets(): WebSocketClass | undefined;
}

/** A random UUID for a session. `crypto.randomUUID` is missing in a page that came over plain HTTP. */
export function newSessionId(): string {
  return "........-....-4...-8...-............".replace(/\./g, () => {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    return (byte! & 15).toString(16);
  });
}

/** The members of a message that say what is called. */
export function calledBy({ name, args }: Call): string {
  return `"udfPath":${JSON.stringify(name)},"args":[${stringifyValue(args)}]`;
}

/** Compares two timestamps: below 0, 0 or above 0. Throws for what is none. */
export function compareTs(one: string, other: string): number {
  return one === other ? 0 : toBigInt(one) < toBigInt(other) ? -1 : 1;
}

function toBigInt(ts: string): bigint {
  return new DataView(decodeBase64(ts)!.buffer).getBigUint64(0, true);
}

/**
 * Close reasons after which the server needs a longer pause: `SubscriptionsWorkerFullError`, `CommitterFullError`,
 * `ExecuteFullError`, `TooManyConcurrentRequests`, `TooManyWritesInTimePeriod`, `AwsTooManyRequestsException`,
 * `SystemTimeoutError`, `ExpiredInQueue`, `VectorIndexTooLarge`, `SearchIndexTooLarge`, and what is named alike.
 */
const OVERLOAD = /Full|TooMany|Timeout|Expired|TooLarge/;
const MAX_BACKOFF_MS = 16_000;

/** Delay before the next attempt to connect, in ms. Depends on the last close reason, and doubles each time. */
export function backoffMs(reason: string, retries: number): number {
  const base = OVERLOAD.test(reason)
    ? 3000
    : reason.startsWith(OWN_REASON)
    ? 100
    : 1000;
  const longest = Math.min(MAX_BACKOFF_MS, base * 2 ** retries);
  return longest * (0.5 + Math.random());
}
