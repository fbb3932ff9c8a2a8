/** How long work takes, by two clocks. */
import process from "node:process";

/** Time of the process's threads, and by the clock, in ms. */
export interface Time {
  cpuMs: number;
  wallMs: number;
}

/** Measures work. */
export async function timed(work: () => Promise<unknown>): Promise<Time> {
  const { user, system } = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const wallMs = performance.now() - startMs;
  const after = process.cpuUsage();
  return {
    cpuMs: (after.user - user + after.system - system) / 1000,
    wallMs,
  };
}

/** The value that a share of the times is at most, for either clock. */
export function percentile(times: readonly Time[], share: number): Time {
  const of = (name: keyof Time) => {
    const sorted = times.map((time) => time[name]).sort((a, b) => a - b);
    return sorted[
      Math.min(times.length - 1, Math.floor(times.length * share))
    ]!;
  };
  return { cpuMs: of("cpuMs"), wallMs: of("wallMs") };
}
