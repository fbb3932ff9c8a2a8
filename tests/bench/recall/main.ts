/**
 * How well and how fast recall finds: remembers talks through the engine, one memory space each, asks their questions
 * and prints the share of the answering messages among the first 5, 10 and 20 messages returned, within 2,000 tokens of
 * their text, and within a context of 2,000 tokens as `recall` formats it, headings and ids, or numbers, included. The
 * last two fifths of the talks are reported apart: the ranking is tuned without them. Search libraries, which are
 * installed from npm, and SQLite's full-text index are asked the same. At last all talks are remembered in one space,
 * where the questions are harder.
 *
 * `deno task bench:recall [FOLDER] [--embedder]`: the folder holds talks as `data.ts` reads them. Default: the variable
 * `CORTEX_DATA`, otherwise `shared/data` beside the repository. With `--embedder`, messages and questions have
 * embeddings of a small model, and making them takes two minutes.
 *
 * @module
 */

import { formatForLLM } from "../../../src/cortex/memory/format_for_llm.ts";
import { type Recalled, toItems } from "../../../src/cortex/memory/recall.ts";
import { decodeMetadata } from "../../../src/cortex/rules/free_form.ts";
import type { CiteBy, RecallItem } from "../../../src/cortex/types/recall.ts";
import { modules, schema } from "../../../src/convex/index.ts";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { readTalks, type Talk } from "./data.ts";
import { type Embed, openEmbedder } from "./embedder.ts";
import { rememberTalk } from "./remember.ts";
import { openPeers, type Peer } from "./peers.ts";
import { type Answer, comparison, CUTS, report } from "./report.ts";
import { CONTEXT_ITEMS, fitting, shareOf, TOKENS } from "./shares.ts";

/** Part of the talks that weights may be tuned on. */
const DEVELOPMENT_SHARE = 0.6;

async function recall(
  engine: Engine,
  space: string,
  query: string,
  embedding: number[] | undefined,
  limit: number,
): Promise<RecallItem[]> {
  const args = {
    memorySpaceId: space,
    query,
    sources: { vector: true, facts: true },
    limit,
    includeConversation: limit < CONTEXT_ITEMS,
  };
  const recalled = embedding === undefined
    ? await engine.query("memory:recall", args)
    : await engine.action("memory:recallWithEmbedding", { ...args, embedding });
  return toItems(decodeMetadata(recalled) as unknown as Recalled);
}

async function ask(
  engine: Engine,
  talk: Talk,
  space: string,
  idOf: (id: string) => string,
  embed?: Embed,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { question, category, evidence } of talk.questions) {
    const wanted = evidence.map(idOf);
    const share = (found: readonly string[]) => shareOf(wanted, found);
    const [embedding] = await embed?.([question]) ?? [];
    const find = (limit: number) =>
      recall(engine, space, question, embedding, limit);
    const start = performance.now();
    const first = await find(CUTS.at(-1)!);
    const elapsedMs = performance.now() - start;
    const found = [...new Set(first.flatMap(messageIds))];
    const context = await find(CONTEXT_ITEMS);
    answers.push({
      category,
      recall: CUTS.map((cut) => share(found.slice(0, cut))),
      inText: share(
        context.slice(0, fitting(context.map(({ content }) => content)))
          .flatMap(messageIds),
      ),
      inContext: share(cited(context, "id").flatMap(messageIds)),
      inNumbered: share(cited(context, "number").flatMap(messageIds)),
      elapsedMs,
    });
  }
  return answers;
}

/** Asks a peer the questions of a talk whose messages are all that it indexes. */
async function askPeer(peer: Peer, talk: Talk): Promise<Answer[]> {
  const search = await peer.open(talk.messages);
  const texts = new Map(talk.messages.map(({ id, text }) => [id, text]));
  const answers: Answer[] = [];
  for (const { question, category, evidence } of talk.questions) {
    const start = performance.now();
    const found = await search(question, CUTS.at(-1)!);
    const elapsedMs = performance.now() - start;
    const context = await search(question, CONTEXT_ITEMS);
    const end = fitting(context.map((id) => texts.get(id)!));
    answers.push({
      category,
      recall: CUTS.map((cut) => shareOf(evidence, found.slice(0, cut))),
      inText: shareOf(evidence, context.slice(0, end)),
      inContext: NaN,
      inNumbered: NaN,
      elapsedMs,
    });
  }
  return answers;
}

function messageIds(item: RecallItem): string[] {
  return item.memory?.conversationRef?.messageIds ?? [];
}

/** Those that the context cites. */
function cited(items: readonly RecallItem[], by: CiteBy): RecallItem[] {
  const context = formatForLLM(items, TOKENS, by);
  const named = new Set(
    [...context.matchAll(/\[([^\]]*)\]$/gm)].map(([, name]) => name),
  );
  return items.filter(({ id }, at) =>
    named.has(by === "id" ? id : String(at + 1))
  );
}

async function main(): Promise<void> {
  const folder = Deno.args.find((arg) => arg !== "--embedder") ??
    Deno.env.get("CORTEX_DATA") ??
    decodeURIComponent(
      new URL("../../../../shared/data", import.meta.url).pathname,
    );
  const talks = readTalks(folder);
  if (talks.length === 0) {
    console.log("recall: data not present");
    return;
  }
  const embed = Deno.args.includes("--embedder")
    ? await openEmbedder()
    : undefined;
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  const start = performance.now();
  for (const talk of talks) {
    await rememberTalk(engine, talk, talk.name, embed);
  }
  const seconds = (performance.now() - start) / 1000;
  const count = talks.reduce((sum, talk) => sum + talk.messages.length, 0);
  console.log(
    `remembered ${count} messages of ${talks.length} talks in ${
      seconds.toFixed(1)
    } s`,
  );
  const answers: Answer[][] = [];
  for (const talk of talks) {
    answers.push(await ask(engine, talk, talk.name, (id) => id, embed));
  }
  const split = Math.round(talks.length * DEVELOPMENT_SHARE);
  console.log(report("development split", answers.slice(0, split).flat()));
  console.log(report("held-out split", answers.slice(split).flat()));
  console.log(report("all talks", answers.flat()));
  const compared: [string, Answer[]][] = [["recall", answers.flat()]];
  for (const peer of await openPeers(embed)) {
    const asked: Answer[] = [];
    for (const talk of talks) asked.push(...await askPeer(peer, talk));
    compared.push([peer.name, asked]);
  }
  console.log(comparison(compared));
  const together: Answer[] = [];
  for (const talk of talks) {
    await rememberTalk(engine, inOneSpace(talk), "all", embed);
  }
  for (const talk of talks) {
    const idOf = (id: string) => `${talk.name}/${id}`;
    together.push(...await ask(engine, talk, "all", idOf, embed));
  }
  console.log(report("all talks in one space", together));
  await engine.close();
}

/** The talk with ids that are unique among all talks. */
function inOneSpace(talk: Talk): Talk {
  return {
    ...talk,
    messages: talk.messages.map((message) => ({
      ...message,
      id: `${talk.name}/${message.id}`,
      conversationId: `all/${message.conversationId}`,
    })),
  };
}

if (import.meta.main) await main();
