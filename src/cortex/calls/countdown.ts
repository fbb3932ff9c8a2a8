/**
 * Returns a function for the rest of a time that starts now, in ms; a value that is not a time is returned unchanged.
 */
export function countdown(
  timeoutMs: number | undefined,
): () => number | undefined {
  const start = Date.now();
  return () =>
    timeoutMs === undefined || !(timeoutMs > 0)
      ? timeoutMs
      : Math.max(1, timeoutMs - (Date.now() - start));
}
