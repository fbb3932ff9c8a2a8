import type { AuthTokens } from "../wire.ts";
import type { LongWork, WebSocketClass } from "./live_protocol.ts";

/** Options of a session. */
export interface LiveSessionOptions {
  /** The deployment's address. */
  address: string;
  /** The host's `WebSocket` class, or a given one. */
  WebSocket: WebSocketClass | undefined;
  /** The longest message. */
  maxAnswerBytes: number;
  /** Processes long messages. */
  long: () => Promise<LongWork>;
  /** The current identity. */
  auth(): AuthTokens;
  /** Called when {@link LiveSession.state} has changed. */
  onStateChange(): void;
  /** Called before observers are told of a later state. */
  onNews(): void;
}
