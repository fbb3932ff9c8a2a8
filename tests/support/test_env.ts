/** Size of the randomised cases: `CORTEX_TEST_SCALE`, 0.05 by default, 1 for the whole. */
export function testScale(): number {
  return Number(Deno.env.get("CORTEX_TEST_SCALE") ?? "0.05");
}

/** Seed of the randomised cases: `CORTEX_TEST_SEED`, otherwise another one each time. Print it. */
export function testSeed(): number {
  return Number(Deno.env.get("CORTEX_TEST_SEED") ?? Date.now()) >>> 0;
}

/** Compares for so many seeds, one after another, and names the one that fails. At least one round runs. */
export async function overSeeds(
  rounds: number,
  compare: (seed: number) => Promise<void>,
): Promise<void> {
  const seed = testSeed();
  const scaled = Math.ceil(rounds * testScale());
  console.log(`seed ${seed}, ${scaled} rounds`);
  for (let round = 0; round < scaled; round++) {
    await compare(seed + round).catch((error: Error) => {
      throw new Error(`seed ${seed + round}: ${error.message}`, {
        cause: error,
      });
    });
  }
}
