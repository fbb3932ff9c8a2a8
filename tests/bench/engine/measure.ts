import process from "node:process";

/** What calls have cost. */
export interface Cost {
  /** Calls made. */
  calls: number;
  /** ms that passed. */
  wallMs: number;
  /** ms that all threads of the process have computed. */
  cpuMs: number;
}

/** What one call costs, in the best of several batches: on a busy machine the others measure the neighbours. */
export interface Best {
  /** ms that pass. */
  wallMs: number;
  /** ms that the process computes. */
  cpuMs: number;
}

/** Makes calls, one after another, until so much time has passed; one at least. */
export async function batch(
  call: () => Promise<unknown>,
  budgetMs: number,
): Promise<Cost> {
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  let calls = 0;
  let wallMs = 0;
  while (calls === 0 || wallMs < budgetMs) {
    await call();
    calls++;
    wallMs = performance.now() - start;
  }
  const after = process.cpuUsage();
  const cpuMs = (after.user - user + after.system - system) / 1000;
  return { calls, wallMs, cpuMs };
}

/** The better of what is known and of a batch. */
export function better(best: Best | undefined, cost: Cost): Best {
  const wallMs = cost.wallMs / cost.calls;
  const cpuMs = cost.cpuMs / cost.calls;
  return {
    wallMs: Math.min(wallMs, best?.wallMs ?? Infinity),
    cpuMs: Math.min(cpuMs, best?.cpuMs ?? Infinity),
  };
}
