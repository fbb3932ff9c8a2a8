/** Bounds of one connection. */
export interface SyncLimits {
  /** Length of a frame from the client, in UTF-16 units. Default 16 Mi + 2000. */
  maxFrameLength: number;
  /** Queries followed at once. Default 10 000. */
  maxQueries: number;
  /** Mutations that wait, and actions that run. Default 1000 each. */
  maxRequests: number;
  /** Frames that wait until a token is verified. Default 1000. */
  maxWaitingFrames: number;
  /** Bytes that wait to be sent from which on transitions are put off, so that a slow client gets only the latest. Default 8 Mi. */
  maxBufferedBytes: number;
  /** Silence after which a Ping is sent, in ms. Default 15 000. */
  pingMs: number;
}
