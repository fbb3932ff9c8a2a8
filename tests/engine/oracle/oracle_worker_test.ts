import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../../src/client/async_convex_client.ts";
import { ExecutorConnection } from "../../../src/client/sources/executor_connection.ts";
import { createModuleHandler } from "../../../src/client/sources/module_handler.ts";
import { moduleWorkerCode } from "../../../src/client/sources/module_worker_from_task_setup.gen.ts";
import { createExecutor } from "../../../src/executor/executor.ts";
import { seededRandom } from "../../../src/testing/support/random.ts";
import { testScale, testSeed } from "../../support/test_env.ts";
import { assertAgrees, pages } from "./oracle_check.ts";
import { NaiveModel } from "./oracle_model.ts";
import {
  groups,
  randomRange,
  randomStep,
  randomVector,
} from "./oracle_random.ts";

const CLIENT = new URL("./oracle_client.ts", import.meta.url);

/** Turns of one life of the engines: after some hundreds a collected text search is too large for Convex's limit. */
const LIFE = 200;

Deno.test("oracle: an engine on this thread, one in a worker and a naive model agree on random transactions", async () => {
  const seed = testSeed();
  const turns = Math.ceil(600 * testScale());
  console.log(`seed ${seed}, ${turns} turns`);
  for (let done = 0; done < turns; done += LIFE) {
    await live(seed + done, Math.min(LIFE, turns - done));
  }
});

async function live(seed: number, turns: number): Promise<void> {
  const random = seededRandom(seed);
  const model = new NaiveModel();
  const clients = (["inline", "web-worker"] as const).map((kind) =>
    new AsyncConvexClient({
      open: () => {
        const start = () =>
          createExecutor({
            worker: { code: moduleWorkerCode },
            inline: () => createModuleHandler,
            init: { url: CLIENT.href, config: { seed } },
            stateful: true,
            kinds: [kind],
          });
        return new ExecutorConnection(start, true);
      },
    })
  );
  const tags = { next: 0 };
  try {
    for (let turn = 0; turn < turns; turn++) {
      const note = `seed ${seed}, turn ${turn}`;
      const scripts = Array.from({ length: 1 + random.below(4) }, () => ({
        steps: Array.from(
          { length: 1 + random.below(8) },
          () => randomStep(random, tags, 0),
        ),
        fail: random.below(6) === 0,
      }));
      const expected = scripts.map(({ steps, fail }) => model.run(steps, fail));
      const range = randomRange(random);
      const vector = randomVector(random);
      const group = random.below(2) === 0 ? random.pick(groups) : undefined;
      const nearest = group === undefined ? { vector } : { vector, group };
      const raw: unknown[] = [];
      for (const client of clients) {
        const results: unknown[] = [];
        for (const script of scripts) {
          results.push(
            await client.mutation("oracle:script", script).catch(
              (error: Error) => {
                assert(error.message.includes("rolled back"), error.stack);
              },
            ),
          );
        }
        results.forEach((result, at) =>
          assertAgrees(result, expected[at], note)
        );
        const found = await client.action("oracle:nearest", nearest);
        assertAgrees(found, model.nearest(vector, group), note);
        assertEquals(await pages(client, range, 3), model.range(range), note);
        raw.push([results, found]);
      }
      // Also where the model leaves the order open.
      assertEquals(raw[1], raw[0], note);
    }
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
