/** Convex's sync protocol as a client speaks it: messages, and times as 64-bit numbers in base64, little-endian. */
import { decodeBase64, type FunctionResponse, OWN_REASON } from "../wire.ts";
import type { WebSocketLike } from "../types.ts";
import type { JsonValue } from "../../values/types.ts";

/** Where a connection is: how many changes of queries and of identity the server has seen, and the data's time. */
export interface Version {
  querySet: number;
  identity: number;
  /** Time in base64. */
  ts: string;
}

/** Time before every other. */
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
  /** Whether the values in it are no longer encoded. */
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
  /** Whether the values in it are no longer encoded. */
  isDecoded?: boolean;
}

/** The token was not taken, or has ended. */
export interface AuthError {
  type: "AuthError";
  error: string;
  /** Changes of identity before the one that failed. */
  baseVersion?: number;
  authUpdateAttempted?: boolean;
}

/** What the server says. */
export type ServerMessage =
  & { move?: MoveSocket }
  & (
    | Transition
    | {
      type: "TransitionChunk";
      /** A part of a Transition's text. */
      chunk: string;
      /** Whether its text is as it stands in JSON. */
      isEscaped?: boolean;
      partNumber: number;
      totalParts: number;
    }
    | RequestAnswer
    | AuthError
    | { type: "FatalError"; error: string }
    | { type: "Ping" }
  );

/** The class of a host's WebSockets, or one that is given. */
export type WebSocketClass = new (url: string) => WebSocketLike;

/** A long message that comes as what it says, in place of its text. */
export interface LongMessage {
  /** Builds it, with turns of the event loop in between. */
  read(): Promise<ParsedMessage>;
}

/** What a long text says. */
export interface ParsedMessage {
  /** Absent when it is no JSON. */
  json?: unknown;
  /** Whether the values in it are no longer encoded. */
  isDecoded?: boolean;
  /** Moves the connection that brought it to where such messages cost this thread less. */
  move?: MoveSocket;
}

/** A connection that may go on with another socket. */
export interface MovableSocket {
  /** Where it leads. */
  readonly url: string;
  /** Whether messages can be sent. */
  readonly isOpen: boolean;
  /** Goes on with sockets of another class, at once. */
  move(Class: WebSocketClass): void;
}

/** Moves a connection as soon as it is quiet: nothing is on its way that a loss would disturb. */
export type MoveSocket = (live: MovableSocket, isQuiet: () => boolean) => void;

/** A query's result, and whether the values in it are no longer encoded: of one that is long. */
export interface Latest {
  response: FunctionResponse;
  isDecoded: boolean;
}

/** Work on what is long, with turns of the event loop in between, which all of a client's work shares. */
export interface LongWork {
  /** Parses a long text that comes in parts; with `isEscaped` they are the inside of a string of JSON. */
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

/** Which of two times is later: below 0, 0 or above 0. */
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

/** Reasons of the server to end a connection after which it needs more time. */
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

/** Time to wait before the next connection, in ms, by why the last one ended; twice that for each that failed. */
export function backoffMs(reason: string, retries: number): number {
  const base = OVERLOADS.some((overload) => reason.startsWith(overload))
    ? 3000
    : reason.startsWith(OWN_REASON)
    ? 100
    : 1000;
  const longest = Math.min(MAX_BACKOFF_MS, base * 2 ** retries);
  return longest * (0.5 + Math.random());
}
