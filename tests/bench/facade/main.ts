/**
 * How many requests each method takes, and how remember and recall grow with what a memory space holds, in memory and
 * on SQLite, beside a full-text index of SQLite's that stores the same messages and is asked the same questions. Run by
 * `deno task bench:facade [SIZES [memory|SQLite|FTS5]]`; sizes are numbers of memories, by default `1000,10000,100000`.
 *
 * Times are CPU time of the process, whose worker has the engine: a busy machine makes them longer by less than the
 * time by the clock, which stands in brackets.
 */
import { Cortex } from "../../../mod.ts";
import { FullTextFile } from "../full_text_file.ts";
import { REMEMBERS_AT_ONCE, report, type Row } from "./report.ts";
import { furnish, roundTrips } from "./round_trips.ts";
import { TextSource } from "./text.ts";
import { percentile, type Time, timed } from "./times.ts";
import { inDirectory } from "../../support/host_files.ts";

/** Remembers at the end of the growth to a size that its rate is taken of. */
const MEASURED_REMEMBERS = 1000;
/**
 * Recalls before it is measured, at least, and memories for each: a recall reads up to 256 of them, so most have been
 * read in a space of any size, as in a process that runs for long. What a fresh one takes stands beside it.
 */
const WARM_RECALLS = 100;
const MEMORIES_PER_WARM_RECALL = 100;
const RECALLS = 200;
/** Memories before the first size, and after each one to count requests. */
const WARM_MEMORIES = 200;
/** So that some remembers are left to measure between two sizes. */
const LEAST_GROWTH = 2 * WARM_MEMORIES;
const STORES = ["memory", "SQLite", "FTS5"];
/** Items of a recall, by default. */
const RECALLED = 20;
const EXCHANGES_PER_CONVERSATION = 20;
const SPACE = "bench";

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
  await growth.growTo(WARM_MEMORIES);
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
      () => growth.growTo(memories + WARM_MEMORIES),
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

async function measureFullText(
  path: string,
  sizes: readonly number[],
): Promise<Row[]> {
  const file = new FullTextFile(path);
  const text = new TextSource(7);
  const store = (remembers: number) =>
    Promise.resolve(file.store(
      Array.from({ length: 2 * remembers }, () => text.message()),
    ));
  const recall = () =>
    timed(() => Promise.resolve(file.search(text.question(), RECALLED)));
  const rows: Row[] = [];
  let stored = 0;
  for (const memories of sizes) {
    const remembers: Time[] = [];
    for (; stored < memories; stored += 2 * REMEMBERS_AT_ONCE) {
      const { cpuMs, wallMs } = await timed(() => store(REMEMBERS_AT_ONCE));
      remembers.push({
        cpuMs: cpuMs / REMEMBERS_AT_ONCE,
        wallMs: wallMs / REMEMBERS_AT_ONCE,
      });
    }
    const first = await recall();
    const times: Time[] = [];
    for (let left = RECALLS; left > 0; left--) times.push(await recall());
    rows.push({
      store: "FTS5",
      memories,
      remember: percentile(
        remembers.slice(-MEASURED_REMEMBERS / REMEMBERS_AT_ONCE),
        0,
      ),
      firstRecallMs: first.wallMs,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      requests: "–",
    });
  }
  file.close();
  return rows;
}

/** Runs with the path of a file that is removed afterwards. */
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

/** Sizes in ascending order; undefined where they are none, or leave nothing to measure. */
export function sizesFrom(text: string): number[] | undefined {
  const sizes = text.split(",").map(Number).sort((a, b) => a - b);
  const areApart = sizes.every((size, at) =>
    Number.isInteger(size) && size - (sizes[at - 1] ?? 0) >= LEAST_GROWTH
  );
  return areApart ? sizes : undefined;
}

async function main(): Promise<void> {
  const sizes = sizesFrom(Deno.args[0] ?? "1000,10000,100000");
  if (sizes === undefined) {
    console.error(
      `SIZES must be whole numbers from ${LEAST_GROWTH} on, as far apart: got ${
        Deno.args[0]
      }`,
    );
    Deno.exit(1);
  }
  const store = Deno.args[1];
  if (store !== undefined && !STORES.includes(store)) {
    console.error(`The store is one of ${STORES.join(", ")}, got ${store}`);
    Deno.exit(1);
  }
  if (store === undefined) console.log(await reportRoundTrips());
  const rows: Row[] = [];
  const wanted = (name: string) => store === undefined || store === name;
  if (wanted("memory")) rows.push(...await measure("memory", {}, sizes));
  if (wanted("SQLite")) {
    rows.push(
      ...await inDirectory((directory) =>
        measure("SQLite", { path: `${directory}/bench.db` }, sizes)
      ),
    );
  }
  if (wanted("FTS5")) {
    rows.push(
      ...await inDirectory((directory) =>
        measureFullText(`${directory}/bench.db`, sizes)
      ),
    );
  }
  console.log(report(rows));
}

if (import.meta.main) await main();
