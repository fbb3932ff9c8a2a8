/**
 * Changes of one row are dated at least a millisecond apart, so that each version is found by its own time. Those that
 * follow faster than that are dated ahead of the clock; their answers wait for it, so that a caller who then asks for
 * the state of now gets the last one.
 */

/** As far as the backend dates a change ahead. An answer from further ahead comes from another clock. */
const MAX_AHEAD_MS = 10;

/** The host's own timer: a program that replaces it later must not have to wind it for its calls to end. */
const { setTimeout: startTimer } = globalThis;

/** Waits until the time of a version has come. */
export async function comeTo(answer: unknown): Promise<void> {
  const { memory = answer } = Object(answer);
  const { version, updatedAt } = Object(memory);
  const ms = updatedAt - Date.now();
  if (version > 1 && ms > 0 && ms <= MAX_AHEAD_MS) {
    // Hosts may call back slightly early.
    await new Promise((resolve) => startTimer(resolve, ms + 1));
  }
}
