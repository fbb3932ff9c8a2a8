/** Random calls, from a seed, to a deployment that fails in every way. */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../client/http/http_source.ts";
import { type CortexError, isCortexError } from "../../errors.ts";
import { type Random, seededRandom } from "../support/random.ts";

/** A deployment of functions `a:b`, which return their argument `id`; it runs a mutation with a key once. */
export interface FaultyDeployment {
  /** Its address. */
  url: string;
  /** How often each mutation ran, by its argument `id`. */
  runs: ReadonlyMap<string, number>;
  /** How often each fault occurred. */
  faults: ReadonlyMap<string, number>;
  /** Requests that arrived. */
  readonly requests: number;
  /** Ends it and its connections. */
  close(): Promise<void>;
}

/** A run of calls. */
export interface FaultyRun {
  /** Chooses the calls, the faults and the jumps of the clock. */
  seed: number;
  /** How many calls. */
  count: number;
  /** Starts a deployment whose failures depend on a seed. */
  start(seed: number): Promise<FaultyDeployment>;
  /** Options besides those of every run. */
  options?: HttpSourceOptions;
  /** Called after each hundred calls were made. */
  disturb?(): void;
  /** Further error codes that are expected. */
  codes?: readonly string[];
  /** Memory in use after a collection, in MB; absent where others use it meanwhile. */
  heapMb?(): number;
}

const HOUR_MS = 3_600_000;
/** Calls at once. */
const WAVE = 100;

/** Codes that a call of such a deployment may reject with. */
const EXPECTED = [
  "UNREACHABLE",
  "RATE_LIMITED",
  "OVERLOADED",
  "CIRCUIT_OPEN",
  "BAD_RESPONSE",
  "HTTP_ERROR",
  "TIMEOUT",
];

/** A token that is valid for a second, by an issuer whose clock is years off. */
function token(serial: number): string {
  const part = (value: unknown) => btoa(JSON.stringify(value));
  return `${part({})}.${part({ jti: serial, iat: 1000, exp: 1001 })}.x`;
}

/** Random calls and their outcomes. */
class ChanceCalls {
  readonly #client: AsyncConvexClient;
  readonly #chance: Random;
  readonly #expected: ReadonlySet<string>;
  readonly #succeeded = new Set<string>();
  readonly #keyed = new Set<string>();
  readonly rejected: { [code: string]: number } = {};

  constructor(
    client: AsyncConvexClient,
    chance: Random,
    codes: readonly string[],
  ) {
    this.#client = client;
    this.#chance = chance;
    this.#expected = new Set([...EXPECTED, ...codes]);
  }

  /** Makes one call. Rejects if the call settles in a way that is not allowed. */
  async make(at: number): Promise<void> {
    const chance = this.#chance;
    const id = `id-${at}`;
    const kind = chance.pick(
      ["query", "query", "mutation", "mutation", "action"] as const,
    );
    const idempotencyKey = kind === "mutation" && chance.below(2) === 0
      ? `key-${at}`
      : undefined;
    if (idempotencyKey !== undefined) this.#keyed.add(id);
    const signal = chance.below(50) === 0
      ? AbortSignal.timeout(chance.below(30))
      : undefined;
    try {
      const value = await this.#client[kind as "query"]("a:b", { id }, {
        idempotencyKey,
        signal,
        timeoutMs: 2000,
        priority: chance.below(3),
      });
      assertEquals(value, id);
      if (kind === "mutation") this.#succeeded.add(id);
    } catch (error) {
      const code = isCortexError(error) ? error.code : (error as Error).name;
      this.rejected[code] = (this.rejected[code] ?? 0) + 1;
      assert(
        this.#expected.has(code) || signal?.aborted,
        `${code}: ${(error as CortexError).message}`,
      );
    }
  }

  /** Compares the outcomes with what the deployment did. */
  check({ runs, faults, requests }: FaultyDeployment): void {
    const twice = [...runs].filter(([, times]) => times > 1);
    assertEquals(twice, [], "mutations that ran twice");
    const lost = [...this.#succeeded].filter((id) => !runs.has(id));
    assertEquals(lost, [], "mutations that were reported and never ran");
    // Nearly all calls with a key succeed, except those that time out on a busy machine.
    const keyed = [...this.#keyed];
    const came = keyed.filter((id) => this.#succeeded.has(id)).length;
    const { TIMEOUT = 0, CIRCUIT_OPEN = 0 } = this.rejected;
    const late = TIMEOUT + CIRCUIT_OPEN;
    assert(came + late >= keyed.length * 0.7, `${came} of ${keyed.length}`);
    // On a busy machine many calls in flight time out.
    assert(
      faults.size >= Math.min(8, Math.floor(requests / 20)),
      `of ${requests} requests only those failed: ${[...faults.keys()]}`,
    );
  }
}

/**
 * Makes queries, mutations and actions, some with a key, some aborted, while the wall clock jumps by hours. Rejects
 * unless every promise settles in an allowed way, no mutation runs twice, no mutation reported as done is lost, most
 * calls succeed, and memory use returns to where it was. Returns a summary as text.
 */
export async function callFaulty(run: FaultyRun): Promise<string> {
  const { seed, count, options, disturb, heapMb } = run;
  const chance = seededRandom(seed);
  const deployment = await run.start(seed);
  let tokens = 0;
  const client = AsyncConvexClient.http(deployment.url, {
    retry: { minDelayMs: 2, maxDelayMs: 200, maxAttempts: 6, budget: 1 },
    circuitBreaker: { openMs: 50 },
    attemptTimeoutMs: 500,
    auth: () => token(tokens++),
    ...options,
  });
  const calls = new ChanceCalls(client, chance, run.codes ?? []);
  const { now } = Date;
  try {
    let beforeMb = 0;
    for (let at = 0; at < count; at += WAVE) {
      const offMs = (chance.below(9) - 4) * HOUR_MS;
      Date.now = () => now() + offMs;
      const size = Math.min(WAVE, count - at);
      const wave = Array.from(
        { length: size },
        (_, index) => calls.make(at + index),
      );
      disturb?.();
      await Promise.all(wave);
      // After the first wave, all lasting allocations have been made.
      if (at === 0) beforeMb = heapMb?.() ?? 0;
    }
    assertEquals(client.stats().inFlight, 0);
    assertEquals(client.connectionState().hasInflightRequests, false);
    calls.check(deployment);
    const { requests } = client.stats();
    await client.close();
    const grownMb = (heapMb?.() ?? 0) - beforeMb;
    assert(grownMb < 8, `the heap grew by ${grownMb} MB`);
    const { rejected } = calls;
    return JSON.stringify({ requests, tokens, rejected, grownMb });
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
  } finally {
    Date.now = now;
    await client.close();
    await deployment.close();
  }
}
