/** Limits of one connection. */
export interface SyncLimits {
  /** Longest frame from the client, in UTF-16 units. Default 16 Mi + 2000. */
  maxFrameLength: number;
  /** Most queries watched at once. Default 10 000. */
  maxQueries: number;
  /** Most running actions. Default 1000. */
  maxRequests: number;
  /**
   * Most bytes of memory, about, for what one client has sent and the server still holds: waiting mutations, running
   * actions and frames waiting for a token, and as much again for watched queries. Default 128 MiB. A waiting frame
   * counts with its length, a parsed one with up to twenty times that if its values are small.
   */
  maxHeldBytes: number;
  /**
   * Unsent bytes above which updates are held back, so that a slow client gets only the latest, and no further calls
   * begin. Default 8 Mi.
   */
  maxBufferedBytes: number;
  /** Silence after which a ping is sent, in ms. Default 15 000. */
  pingMs: number;
}
