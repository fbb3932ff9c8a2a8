import type { Engine } from "../../engine/engine.ts";
import type { Callers } from "../auth/callers.ts";
import type { FailureReport } from "../failure_report.ts";
import type { HeldBytes } from "../held_bytes.ts";
import type { ResultTexts } from "../result_texts.ts";
import type { ClientSessions } from "./client_sessions.ts";
import type { SyncLimits } from "./sync_limits.ts";
import type { SyncOrigin } from "./sync_requests.ts";

/** The connection to a client, which an adapter makes from its host's WebSocket. */
export interface SyncSocket {
  /** Sends a text frame. Does nothing if the socket is closed. */
  send(text: string): void;
  /** Closes the socket with a code and a reason of at most 123 bytes. */
  close(code: number, reason: string): void;
  /** Unsent bytes, if the host knows. */
  bufferedBytes?(): number;
}

/** What a connection needs. */
export interface SyncServices {
  /** Runs the functions. */
  engine: Pick<Engine, "run" | "follow" | "timestamp">;
  /** Says who a token is of. */
  callers: Callers;
  /** Sessions of all clients. */
  sessions: ClientSessions;
  /** Texts of results, shared by all connections. */
  texts: ResultTexts;
  /** The time in ms since 1970. */
  now: () => number;
  /** Bounds. */
  limits: SyncLimits;
  /** What all clients hold. */
  held: HeldBytes;
  /** Whether clients learn that a function failed, and no more. */
  redactErrors: boolean;
  /** Where the client is. */
  origin: SyncOrigin;
  /** Whether it joins the chunks of a transition that is too long for one frame. */
  joinsChunks: boolean;
  /** Told of the server's own failures. */
  report: FailureReport;
  /** Told when the connection is over. */
  onClose: () => void;
}
