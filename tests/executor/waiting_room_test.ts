import { assert, assertEquals } from "@std/assert";
import { PendingTask } from "../../src/executor/pool/pending_task.ts";
import { WaitingRoom } from "../../src/executor/pool/waiting_room.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

function task(
  id: number,
  extras?: { key?: number; worker?: number; priority?: number },
): PendingTask {
  const all = extras && { priority: 0, attempts: 0, ...extras };
  return new PendingTask(id, id, 0, undefined, all, () => {}, () => {});
}

function take(room: WaitingRoom, worker: number): number | undefined {
  const next = room.shift(worker);
  if (next) next.state = "running";
  return next?.id;
}

/** Two workers take, give back, end and give up tasks at random; whatever they do, the room's promises hold. */
function churn(random: Random, steps: number): void {
  const room = new WaitingRoom();
  const inside = new Map<number, PendingTask>();
  const outside = new Set<PendingTask>();
  const busy = new Set<unknown>();
  const lastOfKey = new Map<unknown, number>();
  let isUnpinned = false;
  for (let at = 0; at < steps; at++) {
    const dice = random.below(100);
    if (dice < 40) {
      const pick = (part: number, below: number) =>
        random.below(100) < part ? random.below(below) : undefined;
      const next = random.below(3) === 0 ? task(at) : task(at, {
        key: pick(40, 4),
        worker: pick(40, 2),
        priority: (pick(40, 5) ?? 2) - 2,
      });
      room.push(next);
      inside.set(at, next);
    } else if (dice < 80) {
      const worker = random.below(2);
      const next = room.shift(worker);
      if (!next) continue;
      next.state = "running";
      assert(inside.delete(next.id), `task ${next.id} came twice`);
      const { key, worker: own } = next.extras ?? {};
      assert(
        isUnpinned || own === undefined || own === worker,
        "another worker's task",
      );
      if (key !== undefined) {
        assert(!busy.has(key), "two tasks of a key at once");
        assert(next.id >= (lastOfKey.get(key) ?? -1), "a key's order");
        busy.add(key);
        lastOfKey.set(key, next.id);
      }
      outside.add(next);
    } else if (dice < 97) {
      const [next] = outside;
      if (!next) continue;
      outside.delete(next);
      if (next.extras?.key !== undefined) busy.delete(next.extras.key);
      if (dice < 92) {
        next.state = "settled";
        room.leave(next);
      } else {
        next.state = "waiting";
        room.putBack(next);
        inside.set(next.id, next);
      }
    } else if (inside.size > 0) {
      const next = [...inside.values()][random.below(inside.size)]!;
      inside.delete(next.id);
      next.state = "settled";
      room.remove(next);
    }
    if (at === steps >> 1 && random.below(2) === 0) {
      room.unpin();
      isUnpinned = true;
    }
    assertEquals(room.size, inside.size);
  }
  // What is out comes to its end, and then all the others come out.
  for (const next of outside) room.leave(next);
  for (let idle = 0; idle < 2;) {
    const next = room.shift(idle) ?? undefined;
    if (!next) {
      idle++;
      continue;
    }
    next.state = "settled";
    assert(inside.delete(next.id));
    room.leave(next);
    idle = 0;
  }
  assertEquals([inside.size, room.size, room.free], [0, 0, 0]);
}

Deno.test("whatever happens to waiting tasks, each comes out once, in its key's order", () =>
  withSeed(testSeed(), (random) => {
    const rounds = Math.ceil(200 * testScale());
    for (let round = 0; round < rounds; round++) churn(random, 2000);
  }));

Deno.test("a worker's own tasks go before others of their priority only if they are older", () => {
  const room = new WaitingRoom();
  room.push(task(0));
  room.push(task(1, { worker: 1 }));
  room.push(task(2, { worker: 1, priority: -1 }));
  room.push(task(3, { priority: 1 }));
  assertEquals([1, 1, 1, 1].map((worker) => take(room, worker)), [3, 0, 1, 2]);
});

Deno.test("every eighth turn is that of the oldest task", () => {
  const room = new WaitingRoom();
  room.push(task(0, { priority: -5 }));
  for (let at = 1; at <= 16; at++) {
    room.push(task(at, { priority: 5, worker: 0 }));
  }
  const order = Array.from({ length: 8 }, () => take(room, 0));
  assertEquals(order, [1, 2, 3, 4, 5, 6, 7, 0]);
});

Deno.test("the oldest task of each of two workers that take turns has its turn", () => {
  const room = new WaitingRoom();
  for (const worker of [0, 1]) {
    room.push(task(worker, { worker, priority: -5 }));
    for (let at = 2; at <= 40; at++) {
      room.push(task(at * 2 + worker, { worker, priority: 5 }));
    }
  }
  const order = Array.from({ length: 16 }, (_, at) => take(room, at % 2));
  assertEquals(order.slice(14), [0, 1]);
});
