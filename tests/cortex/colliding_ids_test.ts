/**
 * Whether things mix that share an id: the same program runs in a world where spaces, users, memories, facts and so on
 * of all tenants have the same few ids, and in one where every id is unique.
 */
import { assertEquals } from "@std/assert";
import { isCortexError } from "../../src/errors.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";
import { sceneOf } from "./colliding/choice.ts";
import { atOnce, type Deed, OPERATIONS } from "./colliding/operations.ts";
import { Program } from "./colliding/program.ts";
import { World } from "./colliding/world.ts";

const STEPS = 120;
/** Steps after which all rows are compared, besides answers. */
const STEPS_A_COMPARISON = 15;

/** An id that is taken by something else is refused by several names. */
const ABSENT =
  /(MEMORY|FACT|OLD_FACT|NEW_FACT)_NOT_FOUND|PERMISSION_DENIED|FACTS_MUST_BE_IN_SAME_SPACE/;

Deno.test("answers and rows are the same whether ids collide or are unique", async () => {
  await overSeeds(40, async (seed) => {
    await compare(new Program(seededRandom(seed)));
  });
});

Deno.test("answers and rows are the same whether ids are used again or are new", async () => {
  await overSeeds(40, async (seed) => {
    const program = new Program(seededRandom(seed));
    await compare(
      { step: () => program.step().flatMap(atOnce) },
      (world) => world.renew(),
    );
  });
});

/** Runs a program in both worlds; `afterStep` is called in the unique one. */
async function compare(
  program: Pick<Program, "step">,
  afterStep?: (world: World) => Promise<void>,
): Promise<void> {
  const worlds = [new World(false), new World(true)] as const;
  try {
    for (let step = 1; step <= STEPS; step++) {
      const deeds = program.step();
      const what = `step ${step}, ${JSON.stringify(deeds)}`;
      const [colliding, unique] = [
        await answersOf(worlds[0], deeds),
        await answersOf(worlds[1], deeds),
      ];
      assertEquals(colliding, unique, what);
      await afterStep?.(worlds[1]);
      if (step % STEPS_A_COMPARISON > 0) continue;
      const [ours, theirs] = [await worlds[0].rows(), await worlds[1].rows()];
      // Each list without what both have, so that a failure shows the difference only.
      assertEquals(without(ours, theirs), without(theirs, ours), what);
      assertEquals(ours.length, theirs.length, what);
    }
  } finally {
    for (const world of worlds) await world.close();
  }
}

function without(
  lines: readonly string[],
  others: readonly string[],
): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

/** Starts the deeds together. */
async function answersOf(world: World, deeds: Deed[]): Promise<string[]> {
  world.tick();
  return await Promise.all(
    deeds.map(({ name, choice }) =>
      answerOf(world, () => OPERATIONS[name]!(sceneOf(world, choice)))
    ),
  );
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
