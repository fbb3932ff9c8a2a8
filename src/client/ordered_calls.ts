import { unlessAborted } from "./deadline.ts";
import type { OrderLine } from "./types.ts";

/**
 * Runs `work` when everything handed in before under the key has settled; rejects early with the signal's reason.
 * With `isJoint`, work whose order somebody else keeps, it waits for none of its like.
 */
export function inOrder<T>(
  lines: Map<string, OrderLine>,
  key: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  isJoint: boolean | undefined,
): Promise<T> {
  const line = lines.get(key);
  const earlier = isJoint ? line?.alone : line?.all;
  const result = earlier === undefined
    ? work()
    : unlessAborted(earlier, signal).then(work);
  // Who gave up waiting must not let later ones overtake those before it.
  const all = Promise.allSettled([line?.all, result]).then(() => {
    if (lines.get(key)?.all === all) lines.delete(key);
  });
  lines.set(key, { all, alone: isJoint ? line?.alone : all });
  return result;
}
