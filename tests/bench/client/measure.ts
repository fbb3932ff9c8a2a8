/** What a load does to the thread that runs it, by the OS's account of threads and by a probe of the event loop. */
import { readFileSync } from "node:fs";
import process from "node:process";

/** Time between two looks of the probe, in ms. */
const PROBE_MS = 1;

/** What was measured of a load. */
export interface Measured {
  /** Time from its start to its end, in ms. */
  elapsedMs: number;
  /** Processor time of the main thread, in ms. */
  cpuMs: number;
  /** Delay of the event loop that 99 of 100 moments met at most, in ms. */
  p99Ms: number;
  /** Its longest, in ms. */
  maxMs: number;
  /** Most processor time that the main thread took between two looks of the probe, in ms. */
  heldMs: number;
}

/** Processor time of the main thread since its start, in ms, by the OS. */
function mainThreadMs(): number {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  return Number(readFileSync(path, "utf8").split(" ", 1)[0]) / 1e6;
}

/**
 * Runs a load twice: once alone, for time and processor, and once beside the probe, whose looks take some of both.
 *
 * A timer that comes late would have been late for every moment until then: each delay counts once for each look that
 * was left out, a look later each time.
 */
export async function measure(load: () => Promise<void>): Promise<Measured> {
  const cpuBefore = mainThreadMs();
  const start = performance.now();
  await load();
  const elapsedMs = performance.now() - start;
  const cpuMs = mainThreadMs() - cpuBefore;
  return { elapsedMs, cpuMs, ...await probe(load) };
}

async function probe(load: () => Promise<void>) {
  const delays: number[] = [];
  let heldMs = 0;
  let isOver = false;
  let looked = performance.now();
  let lookedCpu = mainThreadMs();
  const look = () => {
    const now = performance.now();
    const cpu = mainThreadMs();
    heldMs = Math.max(heldMs, cpu - lookedCpu);
    for (let late = now - looked - PROBE_MS; late > 0; late -= PROBE_MS) {
      delays.push(late);
    }
    if (now - looked <= PROBE_MS) delays.push(0);
    looked = now;
    lookedCpu = cpu;
    if (!isOver) setTimeout(look, PROBE_MS);
  };
  setTimeout(look, PROBE_MS);
  await new Promise((done) => setTimeout(done, 20));
  heldMs = 0;
  delays.length = 0;
  await load();
  await new Promise((done) => setTimeout(done, 5));
  isOver = true;
  delays.sort((a, b) => a - b);
  return {
    p99Ms: delays[Math.floor(delays.length * 0.99)] ?? 0,
    maxMs: delays.at(-1) ?? 0,
    heldMs,
  };
}
