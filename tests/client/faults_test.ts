/**
 * Thousands of calls of a deployment that fails in every way, by a seed: 500 by default, 10,000 at full size. Every
 * promise settles, no mutation runs twice, and none of which success was reported is lost.
 */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { type CortexError, isCortexError } from "../../src/errors.ts";
import { seededRandom } from "../../src/testing/random.ts";
import { startFaultServer } from "../support/fault_server.ts";
import { testScale, testSeed } from "../support/test_env.ts";

/** Codes that a call of such a deployment may reject with. */
const EXPECTED = new Set([
  "UNREACHABLE",
  "RATE_LIMITED",
  "OVERLOADED",
  "CIRCUIT_OPEN",
  "BAD_RESPONSE",
  "HTTP_ERROR",
  "TIMEOUT",
]);

Deno.test("calls of a deployment that fails in every way settle, and mutations run once", async () => {
  const seed = testSeed();
  const count = Math.ceil(10_000 * testScale());
  console.log(`seed ${seed}, ${count} calls`);
  const chance = seededRandom(seed);
  const server = startFaultServer(seed);
  const unhandled: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onUnhandled);
  let tokens = 0;
  const client = AsyncConvexClient.http(server.url, {
    retry: { minDelayMs: 2, maxDelayMs: 200, maxAttempts: 6, budget: 1 },
    circuitBreaker: { openMs: 50 },
    attemptTimeoutMs: 500,
    auth: () => `token-${tokens++}`,
  });

  const succeeded = new Set<string>();
  const codes = new Map<string, number>();
  const isKeyed = new Set<string>();
  const call = async (at: number) => {
    const id = `id-${at}`;
    const kind = chance.pick(
      ["query", "query", "mutation", "mutation", "action"] as const,
    );
    const idempotencyKey = kind === "mutation" && chance.below(2) === 0
      ? `key-${at}`
      : undefined;
    if (idempotencyKey !== undefined) isKeyed.add(id);
    const signal = chance.below(50) === 0
      ? AbortSignal.timeout(chance.below(30))
      : undefined;
    try {
      const value = await client[kind]("a:b", { id }, {
        idempotencyKey,
        signal,
        timeoutMs: 2000,
        priority: chance.below(3),
      });
      assertEquals(value, id);
      if (kind === "mutation") succeeded.add(id);
    } catch (error) {
      const code = isCortexError(error) ? error.code : (error as Error).name;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      assert(
        EXPECTED.has(code) || signal?.aborted,
        `${code}: ${(error as CortexError).message}`,
      );
    }
  };
  const heapBefore = heapMb();
  try {
    for (let at = 0; at < count; at += 250) {
      const wave = Math.min(250, count - at);
      await Promise.all(
        Array.from({ length: wave }, (_, index) => call(at + index)),
      );
    }
    const twice = [...server.runs].filter(([, runs]) => runs > 1);
    assertEquals(twice, [], "mutations that ran twice");
    const lost = [...succeeded].filter((id) => !server.runs.has(id));
    assertEquals(lost, [], "mutations that were reported and never ran");
    assertEquals(client.stats().inFlight, 0);
    assertEquals(client.connectionState().hasInflightRequests, false);
    // Nine in ten with a key come through; on a busy machine deadlines pass before, so fewer must.
    const came = [...isKeyed].filter((id) => succeeded.has(id)).length;
    const failures = JSON.stringify(Object.fromEntries(codes));
    assert(
      came >= isKeyed.size * 0.25,
      `${came} of ${isKeyed.size}; ${failures}`,
    );
    assert(server.faults.size >= 8, `${[...server.faults.keys()]}`);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await client.close();
    await server.close();
    await new Promise((resolve) => setTimeout(resolve, 0));
    globalThis.removeEventListener("unhandledrejection", onUnhandled);
  }
  assertEquals(unhandled, []);
  const grownMb = heapMb() - heapBefore;
  if ("gc" in globalThis) {
    assert(grownMb < 10, `the heap grew by ${grownMb} MB`);
  }
  console.log(
    JSON.stringify({
      faults: Object.fromEntries(server.faults),
      rejected: Object.fromEntries(codes),
      requests: client.stats().requests,
      grownMb,
    }),
  );
});

/** What the heap holds, in MB; of use where the host collects on demand: `deno test --v8-flags=--expose-gc`. */
function heapMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed / 1e6;
}
