/** What a load does to the thread that runs it, by the OS's account of threads and by a probe of the event loop. */
import { mainThreadMs } from "../thread_time.ts";

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
  /** The turns of the event loop that took most of the main thread's time, longest first. */
  turns: Turn[];
  /** When V8 had collected garbage, each time that the program asked, by the clock of {@link turns}; none elsewhere. */
  collectedMs: number[];
}

/** One turn of the event loop. */
export interface Turn {
  /** When it began and ended, in ms. */
  fromMs: number;
  toMs: number;
  /** Processor time of the main thread, in ms. */
  cpuMs: number;
}

/** Turns that are reported. */
const TURNS = 50;
/** Collections by request, to align V8's clock with ours: each may be reported late. */
const COLLECTIONS = 5;

/** Runs a load three times, as the probes take time and processor: alone, beside one probe, and beside the other. */
export async function measure(load: () => Promise<void>): Promise<Measured> {
  const cpuBefore = mainThreadMs();
  const start = performance.now();
  await load();
  const elapsedMs = performance.now() - start;
  const cpuMs = mainThreadMs() - cpuBefore;
  const delays = await probeDelays(load);
  return { elapsedMs, cpuMs, ...delays, ...await probeTurns(load) };
}

/**
 * A timer that comes late would have been late for every moment until then: each delay counts once for each look that
 * was left out, a look later each time.
 */
async function probeDelays(load: () => Promise<void>) {
  const delays: number[] = [];
  let isOver = false;
  let looked = performance.now();
  const look = () => {
    const now = performance.now();
    for (let late = now - looked - PROBE_MS; late > 0; late -= PROBE_MS) {
      delays.push(late);
    }
    if (now - looked <= PROBE_MS) delays.push(0);
    looked = now;
    if (!isOver) setTimeout(look, PROBE_MS);
  };
  setTimeout(look, PROBE_MS);
  await new Promise((done) => setTimeout(done, 20));
  delays.length = 0;
  await load();
  await new Promise((done) => setTimeout(done, 5));
  isOver = true;
  delays.sort((a, b) => a - b);
  return {
    p99Ms: delays[Math.floor(delays.length * 0.99)] ?? 0,
    maxMs: delays.at(-1) ?? 0,
  };
}

/** Looks at each turn of the event loop after the one in which the load begins: those are the host's and the client's. */
async function probeTurns(load: () => Promise<void>) {
  const turns: Turn[] = [];
  let isOver = false;
  const { gc } = globalThis as { gc?: () => void };
  const collectedMs: number[] = [];
  while (gc !== undefined && collectedMs.length < COLLECTIONS) {
    gc();
    collectedMs.push(performance.now());
  }
  let fromMs = performance.now();
  let before = mainThreadMs();
  const look = () => {
    const toMs = performance.now();
    const now = mainThreadMs();
    turns.push({ fromMs, toMs, cpuMs: now - before });
    fromMs = performance.now();
    before = mainThreadMs();
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  await new Promise((done) => setTimeout(done, 20));
  const over = load();
  await new Promise((done) => setImmediate(done));
  await new Promise((done) => setImmediate(done));
  turns.length = 0;
  await over;
  await new Promise((done) => setTimeout(done, 5));
  isOver = true;
  turns.sort((a, b) => b.cpuMs - a.cpuMs);
  return { turns: turns.slice(0, TURNS), collectedMs };
}
