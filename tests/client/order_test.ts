/** Randomised: whatever is batched, split, refused or given up, calls of one order key are applied in call order. */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import {
  failure,
  fakeDeployment,
  type SentRequest,
  success,
} from "../../src/testing/client/http_fake.ts";
import { pause } from "../../src/testing/support/pause.ts";

const scale = Number(Deno.env.get("CORTEX_TEST_SCALE") ?? 0.05);
const firstSeed = Number(Deno.env.get("CORTEX_TEST_SEED") ?? 1);

/** Mulberry32: small, seeded, good enough to choose cases. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Item {
  args: { key: string; index: number };
}

async function round(seed: number): Promise<void> {
  const random = randomOf(seed);
  const applied = new Map<string, number[]>();
  const apply = ({ args: { key, index } }: Item) => {
    const list = applied.get(key) ?? [];
    applied.set(key, list);
    list.push(index);
    return { ok: true, value: index };
  };
  const { fetch, sent } = fakeDeployment(async ({ body }: SentRequest) => {
    await pause(random() * 4);
    const alone = body.path !== "batch:run";
    const items = alone
      ? [{ args: body.args[0] } as unknown as Item]
      : body.args[0].calls as Item[];
    if (!alone && random() < 0.2) {
      return failure(
        "Too many reads in a single function execution (limit: 1)",
      );
    }
    const outcomes = items.map(apply);
    await pause(random() * 4);
    return success(alone ? outcomes[0]!.value : outcomes);
  });
  await using client = AsyncConvexClient.http("https://x.test", {
    fetch,
    batchFunction: "batch:run",
    maxInFlight: random() < 0.5 ? 2 : undefined,
  });

  const calls: Promise<{ key: string; index: number; ok: boolean }>[] = [];
  for (let index = 0; index < 120; index++) {
    const key = `k${Math.floor(random() * 6)}`;
    const timeoutMs = random() < 0.05 ? 1 + random() * 5 : undefined;
    const writes = 1 + Math.floor(random() * 1000);
    const cost = { reads: 10, writes, ranges: 10 };
    calls.push(
      client.mutation("a:b", { key, index }, {
        timeoutMs,
        batch: { orderKey: key, cost },
      }).then(
        () => ({ key, index, ok: true }),
        () => ({ key, index, ok: false }),
      ),
    );
    if (random() < 0.15) await pause(random() * 3);
  }
  const results = await Promise.all(calls);
  for (const { key, index, ok } of results) {
    const times = applied.get(key)?.filter((other) => other === index).length;
    if (ok) assertEquals(times, 1, `call ${index} was applied ${times} times`);
    else assert((times ?? 0) <= 1, `call ${index} was applied twice`);
  }
  // Whether and when a call that was given up was applied is unknown.
  const kept = new Set(
    results.filter(({ ok }) => ok).map(({ index }) => index),
  );
  for (const list of applied.values()) {
    const seen = list.filter((index) => kept.has(index));
    assertEquals(seen, seen.toSorted((a, b) => a - b));
  }
  assert(sent.length < 120, `${sent.length} requests for 120 calls`);
}

Deno.test("batched mutations keep the order of each key", async () => {
  for (let run = 0; run < Math.ceil(200 * scale); run++) {
    const seed = firstSeed + run;
    try {
      await round(seed);
    } catch (error) {
      throw new Error(`replay with CORTEX_TEST_SEED=${seed}`, { cause: error });
    }
  }
});
