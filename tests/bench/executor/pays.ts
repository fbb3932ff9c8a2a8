/**
 * When does a worker pay? The same tasks called directly, one after another in a worker, and all at once in two, with
 * how long this thread was held up. `deno task setup && deno run -A tests/bench/executor/pays.ts`
 */
import { watchLoopDelay } from "../../../examples/demo/loop_delay.ts";
import { createExecutor } from "../../../src/executor/mod.ts";
import type { TaskContext } from "../../../src/executor/types.ts";

/** A number: this many rounds of work. A pair: the same, and a value to return. */
type Task = number | [rounds: number, value: unknown];

function handle(task: unknown, context?: TaskContext): unknown {
  const [rounds, value] = typeof task === "number"
    ? [task, 1]
    : task as [number, unknown];
  let hash = 7;
  for (let i = 0; i < rounds; i++) hash = Math.imul(hash ^ i, 0x01000193);
  // The first element says whether the bytes are to move back.
  if (value instanceof Float32Array && value[0] === 1) {
    context?.transfer(value.buffer);
  }
  return hash === 0.5 ? hash : value;
}

/** Of some tries the one that was held up least. */
function roundsPerUs(): number {
  const rounds = 200_000;
  let leastMs = Infinity;
  for (let attempt = 0; attempt < 100; attempt++) {
    const start = performance.now();
    handle(rounds);
    leastMs = Math.min(leastMs, performance.now() - start);
  }
  return rounds / (leastMs * 1000);
}

const speed = roundsPerUs();
const us = (time: number) => Math.round(time * speed);
const object = {
  name: "customer",
  tags: ["a", "b", "c", "d"],
  orders: Array.from({ length: 22 }, (_, at) => ({
    sku: `item-${at}`,
    price: at * 1.5,
    paid: at % 2 === 0,
  })),
};
const floats = (first: number) => {
  const values = new Float32Array(2 * 1024 * 1024);
  values[0] = first;
  return values;
};

const rows: { name: string; count: number; task: () => Task }[] = [
  { name: "nothing to do", count: 20_000, task: () => 0 },
  { name: "10 µs of work", count: 5000, task: () => us(10) },
  { name: "100 µs", count: 1000, task: () => us(100) },
  { name: "1 ms", count: 100, task: () => us(1000) },
  { name: "5 ms", count: 40, task: () => us(5000) },
  { name: "object of 1 KiB", count: 2000, task: () => [0, { ...object }] },
  {
    name: "object of 1 KiB, 100 µs",
    count: 1000,
    task: () => [us(100), { ...object }],
  },
  {
    name: "string of 1 MiB",
    count: 40,
    task: () => [0, "0123456789abcdef".repeat(65_536)],
  },
  { name: "8 MiB copied", count: 16, task: () => [0, floats(0)] },
  { name: "8 MiB moved", count: 16, task: () => [0, floats(1)] },
];

const executor = createExecutor({ handler: handle, maxWorkers: 2 });

function run(task: Task): Promise<unknown> {
  const value = typeof task === "number" ? undefined : task[1];
  const moves = value instanceof Float32Array && value[0] === 1;
  return moves
    ? executor.run(task, { transfer: [value.buffer] })
    : executor.run(task);
}

/** The least of some passes, so that what else the machine does counts as little as can be. */
const passes = 5;

/** µs a task, and the longest time that this thread was held up, in ms. */
async function measure(
  make: () => Task[],
  all: (tasks: Task[]) => void | Promise<unknown>,
): Promise<{ us: number; heldMs: number }> {
  const least = { us: Infinity, heldMs: Infinity };
  for (let pass = 0; pass < passes; pass++) {
    const tasks = make();
    // What making them left to do must not count.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const stop = watchLoopDelay(1);
    const start = performance.now();
    await all(tasks);
    const ms = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 2));
    least.us = Math.min(least.us, ms * 1000 / tasks.length);
    least.heldMs = Math.min(least.heldMs, stop().maxMs);
  }
  return least;
}

const show = (value: number) => value.toFixed(value < 10 ? 1 : 0);
console.log(
  "| task | here, µs | one at a time, µs | all at once in two workers, µs | thread held up: here / workers, ms | pays |",
);
console.log("| --- | ---: | ---: | ---: | ---: | --- |");
for (const { name, count, task } of rows) {
  const make = () => Array.from({ length: count }, task);
  const atOnce = (tasks: Task[]) => Promise.all(tasks.map(run));
  const oneByOne = async (tasks: Task[]) => {
    for (const task of tasks) await run(task);
  };
  await atOnce(make());
  const here = await measure(
    make,
    (tasks) => tasks.forEach((task) => handle(task)),
  );
  const alone = await measure(make, oneByOne);
  const both = await measure(make, atOnce);
  const faster = both.us < here.us;
  const freer = both.heldMs < here.heldMs / 2 && here.heldMs > 5;
  const verdict = faster ? "yes" : freer ? "for a free thread" : "no";
  console.log(
    `| ${name} | ${show(here.us)} | ${show(alone.us)} | ${show(both.us)} | ${
      show(here.heldMs)
    } / ${show(both.heldMs)} | ${verdict} |`,
  );
}
await executor.close();
