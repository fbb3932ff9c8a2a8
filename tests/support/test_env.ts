/** Size of the randomised cases: `CORTEX_TEST_SCALE`, 0.05 by default, 1 for the whole. */
export function testScale(): number {
  return Number(Deno.env.get("CORTEX_TEST_SCALE") ?? "0.05");
}

/** Seed of the randomised cases: `CORTEX_TEST_SEED`, otherwise another one each time. Print it. */
export function testSeed(): number {
  return Number(Deno.env.get("CORTEX_TEST_SEED") ?? Date.now()) >>> 0;
}
