/** One contender in a process of its own: runs every measurement and prints what it took, as JSON. */
import { contenders } from "./contenders.ts";
import { type ArrivalDelay, watchArrivals } from "./loop_delay.ts";
import { workRounds } from "./tasks.ts";
import { mainThreadMs } from "../thread_time.ts";

/** One measurement: µs a task (or ms where the name says so), and what the event loop let others wait meanwhile. */
export interface Measured extends ArrivalDelay {
  /** Time, in the unit of the measurement. */
  value: number;
  /** As `p99Ms`, but of what the thread itself has run; on Linux only. */
  ownP99Ms?: number | undefined;
}

const { process } = globalThis as unknown as {
  process: { argv: string[]; exit(code: number): never };
};
const [name, folder, scaleText, wanted] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const scale = Number(scaleText);
const startMs = performance.now();
const pool = await contenders[name]!((module) => import(module), folder);
await pool.run(1);
const coldMs = performance.now() - startMs;

/** 869 bytes as JSON, each a separate object. */
function objects(): object[] {
  return Array.from({ length: 256 }, (_, at) => ({
    id: at,
    name: `customer ${at}`,
    tags: ["a", "b", "c", "d"],
    address: { street: "x".repeat(60), city: "Lisbon", zip: [1000, 205] },
    orders: Array.from({ length: 12 }, (_, n) => ({
      sku: `item-${n}-${at}`,
      price: n * 1.5,
      paid: n % 2 === 0,
    })),
  }));
}

/** A load: runs until `isOver`, and gives what a task took, in µs. */
type Load = (isOver: () => boolean) => Promise<number>;

/** Fewest samples of a median; the first pass makes do with one. */
let leastSamples = 1;

/** Repeats something and gives the median of what it took, in µs. */
async function repeat(
  isOver: () => boolean,
  once: () => Promise<number>,
): Promise<number> {
  const times: number[] = [];
  while (!isOver() || times.length < leastSamples) times.push(await once());
  return times.sort((a, b) => a - b)[times.length >> 1]! * 1000;
}

function lone(task: () => unknown): Load {
  return (isOver) =>
    repeat(isOver, async () => {
      const value = task();
      const start = performance.now();
      await pool.run(value);
      return performance.now() - start;
    });
}

function inFlight(width: number, task: () => unknown): Load {
  return async (isOver) => {
    let count = 0;
    const start = performance.now();
    await Promise.all(Array.from({ length: width }, async () => {
      do {
        await pool.run(task());
        count++;
      } while (!isOver());
    }));
    return (performance.now() - start) * 1000 / count;
  };
}

/** One burst. */
function atOnce(count: number): Load {
  return async () => {
    const start = performance.now();
    await Promise.all(Array.from({ length: count }, (_, at) => pool.run(at)));
    return (performance.now() - start) * 1000 / count;
  };
}

function moving(): Load {
  let values = new Float32Array(2 * 1024 * 1024).fill(1);
  return (isOver) =>
    repeat(isOver, async () => {
      const start = performance.now();
      const back = await pool.run(values, [values.buffer]) as Float32Array;
      const ms = performance.now() - start;
      values = back as Float32Array<ArrayBuffer>;
      values[0] = 1;
      return ms;
    });
}

async function cpuTasks(count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: count }, () => pool.run({ rounds: workRounds })),
  );
  return performance.now() - start;
}

const made = objects();
let next = 0;
const anObject = () => made[next++ % made.length];
const text = "0123456789abcdef".repeat(65_536);
const floats = new Float32Array(2 * 1024 * 1024).fill(2);

/** Each lasts for the same time, however many tasks a contender gets done in it. */
const loads: { [name: string]: Load } = {
  "no-op alone": lone(() => undefined),
  "100k no-ops at once": atOnce(100_000),
  "1000 no-ops in flight": inFlight(1000, () => 1),
  "1 KiB object alone": lone(anObject),
  "100 objects in flight": inFlight(100, anObject),
  "1 MiB string": lone(() => text),
  "8 MiB floats copied": lone(() => floats),
  "8 MiB floats moved": moving(),
};
const LOAD_MS = 150 * scale;
/**
 * A first pass as long warms the code of both sides up. A lone task of ours on Node 20, which has one compiler less,
 * takes 30 µs at first and 6 µs after some 5000 of them.
 */
const WARM_UP_MS = LOAD_MS;

const threadMs = threadTime();
const results: { [name: string]: Measured } = {
  "cold start, ms": { value: coldMs, p50Ms: 0, p99Ms: 0, maxMs: 0 },
};

/** Measures a load, then once more beside a look at the thread's own time, which takes some itself. */
async function measure(
  name: string,
  watchMs: number,
  run: () => Promise<number>,
): Promise<void> {
  const { value, delay } = await watch(watchMs, run);
  const own = threadMs && await watch(watchMs, run, threadMs);
  results[name] = { value, ...delay, ownP99Ms: own?.delay.p99Ms };
}

/** Runs a load, and watches the event loop for a fixed time: the same for those that are done sooner and later. */
async function watch(
  watchMs: number,
  run: () => Promise<number>,
  threadMs?: () => number,
): Promise<{ value: number; delay: ArrivalDelay }> {
  const stop = watchArrivals(threadMs);
  const watched = new Promise<ArrivalDelay>((resolve) =>
    setTimeout(() => resolve(stop()), watchMs)
  );
  const value = await run();
  return { value, delay: await watched };
}

function threadTime(): typeof mainThreadMs | undefined {
  try {
    mainThreadMs();
    return mainThreadMs;
  } catch {
    return undefined;
  }
}

async function runFor(load: Load, ms: number): Promise<number> {
  let isOver = false;
  // Cheaper than to look at the clock after each task. No contender starves timers for long.
  const timer = setTimeout(() => isOver = true, ms);
  try {
    return await load(() => isOver);
  } finally {
    clearTimeout(timer);
  }
}

await pool.run(1);
const chosen = Object.entries(loads)
  .filter(([name]) => name.includes(wanted));
for (const [name, load] of chosen) {
  const warmUp = name.includes("at once") ? atOnce(2000) : load;
  await runFor(warmUp, WARM_UP_MS);
}
leastSamples = 3;
for (const [name, load] of chosen) {
  await measure(name, LOAD_MS, () => runFor(load, LOAD_MS));
}
const cpuName = "200 tasks of 5 ms, ms";
if (cpuName.includes(wanted)) {
  await cpuTasks(20);
  await measure(cpuName, 500, () => cpuTasks(200));
}
console.log(JSON.stringify(results));
await Promise.race([
  pool.close(),
  new Promise((resolve) => setTimeout(resolve, 200)),
]);
process.exit(0);
