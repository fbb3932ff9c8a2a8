/**
 * Thousands of calls of a deployment that fails in every way, by a seed: 500 by default, 10,000 at full size. Every
 * promise settles, no mutation runs twice, and none of which success was reported is lost.
 */
import { assert, assertEquals } from "@std/assert";
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../src/client/http_source.ts";
import { type CortexError, isCortexError } from "../../src/errors.ts";
import { seededRandom } from "../../src/testing/random.ts";
import { startFaultServer } from "../support/fault_server.ts";
import { mortalExchange } from "../support/mortal_exchange.ts";
import { testScale, testSeed } from "../support/test_env.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

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

/** A token of a second, by the clock of an issuer who is years off. */
function token(serial: number): string {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  return `${part({})}.${part({ jti: serial, iat: 1000, exp: 1001 })}.x`;
}

/** Runs something while the clock of the day jumps to and fro by hours; gives what makes it jump. */
async function withJumpingClock(
  run: (jump: (byMs: number) => void) => Promise<void>,
): Promise<void> {
  const { now } = Date;
  let offMs = 0;
  Date.now = () => now() + offMs;
  try {
    await run((byMs) => offMs = byMs);
  } finally {
    Date.now = now;
  }
}

interface Mix {
  /** Options beside those of every mix. */
  options: HttpSourceOptions;
  /** Share of the calls of a whole run. */
  share: number;
  /** Called after each hundred calls. */
  disturb?(): void;
  /** Codes that come with it. */
  codes?: readonly string[];
}

const HOUR_MS = 3_600_000;

async function runMix({ options, share, disturb, codes = [] }: Mix) {
  const seed = testSeed();
  const count = Math.ceil(10_000 * testScale() * share);
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
    auth: () => token(tokens++),
    ...options,
  });

  const succeeded = new Set<string>();
  const rejected = new Map<string, number>();
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
      rejected.set(code, (rejected.get(code) ?? 0) + 1);
      assert(
        EXPECTED.has(code) || codes.includes(code) || signal?.aborted,
        `${code}: ${(error as CortexError).message}`,
      );
    }
  };
  const wave = async (from: number, size: number) => {
    await Promise.all(
      Array.from({ length: size }, (_, index) => call(from + index)),
    );
  };
  let heapBefore = 0;
  try {
    await withJumpingClock(async (jump) => {
      for (let at = 0; at < count; at += 100) {
        jump((chance.below(9) - 4) * HOUR_MS);
        const calls = wave(at, Math.min(100, count - at));
        disturb?.();
        await calls;
        // By then everything that stays is there.
        if (at === 0) heapBefore = heapMb();
      }
    });
    const twice = [...server.runs].filter(([, runs]) => runs > 1);
    assertEquals(twice, [], "mutations that ran twice");
    const lost = [...succeeded].filter((id) => !server.runs.has(id));
    assertEquals(lost, [], "mutations that were reported and never ran");
    assertEquals(client.stats().inFlight, 0);
    assertEquals(client.connectionState().hasInflightRequests, false);
    // Most come through: of those with a key nearly all, but for those whose time a busy machine let run out.
    const came = [...isKeyed].filter((id) => succeeded.has(id)).length;
    const late = rejected.get("TIMEOUT") ?? 0;
    assert(came + late >= isKeyed.size * 0.7, `${came} of ${isKeyed.size}`);
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
  assert(grownMb < 8, `the heap grew by ${grownMb} MB`);
  console.log(
    JSON.stringify({
      faults: Object.fromEntries(server.faults),
      rejected: Object.fromEntries(rejected),
      requests: client.stats().requests,
      tokens,
      grownMb,
    }),
  );
}

Deno.test("calls of a deployment that fails in every way settle, and mutations run once", async () => {
  await runMix({ share: 1, options: {} });
});

Deno.test("the same from a worker that is killed again and again", async () => {
  const { url, kill } = mortalExchange();
  await runMix({
    share: 0.5,
    options: { workers: "always", workerUrl: url },
    disturb: () => setTimeout(kill, 20),
    codes: ["WORKER_LOST"],
  });
});

/** What the heap holds after a collection, in MB. */
function heapMb(): number {
  gc();
  return Deno.memoryUsage().heapUsed / 1e6;
}
