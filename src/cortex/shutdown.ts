/** A close that is waited for only so long. */
import { MAX_TIMER_MS } from "../at_once.ts";
import type { ContextLife } from "./calls/api_context.ts";
import type { Logger } from "./types/config.ts";

/**
 * Resolves when it is closed and no call is on its way any more. After so many ms it rejects the calls that are, and
 * resolves with a warning, as it does when the closing fails.
 */
export async function closedWithin(
  closing: Promise<void>,
  life: ContextLife,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      logger.warn(
        `shutdown: calls are still in flight after ${timeoutMs} ms`,
      );
      life.giveUp?.();
      resolve();
    }, Math.min(timeoutMs, MAX_TIMER_MS));
  });
  const ended = closing.then(() => life.settled?.()).catch((error) =>
    logger.warn("shutdown: closing failed", error)
  );
  await Promise.race([ended, limit]);
  clearTimeout(timer);
}
