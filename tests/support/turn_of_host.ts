/** Which of several places of a case a host tries, where to try all on every host would take too long. */
export interface Turn {
  /** Consecutive for Node 20, 22, 24, 26, Bun and Deno: what one meets in one place the next meets in another. */
  turn: number;
  /** How many places the host tries: one, all but one kind, or all. */
  tries: "one" | "most" | "all";
  /** Whether it shares with another release of the same runtime the cases of what is the same on both: half for each. */
  shares: boolean;
}

/**
 * The turn of the host that asks. Deno tries most, and all when the randomised cases have their full size; Node 22 and 26
 * share; with `CORTEX_EVERY_PLACE` Deno, Node and Bun try all.
 */
export function turnOfHost(): Turn {
  const { process } = globalThis as {
    process?: {
      env?: Record<string, string | undefined>;
      versions?: { node?: string; bun?: string };
    };
  };
  const { node, bun } = process?.versions ?? {};
  const isDeno = "Deno" in globalThis;
  const turn = isDeno ? 15 : bun ? 14 : Math.floor(parseInt(node ?? "0") / 2);
  const { CORTEX_EVERY_PLACE, CORTEX_TEST_SCALE } = process?.env ?? {};
  const everyPlace = CORTEX_EVERY_PLACE ||
    isDeno && Number(CORTEX_TEST_SCALE) >= 1;
  return {
    turn,
    tries: everyPlace ? "all" : isDeno ? "most" : "one",
    // Node 22 and 26; Node 20 and 24 try each.
    shares: !everyPlace && !isDeno && !bun && turn % 2 === 1,
  };
}
