/**
 * How many requests each method takes, and how remember and recall grow with what a memory space holds, in memory and
 * on SQLite. Run by `deno task bench:facade [SIZES [memory|SQLite]]`; sizes are numbers of memories, by default
 * `1000,10000,100000`.
 *
 * Times are CPU time of the process, whose worker has the engine: a busy machine makes them longer by less than the
 * time by the clock, which stands in brackets.
 */
import process from "node:process";
import { Cortex } from "../../../mod.ts";
import { furnish, roundTrips } from "./round_trips.ts";
import { TextSource } from "./text.ts";

/** Remembers that are started together; each stores two memories. */
const REMEMBERS_AT_ONCE = 100;
/** Remembers at the end of the growth to a size that its rate is taken of. */
const MEASURED_REMEMBERS = 1000;
/**
 * Recalls before it is measured, at least, and memories for each: a recall reads up to 256 of them, so most have been
 * read in a space of any size, as in a process that runs for long. What a fresh one takes stands beside it.
 */
const WARM_RECALLS = 100;
const MEMORIES_PER_WARM_RECALL = 100;
const RECALLS = 200;
/** A binary logarithm grows from 10 to 16.6 between a thousand and a hundred thousand. */
const LOG_GROWTH = 1.67;
const EXCHANGES_PER_CONVERSATION = 20;
const SPACE = "bench";

/** Time of the process's threads, and by the clock, in ms. */
interface Time {
  cpuMs: number;
  wallMs: number;
}

interface Row {
  store: string;
  memories: number;
  /** Of one, when a hundred are started together; the best of several hundreds. */
  remember: Time;
  firstRecallMs: number;
  p50: Time;
  p95: Time;
  requests: string;
}

async function timed(work: () => Promise<unknown>): Promise<Time> {
  const { user, system } = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const wallMs = performance.now() - startMs;
  const after = process.cpuUsage();
  return {
    cpuMs: (after.user - user + after.system - system) / 1000,
    wallMs,
  };
}

/** The value that a share of the times is at most, for either clock. */
function percentile(times: readonly Time[], share: number): Time {
  const of = (name: keyof Time) => {
    const sorted = times.map((time) => time[name]).sort((a, b) => a - b);
    return sorted[
      Math.min(times.length - 1, Math.floor(times.length * share))
    ]!;
  };
  return { cpuMs: of("cpuMs"), wallMs: of("wallMs") };
}

class Growth {
  readonly #cortex: Cortex;
  readonly #text = new TextSource(7);
  #remembers = 0;

  constructor(cortex: Cortex) {
    this.#cortex = cortex;
  }

  /** Remembers until the space holds so many memories; gives the times of the last hundreds, for one each. */
  async growTo(memories: number): Promise<Time[]> {
    const left = Math.ceil(memories / 2) - this.#remembers;
    await this.#remember(left - MEASURED_REMEMBERS);
    const times: Time[] = [];
    const count = Math.min(left, MEASURED_REMEMBERS);
    for (let done = 0; done < count; done += REMEMBERS_AT_ONCE) {
      const size = Math.min(count - done, REMEMBERS_AT_ONCE);
      const { cpuMs, wallMs } = await timed(() => this.#remember(size));
      times.push({ cpuMs: cpuMs / size, wallMs: wallMs / size });
    }
    return times;
  }

  /** Times of single recalls, in their order. */
  async recall(count: number): Promise<Time[]> {
    const times: Time[] = [];
    for (let left = count; left > 0; left--) {
      const query = this.#text.question();
      times.push(
        await timed(() =>
          this.#cortex.memory.recall({ memorySpaceId: SPACE, query })
        ),
      );
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
    const remembers = await growth.growTo(memories);
    const [first] = await growth.recall(1);
    await growth.recall(
      Math.max(WARM_RECALLS, memories / MEMORIES_PER_WARM_RECALL),
    );
    const times = await growth.recall(RECALLS);
    const atOnce = await requestsOf(
      cortex,
      () => growth.growTo(memories + 200),
    );
    const recall = await requestsOf(cortex, () => growth.recall(1));
    rows.push({
      store,
      memories,
      remember: percentile(remembers, 0),
      firstRecallMs: first!.wallMs,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      requests: `${atOnce} and ${recall}`,
    });
  }
  await cortex.close();
  return rows;
}

function report(rows: readonly Row[]): string {
  const ms = ({ cpuMs, wallMs }: Time) =>
    `${cpuMs.toFixed(2)} (${wallMs.toFixed(2)}) ms`;
  const lines = [
    "CPU time, in brackets time by the clock.",
    "",
    `| store | memories | a remember of ${REMEMBERS_AT_ONCE} | remembers/s | recall p50 | p95 | first recall | requests of ${REMEMBERS_AT_ONCE} remembers and of a recall |`,
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const row of rows) {
    lines.push(
      `| ${row.store} | ${row.memories} | ${ms(row.remember)} | ${
        (1000 / row.remember.wallMs).toFixed(0)
      } | ${ms(row.p50)} | ${ms(row.p95)} | ${
        row.firstRecallMs.toFixed(0)
      } ms | ${row.requests} |`,
    );
  }
  for (const store of new Set(rows.map((row) => row.store))) {
    const at = (memories: number) =>
      rows.find((row) => row.store === store && row.memories === memories);
    const [few, many] = [at(1000), at(100_000)];
    if (!few || !many) continue;
    const recall = many.p50.cpuMs / few.p50.cpuMs;
    const remember = many.remember.cpuMs / few.remember.cpuMs;
    lines.push(
      "",
      `${store}, growth from 1,000 to 100,000 (at most ${LOG_GROWTH}): recall ${
        recall.toFixed(2)
      } times, remember ${remember.toFixed(2)} times`,
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
  const store = Deno.args[1];
  if (store === undefined) console.log(await reportRoundTrips());
  const rows: Row[] = [];
  if (store !== "SQLite") rows.push(...await measure("memory", {}, sizes));
  if (store !== "memory") {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/bench.db`;
      rows.push(...await measure("SQLite", { path }, sizes));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }
  console.log(report(rows));
}

if (import.meta.main) await main();
