/** Calls back every `ms`, without keeping the process alive, until the function that it returns is called. */
export function startIdleInterval(
  callback: () => void,
  ms: number,
): () => void {
  const timer: unknown = setInterval(callback, ms);
  if (typeof timer === "object" && timer !== null) {
    (timer as { unref?(): void }).unref?.();
  } else {
    // Deno's timers are numbers.
    (globalThis as { Deno?: { unrefTimer?(timer: unknown): void } }).Deno
      ?.unrefTimer?.(timer);
  }
  return () => clearInterval(timer as number);
}
