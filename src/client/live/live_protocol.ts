/** Convex's sync protocol as a client speaks it: messages, and times as 64-bit numbers in base64, little-endian. */
import { decodeBase64, type FunctionResponse, OWN_REASON } from "../wire.ts";
import type { WebSocketLike } from "../types.ts";
import type { JsonValue } from "../../values/types.ts";

/** State of a connection: how many changes of queries and of identity the server has seen, and the data's timestamp. */
export interface Version {
  querySet: number;
  identity: number;
  /** Time in base64. */
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

/** All queries' results at one time. */
export interface Transition {
  type: "Transition";
  startVersion: Version;
  endVersion: Version;
  modifications: readonly Modification[];
  /** Whether its values are already decoded. */
  isDecoded?: boolean;
}

/** Answer to a mutation or an action. */
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
  /** Changes of identity before the one that failed. */
  baseVersion?: number;
  authUpdateAttempted?: boolean;
}

/** A message of the server. */
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

/** The host's `WebSocket` class, or a given one. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** A long message that arrives parsed, instead of as text. */
export interface LongMessage {
  /** Builds it, with turns of the event loop in between. */
  read(): Promise<ParsedMessage>;
}

/** A parsed long text. */
export interface ParsedMessage {
  /** Absent when it is not JSON. */
  json?: unknown;
  /** Whether its values are already decoded. */
  isDecoded?: boolean;
  /** Moves the connection to a place where such messages cost this thread less. */
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

/** Moves a connection as soon as it is quiet: with nothing in flight that a lost connection would affect. */
export type MoveSocket = (live: MovableSocket, isQuiet: () => boolean) => void;

/** A query's result, and whether its values are already decoded, as those of a long one are. */
export interface Latest {
  response: FunctionResponse;
  isDecoded: boolean;
}

/**
 * Processes long texts and values in slices, yielding to the event loop in between; all of a client's work shares these
 * turns.
 */
export interface LongWork {
  /** Parses a long text given in parts; with `isEscaped` they are the inside of a JSON string. */
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

/** Compares two timestamps: below 0, 0 or above 0. */
export function compareTs(one: string, other: string): number {
  if (one === other) return 0;
  const [a, b] = [toBigInt(one), toBigInt(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function toBigInt(ts: string): bigint {
  const bytes = decodeBase64(ts);
  if (bytes?.length !== 8) throw new Error(`${ts} is no time`);
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

/** Close reasons after which the server needs more time. */
const OVERLOADS = [
  "SubscriptionsWorkerFullError",
  "TooManyConcurrentRequests",
  "CommitterFullError",
  "AwsTooManyRequestsException",
  "ExecuteFullError",
  "SystemTimeoutError",
  "ExpiredInQueue",
  "VectorIndexTooLarge",
  "SearchIndexTooLarge",
  "TooManyWritesInTimePeriod",
];
const MAX_BACKOFF_MS = 16_000;

/** Delay before the next connection, in ms, by the last close reason; it doubles with each failed attempt. */
export function backoffMs(reason: string, retries: number): number {
  const base = OVERLOADS.some((overload) => reason.startsWith(overload))
    ? 3000
    : reason.startsWith(OWN_REASON)
    ? 100
    : 1000;
  const longest = Math.min(MAX_BACKOFF_MS, base * 2 ** retries);
  return longest * (0.5 + Math.random());
}
