import { assert, assertEquals } from "@std/assert";
import { Delivery } from "../../src/executor/pool/delivery.ts";
import { FlushSchedule } from "../../src/executor/pool/flush_schedule.ts";
import { ResultPoller } from "../../src/executor/pool/result_poller.ts";
import { BatchSize } from "../../src/executor/pool/batch_size.ts";
import { SharedLane } from "../../src/executor/wire/shared_lane.ts";

/** Far more than fit into a turn. */
const MANY = 1_000_000;

/** Resolves when a timer had its turn. */
const aTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("timers have their turn while results in shared memory bring more results", async () => {
  const lane = SharedLane.open()!;
  const results = new SharedLane(lane.memory).results;
  let drained = 0;
  let isOver = false;
  const bring = () => {
    if (isOver || drained === MANY) return;
    results.push(1, 1);
    results.publish();
    poller.sent(performance.now(), false, false, "small");
  };
  const delivery = new Delivery({ settle: () => drained++, fail: () => {} });
  const poller = new ResultPoller(
    lane,
    () =>
      delivery.drain(lane.results, () => {
        // Who waits for a result asks for the next one in a microtask.
        Promise.resolve().then(bring);
      }),
  );
  bring();
  await aTurn();
  isOver = true;
  assert(drained > 0 && drained < MANY, `${drained} results`);
  poller.stop();
});

Deno.test("results are not handed out while others are", () => {
  const lane = SharedLane.open()!;
  const results = new SharedLane(lane.memory).results;
  const order: number[] = [];
  const delivery = new Delivery({
    settle: (seq) => order.push(seq),
    fail: () => {},
  });
  for (let seq = 0; seq < 200; seq++) results.push(seq, seq);
  results.publish();
  const within: boolean[] = [];
  const drain = (): boolean =>
    delivery.drain(lane.results, () => within.push(drain()));
  while (drain());
  assertEquals(order, Array.from({ length: 200 }, (_, seq) => seq));
  assertEquals(within, [false, false]);
});

Deno.test("timers have their turn while tasks leave whenever there is room", async () => {
  let left = 0;
  let isOver = false;
  const schedule = new FlushSchedule(() => {
    schedule.flushed();
    left++;
    if (isOver || left === MANY) return;
    Promise.resolve().then(() => schedule.roomFreed());
  }, { waiting: () => 1000, inFlight: () => 1000 });
  schedule.schedule();
  await aTurn();
  isOver = true;
  assert(left > 0 && left < MANY, `left ${left} times`);
  await aTurn();
});

Deno.test("fewer tasks go at once when they take long", () => {
  const batchSize = new BatchSize();
  const first = batchSize.max;
  // They may have been held up, or their code be new.
  for (let round = 0; round < 2; round++) batchSize.record(first, first * 0.1);
  assertEquals(batchSize.max, first);
  batchSize.record(first, first * 0.1);
  assertEquals(batchSize.max, 10);
  for (let round = 0; round < 20; round++) batchSize.record(4, 0.0001);
  assertEquals(batchSize.max, 1024);
  batchSize.record(1, 50);
  assertEquals(batchSize.max, 1024);
  batchSize.record(1, 50);
  assertEquals(batchSize.max, first);
  batchSize.record(1, 50);
  assertEquals(batchSize.max, 1);
});

Deno.test("code that is new does not part a burst", () => {
  // As measured on Bun: results of a hundred tasks in two messages, and the next hundred.
  const batchSize = new BatchSize();
  batchSize.record(36, 0.417);
  batchSize.record(64, 0.673);
  assert(batchSize.max >= 100, `${batchSize.max}`);
});
