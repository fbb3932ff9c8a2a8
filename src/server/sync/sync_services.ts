import type { Engine } from "../../engine/engine.ts";
import type { Callers } from "../auth/callers.ts";
import type { FailureReport } from "../failure_report.ts";
import type { HeldBytes } from "../held_bytes.ts";
import type { ResultTexts } from "./result_texts.ts";
import type { UnreadBytes } from "../unread_bytes.ts";
import type { ClientSessions } from "./client_sessions.ts";
import type { SyncLimits } from "./sync_limits.ts";
import type { SyncOrigin } from "./sync_requests.ts";

/** The socket of a client, which an adapter creates from its host's WebSocket. */
export interface SyncSocket {
  /** Sends a text frame. Does nothing if the socket is closed. */
  send(text: string): void;
  /** Closes the socket with a code and a reason of at most 123 bytes. */
  close(code: number, reason: string): void;
  /** Ends the connection at once, without what is unsent, for a client that does not read. Default: `close`. */
  terminate?(): void;
  /** Unsent bytes, if the host knows. */
  bufferedBytes?(): number;
}

/** Everything that a connection uses. */
export interface SyncServices {
  /** Runs the functions. */
  engine: Pick<Engine, "run" | "follow" | "timestamp">;
  /** Verifies tokens. */
  callers: Callers;
  /** Sessions of all clients. */
  sessions: ClientSessions;
  /** Texts of results, shared by all connections. */
  texts: ResultTexts;
  /** The time in ms since 1970. */
  now: () => number;
  /** Limits of the connection. */
  limits: SyncLimits;
  /** Memory for the messages of all clients. */
  held: HeldBytes;
  /** Memory for what clients have not read. */
  unread: UnreadBytes;
  /** Whether to hide details of failures from clients. */
  redactErrors: boolean;
  /** Where the client is. */
  origin: SyncOrigin;
  /** Whether the client joins the chunks of a transition that is too long for one frame. */
  joinsChunks: boolean;
  /** Receives failures of the server itself. */
  report: FailureReport;
  /** Called when the connection has ended. */
  onClose: () => void;
}
