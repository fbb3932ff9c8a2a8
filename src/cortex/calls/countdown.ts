/** What is left of a time that starts now, in ms; always as given when it is no time. */
export function countdown(
  timeoutMs: number | undefined,
): () => number | undefined {
  const start = Date.now();
  return () =>
    timeoutMs === undefined || !(timeoutMs > 0)
      ? timeoutMs
      : Math.max(1, timeoutMs - (Date.now() - start));
}
