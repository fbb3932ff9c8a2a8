import type { Measured } from "./measure.ts";

/** What held the event loop longest. */
export interface Held {
  /** Most processor time of the main thread in one turn, in ms. */
  turnMs: number;
  /** The same without the host's garbage collection; `undefined` where the host does not report it. */
  ownMs: number | undefined;
}

/** V8's line about a collection: its isolate, when it ended, how long it took and why it was. */
const COLLECTION =
  /\[\d+:(0x[0-9a-f]+)(?::\d+)?\]\s+(\d+) ms: .*?, ([\d.]+) \/ [\d.]+ ms(.*)/g;

/**
 * Takes from each turn's time what V8's `--trace-gc` says was its collection. The pauses are by the clock on the wall:
 * of the processor they are taken to have had the share that the whole turn had.
 */
export function held(
  { turns, collectedMs }: Measured,
  output: string,
): Held {
  const turnMs = turns[0]?.cpuMs ?? 0;
  // The program's own line comes where V8's buffer was full: within one of V8's.
  const lines = output.replace(/\nMEASURED .*\n/, "");
  const collections = [...lines.matchAll(COLLECTION)];
  const isolate = collections.findLast(isAsked)?.[1];
  const asked = collections.filter((one) => one[1] === isolate && isAsked(one));
  if (isolate === undefined) return { turnMs, ownMs: undefined };
  const offsetMs = Math.min(
    ...asked.slice(-collectedMs.length).map(([, , endMs], at) =>
      collectedMs[at]! - Number(endMs)
    ),
  );
  const own = turns.map(({ fromMs, toMs, cpuMs }) => {
    const pauses = collections.filter(([, which, endMs]) => {
      const at = Number(endMs) + offsetMs;
      // V8 cuts its times to whole ms.
      return which === isolate && at > fromMs - 1 && at < toMs + 1;
    });
    const pausedMs = pauses.reduce(
      (ms, [, , , pause]) => ms + Number(pause),
      0,
    );
    return cpuMs * (1 - pausedMs / (toMs - fromMs));
  });
  return { turnMs, ownMs: Math.max(0, ...own) };
}

function isAsked([, , , , why]: RegExpExecArray): boolean {
  return why!.includes("testing");
}
