/** Closing with a time limit. */
import type { ContextLife } from "./calls/api_context.ts";
import type { Logger } from "./types/config.ts";

/**
 * Closes once the calls in flight have settled. After `timeoutMs` it warns, rejects those that wait for the backend, and
 * closes nevertheless, without waiting for that.
 *
 * @param finished Settles with the calls in flight.
 * @param close Never rejects.
 */
export function closedWithin(
  finished: Promise<unknown>,
  close: () => Promise<void>,
  life: ContextLife,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      logger.warn(
        `shutdown: calls outlast ${timeoutMs} ms`,
      );
      life.isClosed = true;
      life.giveUp?.();
      close();
      resolve();
    }, timeoutMs);
    finished.then(close).then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
