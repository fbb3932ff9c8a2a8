import { type Check, that } from "./check.ts";

/** Longest delay that every host's timers bear, in ms (about 24 days): longer ones fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Throws `ClientError` `INVALID_ARGUMENT` unless the value is a time limit or absent. */
export const checkTimeout: Check = that(
  `a number over 0 and at most ${MAX_TIMER_MS}`,
  (value) =>
    value === undefined ||
    typeof value === "number" && value > 0 && value <= MAX_TIMER_MS,
);

/** Throws `ClientError` `INVALID_ARGUMENT` unless the value is an `AbortSignal` or absent. */
export const checkSignal: Check = that(
  "an AbortSignal",
  (value) =>
    value === undefined ||
    typeof (value as AbortSignal | null)?.addEventListener === "function" &&
      typeof (value as AbortSignal).aborted === "boolean",
);

/**
 * Starts work that ends early when `signal` is aborted (rejects with its reason) or after `timeoutMs` (rejects with
 * the error that `late` makes). The work is told through its own signal; if it does not listen, the promise rejects
 * all the same and the work's late outcome is dropped.
 */
export function withDeadline<T>(
  limits: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined },
  work: (signal: AbortSignal | undefined) => Promise<T>,
  late: (timeoutMs: number) => Error,
): Promise<T> {
  const { signal, timeoutMs } = limits;
  if (signal?.aborted) return Promise.reject(signal.reason);
  if (signal === undefined && timeoutMs === undefined) {
    return new Promise((resolve) => resolve(work(undefined)));
  }
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (reason: unknown) => {
      release();
      reject(reason);
      controller.abort(reason);
    };
    const onAbort = () => giveUp(signal!.reason);
    const timer = timeoutMs === undefined
      ? undefined
      : setTimeout(() => giveUp(late(timeoutMs)), timeoutMs);
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    bearMany(signal);
    signal?.addEventListener("abort", onAbort);
    new Promise<T>((resolve) => resolve(work(controller.signal)))
      .then(resolve, reject)
      .finally(release);
  });
}

/** Each call listens to its signal. Node 20 warns of a leak from the eleventh listener on, later ones never. */
export function bearMany(signal: AbortSignal | undefined): void {
  const host = globalThis as { navigator?: unknown; process?: NodeProcess };
  // Node 20 is the one without `navigator`. On Deno, the first access to `process` takes 20 ms.
  if (signal === undefined || host.navigator) return;
  host.process?.getBuiltinModule?.("node:events")
    .setMaxListeners(Infinity, signal);
}

interface NodeProcess {
  getBuiltinModule?(name: "node:events"): {
    setMaxListeners(count: number, target: EventTarget): void;
  };
}

/**
 * Settles as `work` does, or rejects with the signal's reason, whichever comes first. In as many steps without a signal:
 * who cannot give up waiting must not overtake who can.
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal!.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    work.then(resolve, reject).finally(() =>
      signal?.removeEventListener("abort", onAbort)
    );
  });
}
