import { assert, assertEquals } from "@std/assert";
import { Delivery } from "../../src/executor/pool/delivery.ts";
import { Departure } from "../../src/executor/pool/departure.ts";
import { LaneWatch } from "../../src/executor/pool/lane_watch.ts";
import { Pace } from "../../src/executor/pool/pace.ts";
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
    watch.sent(performance.now(), false, false, "small");
  };
  const delivery = new Delivery({ settle: () => drained++, fail: () => {} });
  const watch = new LaneWatch(lane, () =>
    delivery.drain(lane.results, () => {
      // Who waits for a result asks for the next one in a microtask.
      Promise.resolve().then(bring);
    }));
  bring();
  await aTurn();
  isOver = true;
  assert(drained > 0 && drained < MANY, `${drained} results`);
  watch.stop();
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
  const departure = new Departure(() => {
    departure.left();
    left++;
    if (isOver || left === MANY) return;
    Promise.resolve().then(() => departure.hasRoom());
  }, { waiting: () => 1000, inFlight: () => 1000 });
  departure.schedule();
  await aTurn();
  isOver = true;
  assert(left > 0 && left < MANY, `left ${left} times`);
  await aTurn();
});

Deno.test("fewer tasks go at once when they take long", () => {
  const pace = new Pace();
  const first = pace.most;
  // They may have been held up, or their code be new.
  for (let round = 0; round < 2; round++) pace.took(first, first * 0.1);
  assertEquals(pace.most, first);
  pace.took(first, first * 0.1);
  assertEquals(pace.most, 10);
  for (let round = 0; round < 20; round++) pace.took(4, 0.0001);
  assertEquals(pace.most, 1024);
  pace.took(1, 50);
  assertEquals(pace.most, 1024);
  pace.took(1, 50);
  assertEquals(pace.most, first);
  pace.took(1, 50);
  assertEquals(pace.most, 1);
});

Deno.test("code that is new does not part a burst", () => {
  // As measured on Bun: results of a hundred tasks in two messages, and the next hundred.
  const pace = new Pace();
  pace.took(36, 0.417);
  pace.took(64, 0.673);
  assert(pace.most >= 100, `${pace.most}`);
});
