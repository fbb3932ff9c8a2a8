/**
 * How well and how fast recall finds: remembers talks through the engine, one memory space each, asks their questions
 * and prints the share of the answering messages among the first 5, 10 and 20 messages returned.
 *
 * `deno run -A tests/bench/recall/main.ts [FOLDER]`: the folder holds talks as `data.ts` reads them. Default: the
 * variable `CORTEX_DATA`, otherwise `shared/data` beside the repository.
 *
 * @module
 */

import { modules, schema } from "../../../src/convex/index.ts";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { readTalks, type Talk } from "./data.ts";
import { rememberTalk } from "./remember.ts";

const CUTS = [5, 10, 20] as const;

interface Answer {
  readonly category: string;
  /** Share of the evidence among the first messages, for each of {@link CUTS}. */
  readonly recall: readonly number[];
  readonly elapsedMs: number;
}

interface RecallResult {
  items: {
    memory?: { conversationRef?: { messageIds: string[] } };
  }[];
}

async function ask(engine: Engine, talk: Talk): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { question, category, evidence } of talk.questions) {
    const start = performance.now();
    const { items } = await engine.query("memory:recall", {
      memorySpaceId: talk.name,
      query: question,
      sources: { vector: true, facts: true },
      limit: 20,
      includeConversation: true,
    }) as unknown as RecallResult;
    const elapsedMs = performance.now() - start;
    const found = [
      ...new Set(
        items.flatMap((item) => item.memory?.conversationRef?.messageIds ?? []),
      ),
    ];
    const recall = CUTS.map((cut) => {
      const first = new Set(found.slice(0, cut));
      return evidence.filter((id) => first.has(id)).length / evidence.length;
    });
    answers.push({ category, recall, elapsedMs });
  }
  return answers;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[
    Math.min(sorted.length - 1, Math.floor(sorted.length * share))
  ] ?? 0;
}

function report(answers: readonly Answer[]): string {
  const lines = ["class          questions    R@5   R@10   R@20"];
  const classes = [...new Set(answers.map((answer) => answer.category))].sort();
  for (const name of [...classes, "all"]) {
    const own = answers.filter((answer) =>
      name === "all" || answer.category === name
    );
    const means = CUTS.map((_, at) =>
      own.reduce((sum, answer) => sum + answer.recall[at]!, 0) / own.length
    );
    lines.push(
      name.padEnd(14) + String(own.length).padStart(10) +
        means.map((mean) => (100 * mean).toFixed(1).padStart(7)).join(""),
    );
  }
  const times = answers.map((answer) => answer.elapsedMs).sort((a, b) => a - b);
  lines.push(
    `a recall: p50 ${percentile(times, 0.5).toFixed(1)} ms, ` +
      `p95 ${percentile(times, 0.95).toFixed(1)} ms`,
  );
  return lines.join("\n");
}

async function main(): Promise<void> {
  const folder = Deno.args[0] ?? Deno.env.get("CORTEX_DATA") ??
    decodeURIComponent(
      new URL("../../../../shared/data", import.meta.url).pathname,
    );
  const talks = readTalks(folder);
  if (talks.length === 0) {
    console.log("recall: data not present");
    return;
  }
  const engine = openEngine({
    schema,
    modules,
    store: openMemoryStore(),
  });
  const start = performance.now();
  for (const talk of talks) await rememberTalk(engine, talk);
  const seconds = (performance.now() - start) / 1000;
  const count = talks.reduce((sum, talk) => sum + talk.messages.length, 0);
  console.log(
    `remembered ${count} messages of ${talks.length} talks in ${
      seconds.toFixed(1)
    } s`,
  );
  const answers: Answer[] = [];
  for (const talk of talks) answers.push(...await ask(engine, talk));
  console.log(report(answers));
  await engine.close();
}

if (import.meta.main) await main();
