/**
 * Calls of every kind at a few places in flight, batched, ordered, shared, ranked and given up, of a deployment that
 * refuses some, by a seed. Each gets what it asked for or an error, and no place stays taken.
 */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { withDeadline } from "../../src/client/deadline.ts";
import {
  answerCall,
  failure,
  fakeDeployment,
  type SentRequest,
  success,
} from "../../src/testing/client/http_fake.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { pause } from "../../src/testing/support/pause.ts";

const LIMIT = "Too many reads in a single function execution (limit: 1)";
const batch = { cost: { reads: 1, writes: 1, ranges: 1 } };

const refusal = (status: number) =>
  Response.json({ code: "No", message: "refused" }, { status });

/** What goes wrong with a request as a whole; `undefined` for most. */
function fault(chance: Random, isBatch: boolean): Response | undefined {
  switch (chance.below(14)) {
    case 0:
      throw new TypeError("reset");
    case 1:
      return refusal(429);
    case 2:
      return refusal(401);
    case 3:
      return refusal(400);
    case 4:
      return Response.json({}, { headers: { "content-type": "text/html" } });
    case 5:
      return isBatch ? failure(LIMIT) : undefined;
  }
}

interface Item {
  args: { value: number };
}

function answer({ endpoint, body }: SentRequest, chance?: Random): Response {
  if (endpoint === "/api/query_ts") {
    return Response.json({ ts: "AAAAAAAAAAA=" });
  }
  if (endpoint === "/api/query_batch") {
    const results = body.queries!.map(({ args: [{ value = null }] }) => ({
      status: "success",
      value,
    }));
    return Response.json({ results });
  }
  if (body.path !== "batch:run") return answerCall(body);
  const error = { message: chance?.below(2) ? "no" : LIMIT };
  return success(
    (body.args[0].calls as Item[]).map(({ args: { value } }) =>
      chance?.below(10) === 0 ? { ok: false, error } : { ok: true, value }
    ),
  );
}

async function round(seed: number): Promise<void> {
  const chance = seededRandom(seed);
  let isCalm = false;
  const { fetch } = fakeDeployment(async (request) => {
    if (isCalm) return answer(request);
    await pause(chance.below(4));
    return fault(chance, request.body?.path === "batch:run") ??
      answer(request, chance);
  });
  let tokens = 0;
  await using client = AsyncConvexClient.http("https://x.test", {
    fetch,
    batchFunction: "batch:run",
    maxInFlight: 1 + chance.below(4),
    retry: { minDelayMs: 1, maxDelayMs: 5 },
    circuitBreaker: { failures: 5, openMs: 5 },
    auth: async () => {
      await pause(chance.below(2));
      if (chance.below(30) === 0) throw new Error("no token");
      return `${tokens++}`;
    },
  });
  const call = async (at: number) => {
    const value = chance.below(6);
    const options = {
      signal: chance.below(4) > 0
        ? undefined
        : AbortSignal.timeout(chance.below(12)),
      timeoutMs: chance.below(5) > 0 ? undefined : 1 + chance.below(12),
      priority: chance.below(4),
      retry: chance.pick(["safe", "always", "never"] as const),
      orderKey: chance.pick([undefined, "a", "b"]),
      idempotencyKey: chance.pick([undefined, `key ${at}`]),
    };
    const kind = chance.pick(
      [
        "query",
        "consistentQuery",
        "mutation",
        "action",
        "batched",
        "queryBatch",
      ] as const,
    );
    const args = { value };
    if (kind === "queryBatch") {
      const queries = [{ ref: "a:b", args }, { ref: "c:d" }];
      assertEquals(await client.queryBatch(queries, options), [value, null]);
      return;
    }
    const got =
      await (kind === "batched"
        ? client.mutation("a:b", args, { ...options, batch })
        : client[kind as "query"]("a:b", args, options));
    assertEquals(got, value, kind);
  };
  const wrong: unknown[] = [];
  const calls: Promise<void>[] = [];
  for (let at = 0; at < 150; at++) {
    calls.push(
      call(at).catch((error) => {
        if (error.name === "AssertionError") wrong.push(error);
      }),
    );
    if (chance.below(8) === 0) await pause(chance.below(5));
    if (chance.below(40) === 0) client.setAuth(`${at}`);
  }
  await Promise.all(calls);
  assertEquals(wrong, []);
  assertEquals(client.stats().inFlight, 0);
  isCalm = true;
  client.setAuth("calm");
  // By the time that the circuit lets calls through there is room for more than there are places.
  const ended = () =>
    client.mutation("a:b", { value: 1 }).catch(() => pause(5));
  while (await ended() !== 1);
  const after = Array.from(
    { length: 10 },
    (_, value) =>
      value % 2
        ? client.query("a:b", { value })
        : client.mutation("a:b", { value }, { batch }),
  );
  assertEquals(await Promise.all(after), after.map((_, value) => value));
}

Deno.test({
  name:
    "in a storm of calls each gets its own answer or an error, and leaves its place",
  // Signals made by AbortSignal.timeout outlive the test by some milliseconds.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const first = testSeed();
    for (let run = 0; run < Math.ceil(60 * testScale()); run++) {
      const seed = first + run;
      try {
        await withDeadline(
          { timeoutMs: 60_000 },
          () => round(seed),
          () => new Error("some call or place is waited for in vain"),
        );
      } catch (cause) {
        throw new Error(`replay with CORTEX_TEST_SEED=${seed}`, { cause });
      }
    }
  },
});
