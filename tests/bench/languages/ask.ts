/** Asks the questions of a set: of `recall`, of `memory.search`, and of SQLite's full-text index. */
import { modules, schema } from "../../../src/convex/index.ts";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { FullTextFile } from "../full_text_file.ts";
import { shareOf } from "../recall/shares.ts";
import { NOW, type TextSet } from "./sets.ts";

const FIRST = 5;

/** Finds the places of messages for a question, best first. */
type Search = (question: string) => number[] | Promise<number[]>;

/** What is asked, by name. */
export const CONTENDERS: {
  readonly [name: string]: (set: TextSet, engine: Engine) => Search;
} = {
  "recall": ({ name }, engine) => async (query) => {
    const args = {
      memorySpaceId: name,
      query,
      sources: { vector: true, facts: true },
      limit: FIRST,
      includeConversation: false,
    };
    const { items } = await engine.query("memory:recall", args) as {
      items: { id: string }[];
    };
    return items.map(({ id }) => placeOf(id));
  },
  "search": ({ name }, engine) => async (query) => {
    const args = { memorySpaceId: name, query, limit: FIRST };
    const hits = await engine.query("memories:search", args) as unknown as {
      memoryId: string;
    }[];
    return hits.map(({ memoryId }) => placeOf(memoryId));
  },
  "FTS5 words": (set) =>
    fullText(set, "unicode61 remove_diacritics 2", (question) => question),
  "FTS5 trigrams": (set) =>
    fullText(set, "trigram remove_diacritics 1", trigramsOf),
};

function fullText(
  { messages }: TextSet,
  tokenizer: string,
  termsOf: (question: string) => string,
): Search {
  const file = new FullTextFile(":memory:", tokenizer);
  file.store(messages.map(({ text }) => text));
  return (question) =>
    file.search(termsOf(question), FIRST).map(({ place }) => place);
}

/** Three letters after one another, of each word, with blanks between: the index compares whole terms. */
function trigramsOf(question: string): string {
  const words = question.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return words.flatMap((word) => {
    const letters = [...word];
    return letters.slice(2).map((_, at) => letters.slice(at, at + 3).join(""));
  }).join(" ");
}

async function remember(engine: Engine, set: TextSet): Promise<void> {
  for (const [place, { text, at }] of set.messages.entries()) {
    await engine.mutation("memories:store", {
      memorySpaceId: set.name,
      memoryId: `${place} of ${set.name}`,
      content: text,
      contentType: "raw",
      sourceType: "conversation",
      messageRole: "user",
      sourceTimestamp: at,
      importance: 50,
      tags: [],
    });
  }
}

function placeOf(memoryId: string): number {
  return parseInt(memoryId);
}

/** For each contender, the share of each question's evidence that is among the first five that it found. */
export async function ask(
  set: TextSet,
  contenders = Object.values(CONTENDERS),
): Promise<number[][]> {
  const store = openMemoryStore();
  const engine = openEngine({ schema, modules, store, now: () => NOW });
  try {
    await remember(engine, set);
    const shares: number[][] = [];
    for (const open of contenders) {
      const search = open(set, engine);
      const own: number[] = [];
      for (const { text, answers } of set.questions) {
        const found = await search(text);
        own.push(shareOf(answers.map(String), found.map(String)));
      }
      shares.push(own);
    }
    return shares;
  } finally {
    await engine.close();
  }
}
