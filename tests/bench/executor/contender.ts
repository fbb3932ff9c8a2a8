/** One contender in a process of its own: runs every measurement and prints what it took, as JSON. */
import { watchLoopDelay } from "../../../examples/demo/loop_delay.ts";
import { contenders } from "./contenders.ts";

/** One measurement: µs a task (or ms where the name says so), and how late the event loop was meanwhile. */
export interface Measured {
  /** Time, in the unit of the measurement. */
  value: number;
  /** Event-loop delay, in ms. */
  p50Ms: number;
  /** The same. */
  p99Ms: number;
  /** The same. */
  maxMs: number;
}

const { process } = globalThis as unknown as {
  process: { argv: string[]; exit(code: number): never };
};
const [name, folder, scaleText] = process.argv.slice(2) as [
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

async function lone(count: number, task: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const value = task();
    const start = performance.now();
    await pool.run(value);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[count >> 1]! * 1000;
}

async function inFlight(
  count: number,
  width: number,
  task: () => unknown,
): Promise<number> {
  let left = count;
  const start = performance.now();
  await Promise.all(Array.from({ length: width }, async () => {
    while (left-- > 0) await pool.run(task());
  }));
  return (performance.now() - start) * 1000 / count;
}

async function atOnce(count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, (_, at) => pool.run(at)));
  return (performance.now() - start) * 1000 / count;
}

async function moving(count: number): Promise<number> {
  let values = new Float32Array(2 * 1024 * 1024).fill(1);
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    const back = await pool.run(values, [values.buffer]) as Float32Array;
    times.push(performance.now() - start);
    values = back as Float32Array<ArrayBuffer>;
    values[0] = 1;
  }
  return times.sort((a, b) => a - b)[count >> 1]! * 1000;
}

/** Some 5 ms of work; fixed, so that all contenders do the same. */
const rounds = 4_000_000;

async function cpuTasks(count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(
    Array.from({ length: count }, () => pool.run({ rounds })),
  );
  return performance.now() - start;
}

const many = (count: number) => Math.max(4, Math.round(count * scale));
const made = objects();
let next = 0;
const anObject = () => made[next++ % made.length];
const text = "0123456789abcdef".repeat(65_536);
const floats = new Float32Array(2 * 1024 * 1024).fill(2);

const measurements: {
  name: string;
  warmUp?: () => Promise<number>;
  run: () => Promise<number>;
}[] = [
  { name: "no-op alone", run: () => lone(many(4000), () => undefined) },
  { name: "100k no-ops at once", run: () => atOnce(many(100_000)) },
  {
    name: "1000 no-ops in flight",
    run: () => inFlight(many(100_000), 1000, () => 1),
  },
  { name: "1 KiB object alone", run: () => lone(many(1500), anObject) },
  {
    name: "100 objects in flight",
    run: () => inFlight(many(10_000), 100, anObject),
  },
  { name: "1 MiB string", run: () => lone(many(60), () => text) },
  { name: "8 MiB floats copied", run: () => lone(many(16), () => floats) },
  { name: "8 MiB floats moved", run: () => moving(many(60)) },
];

const results: { [name: string]: Measured } = {
  "cold start, ms": { value: coldMs, p50Ms: 0, p99Ms: 0, maxMs: 0 },
};

async function measure(
  name: string,
  run: () => Promise<number>,
): Promise<void> {
  const stop = watchLoopDelay(1);
  const value = await run();
  results[name] = { value, ...stop() };
}

// A first pass warms the code of both sides up.
for (const { run } of measurements) await run();
for (const { name, run } of measurements) await measure(name, run);
await cpuTasks(many(40));
await measure("200 tasks of 5 ms, ms", () => cpuTasks(many(200)));
console.log(JSON.stringify(results));
await Promise.race([
  pool.close(),
  new Promise((resolve) => setTimeout(resolve, 500)),
]);
process.exit(0);
