/** Close code that says that a message was too long. */
export const TOO_LONG = 1009;

/** What hosts say when they end a connection because of a long message. */
const SAYS_TOO_LONG = /too (?:large|big)|exceed/i;

/** Whether the error event of a WebSocket says that a message was longer than the host allows. */
export function isTooLong(event: unknown): boolean {
  const { message } = Object(event) as { message?: unknown };
  return SAYS_TOO_LONG.test(String(message));
}
