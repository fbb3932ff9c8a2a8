import { assert, assertEquals } from "@std/assert";
import type { PendingTask } from "../../src/executor/pool/pending_task.ts";
import { TaskQueue } from "../../src/executor/pool/task_queue.ts";
import { chaos } from "../../src/testing/executor/chaos.ts";
import {
  seededFractions,
  seededRandom,
} from "../../src/testing/support/random.ts";
import { deno, pathOf } from "../../tools/command.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { taskOf } from "./pending.ts";

const scale = testScale();
const seed = testSeed();

/** Names the seed of a failure, by which it can be replayed. */
async function seeded(test: () => void | Promise<void>): Promise<void> {
  try {
    await test();
  } catch (cause) {
    throw new Error(`replay with CORTEX_TEST_SEED=${seed}: ${cause}`, {
      cause,
    });
  }
}

for (const kind of ["inline", "web-worker"] as const) {
  Deno.test({
    name: `whatever happens to tasks, each settles once (${kind})`,
    // Signals made by AbortSignal.timeout outlive the test by some milliseconds.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      seeded(() => chaos(kind, Math.ceil(100_000 * scale), seededRandom(seed))),
  });
}

Deno.test("executors opened and closed leave nothing behind", async () => {
  const perRound = Math.ceil(20 * scale);
  // In a process of its own: the memory of this one is other tests', too.
  const { code, stdout, stderr } = await deno([
    "run",
    "-A",
    pathOf("tests/executor/leak_process.ts"),
    `${perRound}`,
  ], { quiet: true });
  assertEquals(code, 0, stderr);
  const memory: number[] = JSON.parse(stdout);
  // A worker takes 8 MB; what the first rounds took is used again, sooner or later.
  const grown = Math.min(...memory.slice(-3)) - memory[1]!;
  assert(grown < 2 * perRound + 20, `memory grew by ${grown} MB: ${memory}`);
});

Deno.test("the queue is first in, first out, whatever is taken out of it", () =>
  seeded(() => {
    const random = seededFractions(seed);
    const queue = new TaskQueue();
    let model: PendingTask[] = [];
    for (let at = 0; at < Math.ceil(200_000 * scale); at++) {
      const dice = random();
      // Grows and shrinks in turns, so that both ends are met.
      const growing = Math.floor(at / 4000) % 2 === 0;
      if (dice < (growing ? 0.6 : 0.2)) {
        const task = taskOf(at);
        queue.push(task);
        model.push(task);
      } else if (dice < (growing ? 0.7 : 0.5)) {
        const task = queue.shift();
        assert(task === model.shift(), `wrong task at step ${at}`);
        if (task) task.state = "running";
      } else if (model.length > 0) {
        const task = model[Math.floor(random() * model.length)]!;
        task.state = "settled";
        queue.remove(task);
        model = model.filter((other) => other !== task);
      }
      assertEquals(queue.size, model.length);
    }
  }));
