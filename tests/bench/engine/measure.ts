import process from "node:process";

/** What calls have cost. */
export interface Cost {
  /** Calls made. */
  calls: number;
  /** ms that passed. */
  wallMs: number;
  /** ms that all threads of the process have computed. */
  cpuMs: number;
  /** ms that passed in each of the first calls. */
  eachMs: number[];
}

/** What one call costs, in the best of several batches: on a busy machine the others measure the neighbours. */
export interface Best {
  /** ms that pass. */
  wallMs: number;
  /** ms that the process computes. */
  cpuMs: number;
  /** ms that pass in the first calls of each batch, one by one: of all batches, busy or not. */
  eachMs?: number[];
}

/** Calls of a batch that are timed one by one. */
const TIMED_CALLS = 20;

/** Makes calls, one after another, until so much time has passed; one at least. */
export async function batch(
  call: () => Promise<unknown>,
  budgetMs: number,
): Promise<Cost> {
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  let calls = 0;
  let wallMs = 0;
  const eachMs: number[] = [];
  while (calls === 0 || wallMs < budgetMs) {
    await call();
    calls++;
    const beforeMs = wallMs;
    wallMs = performance.now() - start;
    if (calls <= TIMED_CALLS) eachMs.push(wallMs - beforeMs);
  }
  const after = process.cpuUsage();
  const cpuMs = (after.user - user + after.system - system) / 1000;
  return { calls, wallMs, cpuMs, eachMs };
}

/** The better of what is known and of a batch. */
export function better(best: Best | undefined, cost: Cost): Best {
  const wallMs = cost.wallMs / cost.calls;
  const cpuMs = cost.cpuMs / cost.calls;
  return {
    wallMs: Math.min(wallMs, best?.wallMs ?? Infinity),
    cpuMs: Math.min(cpuMs, best?.cpuMs ?? Infinity),
    eachMs: [...best?.eachMs ?? [], ...cost.eachMs],
  };
}

/** What half of some numbers are at most; undefined of none. */
export function median(numbers: readonly number[] = []): number | undefined {
  return numbers.toSorted((a, b) => a - b)[(numbers.length - 1) >> 1];
}
