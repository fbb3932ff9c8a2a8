/** `memory.search` and `vector.search` with `hybrid`: words and similarity in one ranking. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { SearchMemoriesOptions } from "../../../cortex/types/vector.ts";
import { cortexCase, type FacadeSubject, note } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Nearest by its vector, though no word of the question is in it. */
const NEAR = "Where we hide things";
/** Has the question's words, and a vector at a right angle to the question's. */
const WORDS = "The spare key is under the pot.";
/** Has a word of the question, and no vector. */
const BARE = "A key ring";
/** Has neither word nor direction. */
const FAR = "The kettle is new.";

async function fill({ vector }: Cortex): Promise<void> {
  await vector.store("space", note({ content: NEAR, embedding: [1, 0] }));
  await vector.store("space", note({ content: WORDS, embedding: [0, 1] }));
  await vector.store("space", note({ content: FAR, embedding: [-1, 0] }));
  await vector.store("space", note({ content: BARE }));
}

async function found(
  { vector }: Cortex,
  options?: SearchMemoriesOptions,
): Promise<string[]> {
  const hits = await vector.search("space", "spare key", options);
  return hits.map(({ content }) => content);
}

/** Cases of hybrid searches. */
export const facadeHybridSearchContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "a hybrid search finds by words and by similarity, and its threshold is that of both together",
    async (cortex) => {
      await fill(cortex);
      const embedding = [1, 0];
      assertEquals(await found(cortex, { embedding }), [NEAR, WORDS]);
      const both = { embedding, hybrid: true };
      assertEquals(await found(cortex, both), [WORDS, NEAR, BARE]);
      const hits = await cortex.memory.search("space", "spare key", {
        ...both,
        enrichConversation: true,
      });
      assertEquals(hits.map(({ memory }) => memory.content), [
        WORDS,
        NEAR,
        BARE,
      ]);
      for (const { score } of hits) assert(score! > 0 && score! <= 1);
      const [best] = hits;
      assertEquals(
        await found(cortex, { ...both, minScore: best!.score }),
        [WORDS],
      );
      assertEquals(await found(cortex, { ...both, limit: 2 }), [WORDS, NEAR]);
    },
  ),
  cortexCase(
    "a hybrid search without a vector finds by words, with scores; one without words by similarity",
    async (cortex) => {
      await fill(cortex);
      assertEquals(await found(cortex, { hybrid: true }), [WORDS, BARE]);
      const [best] = await cortex.vector.search("space", "spare key", {
        hybrid: true,
      });
      assert(best!._score! > 0 && best!._score! <= 1);
      const near = await cortex.vector.search("space", "", {
        embedding: [1, 0],
        hybrid: true,
        minScore: 0.5,
      });
      assertEquals(near.map(({ content }) => content), [NEAR]);
    },
  ),
  cortexCase(
    "a search ignores the options that only recall has",
    async (cortex) => {
      await fill(cortex);
      const ofRecall: object = { explain: true, maxTokens: 10 };
      for (const module of ["memory", "vector"] as const) {
        const hits = await cortex[module].search("space", "key", ofRecall);
        assertEquals(hits.length, 2);
      }
    },
  ),
  {
    name:
      "only a hybrid search without an embedding asks the facade's embedder",
    async run(subject) {
      const asked: string[][] = [];
      await using cortex = subject.open({
        embedder: (texts) => {
          asked.push(texts);
          return Promise.resolve(texts.map(() => [1, 0]));
        },
      });
      await fill(cortex);
      assertEquals(await found(cortex), [WORDS, BARE]);
      await found(cortex, { embedding: [0, 1], hybrid: true });
      assertEquals(asked, []);
      assertEquals(await found(cortex, { hybrid: true }), [WORDS, NEAR, BARE]);
      assertEquals(asked, [["spare key"]]);
      await assertRejects(
        () => found(cortex, { hybrid: "yes" as unknown as boolean }),
        Error,
        "hybrid must be a boolean",
      );
    },
  },
];
