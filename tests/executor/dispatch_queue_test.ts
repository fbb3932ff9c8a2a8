import { assert, assertEquals } from "@std/assert";
import type { PendingTask } from "../../src/executor/pool/pending_task.ts";
import { DispatchQueue } from "../../src/executor/pool/dispatch_queue.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { taskOf } from "./pending.ts";

function task(
  id: number,
  extras?: { key?: number; worker?: number; priority?: number },
): PendingTask {
  return taskOf(id, extras && { priority: 0, attempts: 0, ...extras });
}

function take(queue: DispatchQueue, worker: number): number | undefined {
  const next = queue.shift(worker);
  if (next) next.state = "running";
  return next?.id;
}

/** Two workers that take, return, finish and give up tasks at random, and what the queue promises them. */
class Churn {
  readonly #random: Random;
  readonly #queue = new DispatchQueue();
  readonly #inside = new Map<number, PendingTask>();
  readonly #outside = new Set<PendingTask>();
  readonly #busyKeys = new Set<unknown>();
  readonly #lastOfKey = new Map<unknown, number>();
  #isUnpinned = false;

  constructor(random: Random) {
    this.#random = random;
  }

  run(steps: number): void {
    for (let at = 0; at < steps; at++) {
      const dice = this.#random.below(100);
      if (dice < 40) this.#push(at);
      else if (dice < 80) this.#take();
      else if (dice < 92) this.#finish();
      else if (dice < 97) this.#putBack();
      else this.#giveUp();
      if (at === steps >> 1 && this.#random.below(2) === 0) {
        this.#queue.unpin();
        this.#isUnpinned = true;
      }
      assertEquals(this.#queue.size, this.#inside.size);
    }
    this.#empty();
  }

  #push(id: number): void {
    const pick = (percent: number, below: number) =>
      this.#random.below(100) < percent ? this.#random.below(below) : undefined;
    const next = this.#random.below(3) === 0 ? task(id) : task(id, {
      key: pick(40, 4),
      worker: pick(40, 2),
      priority: (pick(40, 5) ?? 2) - 2,
    });
    this.#queue.push(next);
    this.#inside.set(id, next);
  }

  #take(): void {
    const worker = this.#random.below(2);
    const next = this.#queue.shift(worker);
    if (!next) return;
    next.state = "running";
    assert(this.#inside.delete(next.id), `task ${next.id} came twice`);
    const { key, worker: own } = next.extras ?? {};
    assert(
      this.#isUnpinned || own === undefined || own === worker,
      "another worker's task",
    );
    if (key !== undefined) {
      assert(!this.#busyKeys.has(key), "two tasks of a key at once");
      assert(next.id >= (this.#lastOfKey.get(key) ?? -1), "a key's order");
      this.#busyKeys.add(key);
      this.#lastOfKey.set(key, next.id);
    }
    this.#outside.add(next);
  }

  #finish(): void {
    const next = this.#oldestOutside();
    if (!next) return;
    next.state = "settled";
    this.#queue.release(next);
  }

  #putBack(): void {
    const next = this.#oldestOutside();
    if (!next) return;
    next.state = "waiting";
    this.#queue.putBack(next);
    this.#inside.set(next.id, next);
  }

  #oldestOutside(): PendingTask | undefined {
    const [next] = this.#outside;
    if (!next) return undefined;
    this.#outside.delete(next);
    if (next.extras?.key !== undefined) this.#busyKeys.delete(next.extras.key);
    return next;
  }

  #giveUp(): void {
    const { size } = this.#inside;
    if (size === 0) return;
    const next = [...this.#inside.values()][this.#random.below(size)]!;
    this.#inside.delete(next.id);
    next.state = "settled";
    this.#queue.remove(next);
  }

  /** Finishes what is outside, after which everything else must come out. */
  #empty(): void {
    for (const next of this.#outside) this.#queue.release(next);
    for (let worker = 0; worker < 2;) {
      const next = this.#queue.shift(worker);
      if (!next) {
        worker++;
        continue;
      }
      next.state = "settled";
      assert(this.#inside.delete(next.id));
      this.#queue.release(next);
      worker = 0;
    }
    const { size, free } = this.#queue;
    assertEquals([this.#inside.size, size, free], [0, 0, 0]);
  }
}

Deno.test("whatever happens to waiting tasks, each comes out once, in its key's order", () =>
  withSeed(testSeed(), (random) => {
    const rounds = Math.ceil(200 * testScale());
    for (let round = 0; round < rounds; round++) new Churn(random).run(2000);
  }));

Deno.test("a worker's own tasks go before others of their priority only if they are older", () => {
  const queue = new DispatchQueue();
  queue.push(task(0));
  queue.push(task(1, { worker: 1 }));
  queue.push(task(2, { worker: 1, priority: -1 }));
  queue.push(task(3, { priority: 1 }));
  assertEquals([1, 1, 1, 1].map((worker) => take(queue, worker)), [3, 0, 1, 2]);
});

Deno.test("every eighth turn is that of the oldest task", () => {
  const queue = new DispatchQueue();
  queue.push(task(0, { priority: -5 }));
  for (let at = 1; at <= 16; at++) {
    queue.push(task(at, { priority: 5, worker: 0 }));
  }
  const order = Array.from({ length: 8 }, () => take(queue, 0));
  assertEquals(order, [1, 2, 3, 4, 5, 6, 7, 0]);
});

Deno.test("the oldest task of each of two workers that take turns has its turn", () => {
  const queue = new DispatchQueue();
  for (const worker of [0, 1]) {
    queue.push(task(worker, { worker, priority: -5 }));
    for (let at = 2; at <= 40; at++) {
      queue.push(task(at * 2 + worker, { worker, priority: 5 }));
    }
  }
  const order = Array.from({ length: 16 }, (_, at) => take(queue, at % 2));
  assertEquals(order.slice(14), [0, 1]);
});
