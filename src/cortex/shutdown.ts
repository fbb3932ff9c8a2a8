/** Closing with a time limit. */
import type { ContextLife } from "./calls/api_context.ts";
import type { Logger } from "./types/config.ts";

/**
 * Resolves when the client is closed and no call is pending. After `timeoutMs`, it rejects the pending calls and
 * resolves with a warning, as it does when closing fails.
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
        `shutdown: calls are in flight after ${timeoutMs} ms`,
      );
      life.giveUp?.();
      resolve();
    }, timeoutMs);
  });
  const ended = closing.then(() => life.settled?.()).catch((error) =>
    logger.warn("shutdown failed", error)
  );
  await Promise.race([ended, limit]);
  clearTimeout(timer);
}
