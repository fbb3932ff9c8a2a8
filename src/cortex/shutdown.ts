/** A close that is waited for only so long. */
import type { Logger } from "./types/config.ts";

/** Resolves when it is closed, or after so many ms, with a warning. */
export async function closedWithin(
  closing: Promise<void>,
  timeoutMs: number,
  logger: Logger,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      logger.warn(
        `shutdown: calls are still in flight after ${timeoutMs} ms`,
      );
      resolve();
    }, timeoutMs);
  });
  await Promise.race([closing, limit]);
  clearTimeout(timer);
}
