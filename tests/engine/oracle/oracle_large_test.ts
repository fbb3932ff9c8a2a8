import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import {
  type Random,
  seededRandom,
} from "../../../src/testing/support/random.ts";
import { testScale, testSeed } from "../../support/test_env.ts";
import { modules, schema } from "./oracle_backend.ts";
import { assertAgrees, pages } from "./oracle_check.ts";
import { NaiveModel, type Step } from "./oracle_model.ts";
import {
  groups,
  randomRange,
  randomStep,
  randomVector,
} from "./oracle_random.ts";

/** As many that what is kept for few gives way to what is kept for many, everywhere. */
const DOCUMENTS = 1500;

Deno.test("oracle: with more than a thousand documents, half of them deleted and written again, too", async () => {
  const seed = testSeed();
  const turns = Math.ceil(200 * testScale());
  console.log(`seed ${seed}, ${turns} turns`);
  const random = seededRandom(seed);
  const model = new NaiveModel();
  const stores = [openMemoryStore(), openSqliteStore({ path: ":memory:" })];
  const engines = stores.map((store) => {
    let now = 1_700_000_000_000;
    return openEngine({
      schema,
      modules,
      store,
      now: () => now += 1,
      limits: { searchCandidates: 100_000 },
    });
  });
  const tags = { next: 0 };
  const agree = async (steps: Step[], note: string) => {
    const expected = model.run(steps, false);
    for (const engine of engines) {
      assertAgrees(
        await engine.mutation("oracle:script", { steps, fail: false }),
        expected,
        note,
      );
    }
  };
  const insert = (count: number) =>
    agree(take(random, tags, "insert", count), `seed ${seed}, inserting`);
  try {
    await insert(DOCUMENTS);
    for (let turn = 0; turn < turns; turn++) {
      const note = `seed ${seed}, turn ${turn}`;
      if (turn % 10 === 5) {
        await agree(
          Array.from(
            { length: DOCUMENTS / 2 },
            () => ({ op: "delete", tag: random.below(tags.next) } as const),
          ),
          `${note}, deleting`,
        );
        await insert(DOCUMENTS / 3);
      }
      await agree(
        Array.from({ length: 8 }, () => randomStep(random, tags, 0)),
        note,
      );
      const vector = randomVector(random);
      const group = random.below(2) === 0 ? random.pick(groups) : undefined;
      const nearest = group === undefined ? { vector } : { vector, group };
      const range = randomRange(random);
      for (const engine of engines) {
        assertAgrees(
          await engine.action("oracle:nearest", nearest),
          model.nearest(vector, group),
          note,
        );
        assertEquals(await pages(engine, range, 50), model.range(range), note);
      }
    }
    assert(tags.next >= DOCUMENTS);
  } finally {
    for (const engine of engines) await engine.close();
  }
});

/** A number of random steps of one kind. */
function take(
  random: Random,
  tags: { next: number },
  op: Step["op"],
  count: number,
): Step[] {
  const steps: Step[] = [];
  while (steps.length < count) {
    const step = randomStep(random, tags, 3);
    if (step.op === op) steps.push(step);
  }
  return steps;
}
