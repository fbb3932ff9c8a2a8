/** Time limits while the host's clock is set. */
import { assertEquals } from "@std/assert";
import { type AsyncConvexClient, Cortex } from "../../mod.ts";

import { pause } from "../../src/testing/support/pause.ts";

const YEAR_MS = 365 * 86_400_000;
const PARTS = 12;

/** A backend whose export has so many parts, each after 5 ms. */
function backend(): AsyncConvexClient {
  let parts = 0;
  const query = async () => {
    await pause(5);
    return { lines: ["{}"], done: ++parts === PARTS, cursor: "next" };
  };
  return {
    query,
    mutation: query,
    action: query,
  } as unknown as AsyncConvexClient;
}

/** Runs with a clock that `set` sets by this much. */
async function withClock(
  byMs: number,
  run: (set: () => void) => Promise<void>,
): Promise<void> {
  const { now } = Date;
  try {
    await run(() => Date.now = () => now() + byMs);
  } finally {
    Date.now = now;
  }
}

Deno.test("an export keeps its time limit when the clock is set ahead meanwhile", () =>
  withClock(YEAR_MS, async (set) => {
    await using cortex = new Cortex({ client: backend() });
    let lines = 0;
    for await (const _ of cortex.exportAll({ timeoutMs: 30_000 })) {
      set();
      lines++;
    }
    // The heading, the rows with checkpoints in between, and the end.
    assertEquals(lines, 1 + PARTS + PARTS - 1 + 1);
  }));

Deno.test("an export keeps its time limit when the clock is set back meanwhile", () =>
  withClock(-YEAR_MS, async (set) => {
    await using cortex = new Cortex({ client: backend() });
    let code: unknown;
    try {
      for await (const _ of cortex.exportAll({ timeoutMs: 30 })) set();
    } catch (error) {
      ({ code } = error as { code?: unknown });
    }
    assertEquals(code, "TIMEOUT");
  }));
