import { assert, assertEquals } from "@std/assert";
import { isSmall } from "../../src/executor/wire/ring.ts";
import { SharedLane } from "../../src/executor/wire/shared_lane.ts";
import { seededFractions } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

/** Two sides of one path, as in two threads. */
function sides(): [SharedLane, SharedLane] {
  const pool = SharedLane.open()!;
  return [pool, new SharedLane(pool.memory)];
}

Deno.test("values come out of a ring in order, whatever their size, until it is full", () => {
  const seed = testSeed();
  const random = seededFractions(seed);
  const [pool, worker] = sides();
  const model: { seq: number; value: unknown }[] = [];
  let seq = 2 ** 31 - 500;
  let refused = 0;
  const next = () => seq = (seq + 1) | 0;
  for (let step = 0; step < Math.ceil(200_000 * testScale()); step++) {
    const isFilling = Math.floor(step / 500) % 2 === 0;
    if (random() < (isFilling ? 0.7 : 0.3)) {
      const dice = random();
      if (dice < 0.5) {
        const value = [undefined, null, true, false, -0, random()][step % 6];
        assert(isSmall(value));
        if (!pool.tasks.push(seq, value)) refused++;
        else {
          model.push({ seq, value });
          next();
        }
      } else {
        const text = (random() < 0.1 ? "ü😀" : "x").repeat(random() * 3000);
        const values = dice < 0.75
          ? [{ text }]
          : [{ text }, [step], null, step];
        const isArray = values.length > 1;
        const json = JSON.stringify(isArray ? values : values[0]);
        if (!pool.tasks.pushText(seq, json, isArray)) refused++;
        else {
          for (const value of values) {
            model.push({ seq, value });
            next();
          }
        }
      }
      if (random() < 0.5) pool.tasks.publish();
    } else if (worker.tasks.take()) {
      const { seq, value } = worker.tasks;
      assertEquals({ seq, value }, model.shift(), `CORTEX_TEST_SEED=${seed}`);
      if (random() < 0.5) worker.tasks.free();
    }
  }
  pool.tasks.publish();
  while (worker.tasks.take()) {
    const { seq, value } = worker.tasks;
    assertEquals({ seq, value }, model.shift(), `CORTEX_TEST_SEED=${seed}`);
  }
  assertEquals([model.length, worker.tasks.hasMore], [0, false]);
  assert(refused > 0, "it was never full");
});

Deno.test("a text that is longer than the ring is refused, and the next one goes", () => {
  const [pool, worker] = sides();
  assert(!pool.tasks.pushText(1, `"${"x".repeat(200_000)}"`, false));
  // Fits by its characters, but not by its bytes.
  assert(!pool.tasks.pushText(1, `"${"ü".repeat(100_000)}"`, false));
  assert(pool.tasks.pushText(1, '{"a":1}', false));
  pool.tasks.publish();
  assert(worker.tasks.take());
  assertEquals([worker.tasks.seq, worker.tasks.value], [1, { a: 1 }]);
});

Deno.test("the two rings of a path do not touch each other", () => {
  const [pool, worker] = sides();
  pool.tasks.pushText(5, '["tasks",1]', true);
  worker.results.pushText(9, '{"results":1}', false);
  pool.tasks.publish();
  worker.results.publish();
  assert(pool.results.take() && worker.tasks.take());
  assertEquals(pool.results.value, { results: 1 });
  assertEquals([worker.tasks.seq, worker.tasks.value], [5, "tasks"]);
  assert(worker.tasks.hasMore && worker.tasks.take());
  assertEquals([worker.tasks.seq, worker.tasks.value], [6, 1]);
  assert(!worker.tasks.hasMore && !worker.tasks.take());
});
