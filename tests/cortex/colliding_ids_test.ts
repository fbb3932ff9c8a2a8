/**
 * Whether things mix that share an id: the same program runs in a world where spaces, users, memories, facts and so on
 * of all tenants have the same few ids, and in one where every id is unique.
 */
import { assertEquals } from "@std/assert";
import { isCortexError } from "../../src/errors.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";
import { draw, type Operation, sceneOf } from "./colliding/choice.ts";
import { erasingOperations } from "./colliding/erasing.ts";
import { factOperations } from "./colliding/facts.ts";
import { lookOperations } from "./colliding/looks.ts";
import { memoryOperations } from "./colliding/memories.ts";
import { recordOperations } from "./colliding/records.ts";
import { talkOperations } from "./colliding/talks.ts";
import { World } from "./colliding/world.ts";

const OPERATIONS: readonly (readonly [name: string, Operation])[] = Object
  .entries({
    ...memoryOperations,
    ...factOperations,
    ...talkOperations,
    ...recordOperations,
    ...erasingOperations,
    ...lookOperations,
  });

const STEPS = 120;
/** Steps after which all rows are compared, besides answers. */
const STEPS_A_COMPARISON = 15;

/** An id that is taken by something else is refused by several names. */
const ABSENT =
  /(MEMORY|FACT|OLD_FACT|NEW_FACT)_NOT_FOUND|PERMISSION_DENIED|FACTS_MUST_BE_IN_SAME_SPACE/;

Deno.test("answers and rows are the same whether ids collide or are unique", async () => {
  await overSeeds(80, async (seed) => {
    const random = seededRandom(seed);
    const worlds = [new World(false), new World(true)] as const;
    try {
      for (let step = 1; step <= STEPS; step++) {
        const [name, operation] = random.pick(OPERATIONS);
        const choice = draw(random, step);
        const [colliding, unique] = [
          await answerOf(
            worlds[0],
            () => operation(sceneOf(worlds[0], choice)),
          ),
          await answerOf(
            worlds[1],
            () => operation(sceneOf(worlds[1], choice)),
          ),
        ];
        const what = `step ${step}, ${name} ${JSON.stringify(choice)}`;
        assertEquals(colliding, unique, what);
        if (step % STEPS_A_COMPARISON > 0) continue;
        const [ours, theirs] = [await worlds[0].rows(), await worlds[1].rows()];
        // Each list without what both have, so that a failure shows the difference only.
        assertEquals(without(ours, theirs), without(theirs, ours), what);
        assertEquals(ours.length, theirs.length, what);
      }
    } finally {
      for (const world of worlds) await world.close();
    }
  });
});

function without(
  lines: readonly string[],
  others: readonly string[],
): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

async function answerOf(
  world: World,
  call: () => Promise<unknown>,
): Promise<string> {
  try {
    return world.text(await call());
  } catch (error) {
    if (!isCortexError(error)) throw error;
    return `refused: ${error.code.replace(ABSENT, "absent")}`;
  }
}
