/**
 * How many requests each method takes, and how remember and recall grow with what a memory space holds, in memory and
 * on SQLite. Run by `deno task bench:facade [SIZES]`; sizes are numbers of memories, by default `1000,10000,100000`.
 */
import { Cortex } from "../../../mod.ts";
import { furnish, roundTrips } from "./round_trips.ts";
import { TextSource } from "./text.ts";

/** Remembers that are started together; each stores two memories. */
const REMEMBERS_AT_ONCE = 100;
/** Remembers at the end of the growth to a size that its rate is taken of. */
const MEASURED_REMEMBERS = 500;
const RECALLS = 60;
const EXCHANGES_PER_CONVERSATION = 20;
const SPACE = "bench";

interface Row {
  store: string;
  memories: number;
  remembersPerSecond: number;
  firstRecallMs: number;
  p50Ms: number;
  p95Ms: number;
  requests: string;
}

class Growth {
  readonly #cortex: Cortex;
  readonly #text = new TextSource(7);
  #remembers = 0;

  constructor(cortex: Cortex) {
    this.#cortex = cortex;
  }

  /** Remembers until the space holds so many memories; gives the rate of the last ones, a second. */
  async growTo(memories: number): Promise<number> {
    const left = Math.ceil(memories / 2) - this.#remembers;
    await this.#remember(left - MEASURED_REMEMBERS);
    const startMs = performance.now();
    const count = Math.min(left, MEASURED_REMEMBERS);
    await this.#remember(count);
    return count / (performance.now() - startMs) * 1000;
  }

  /** Times of single recalls in ms, in their order. */
  async recall(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let left = count; left > 0; left--) {
      const query = this.#text.question();
      const startMs = performance.now();
      await this.#cortex.memory.recall({ memorySpaceId: SPACE, query });
      times.push(performance.now() - startMs);
    }
    return times;
  }

  async #remember(count: number): Promise<void> {
    for (let left = count; left > 0; left -= REMEMBERS_AT_ONCE) {
      const size = Math.min(left, REMEMBERS_AT_ONCE);
      await Promise.all(Array.from({ length: size }, () => this.#one()));
    }
  }

  #one(): Promise<unknown> {
    const at = this.#remembers++;
    return this.#cortex.memory.remember({
      memorySpaceId: SPACE,
      conversationId: `conversation-${
        Math.floor(at / EXCHANGES_PER_CONVERSATION)
      }`,
      userId: `user-${at % 10}`,
      userName: `User ${at % 10}`,
      agentId: "bench-agent",
      userMessage: this.#text.message(),
      agentResponse: this.#text.message(),
      timestamp: Date.UTC(2024, 0) + at * 60_000,
    });
  }
}

/** Requests (messages to the worker) that a call takes. */
async function requestsOf(
  cortex: Cortex,
  call: () => Promise<unknown>,
): Promise<number> {
  const before = cortex.stats().requests;
  await call();
  return cortex.stats().requests - before;
}

async function measure(
  store: string,
  config: { path?: string },
  sizes: readonly number[],
): Promise<Row[]> {
  const cortex = new Cortex(config);
  const growth = new Growth(cortex);
  const rows: Row[] = [];
  // Warm code is what a long run sees.
  await growth.growTo(200);
  await growth.recall(20);
  for (const memories of sizes) {
    const remembersPerSecond = await growth.growTo(memories);
    const [firstRecallMs] = await growth.recall(1);
    const times = (await growth.recall(RECALLS)).sort((a, b) => a - b);
    const atOnce = await requestsOf(
      cortex,
      () => growth.growTo(memories + 200),
    );
    const recall = await requestsOf(cortex, () => growth.recall(1));
    rows.push({
      store,
      memories,
      remembersPerSecond,
      firstRecallMs: firstRecallMs!,
      p50Ms: percentile(times, 0.5),
      p95Ms: percentile(times, 0.95),
      requests: `${atOnce} and ${recall}`,
    });
  }
  await cortex.close();
  return rows;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  ]!;
}

function report(rows: readonly Row[]): string {
  const lines = [
    `| store | memories | remembers/s | first recall | recall p50 | p95 | requests of ${REMEMBERS_AT_ONCE} remembers and of a recall |`,
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const row of rows) {
    lines.push(
      `| ${row.store} | ${row.memories} | ${
        row.remembersPerSecond.toFixed(0)
      } | ${row.firstRecallMs.toFixed(1)} ms | ${row.p50Ms.toFixed(1)} ms | ${
        row.p95Ms.toFixed(1)
      } ms | ${row.requests} |`,
    );
  }
  return lines.join("\n");
}

async function reportRoundTrips(): Promise<string> {
  const cortex = new Cortex();
  const made = await furnish(cortex);
  const lines = ["| method | requests |", "| --- | ---: |"];
  for (const [method, , call] of roundTrips) {
    const requests = await requestsOf(cortex, () => call(cortex, made));
    lines.push(`| ${method} | ${requests} |`);
  }
  await cortex.close();
  return lines.join("\n");
}

async function main(): Promise<void> {
  const sizes = (Deno.args[0] ?? "1000,10000,100000").split(",").map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    console.error(`SIZES must be whole numbers above 0, got ${Deno.args[0]}`);
    Deno.exit(1);
  }
  sizes.sort((a, b) => a - b);
  console.log(await reportRoundTrips());
  const rows = await measure("memory", {}, sizes);
  const folder = await Deno.makeTempDir();
  try {
    rows.push(
      ...await measure("SQLite", { path: `${folder}/bench.db` }, sizes),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(report(rows));
}

if (import.meta.main) await main();
