/**
 * Starts a time limit, and returns a function that returns the ms left of it, at least 1. For an invalid or missing
 * limit, the function returns the value unchanged.
 */
export function countdown(
  timeoutMs: number | undefined,
): () => number | undefined {
  // Not the date, which may be set meanwhile.
  const start = performance.now();
  return () =>
    timeoutMs === undefined || !(timeoutMs > 0)
      ? timeoutMs
      : Math.max(1, timeoutMs - (performance.now() - start));
}
