/** Searches in a space where most matches by word or meaning are excluded by the filters. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { StoreMemoryInput } from "../../../cortex/types/vector.ts";
import { cortexCase, exchange, type FacadeSubject, note } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const memorySpaceId = "crowd";
/** More than the 1,000 hits that a text search reads. */
const CROWD = 1010;
/** More than the 256 hits of a vector search. */
const CROWD_OF_VECTORS = 260;
/** More facts than a search finds. */
const CROWD_OF_FACTS = 70;
/** Lengths of embeddings with and without a vector index. */
const DIMENSIONS = [256, 3];

/** A unit vector that turns away from the first axis. */
function vectorAt(angle: number, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  [vector[0], vector[1]] = [Math.cos(angle), Math.sin(angle)];
  return vector;
}

/** Stores what a case searches for, then many equally good answers. */
async function crowd(
  { vector }: Cortex,
  wanted: readonly Partial<StoreMemoryInput>[],
  size: number,
  others: (at: number) => Partial<StoreMemoryInput>,
): Promise<void> {
  for (const [at, changes] of wanted.entries()) {
    await vector.store(
      memorySpaceId,
      note({ content: `An apple, number ${at}, of long ago`, ...changes }),
    );
  }
  await Promise.all(
    Array.from(
      { length: size },
      (_, at) =>
        vector.store(
          memorySpaceId,
          note({ content: "apple", userId: "others", ...others(at) }),
        ),
    ),
  );
}

/** Memories about a user, said by the user, and said by the user about somebody else. */
const ofAda: readonly Partial<StoreMemoryInput>[] = [
  { userId: "ada" },
  { source: { type: "system", userId: "ada" } },
  { userId: "bob", source: { type: "system", userId: "ada" } },
];

const textsOf = (found: readonly { content: string }[]) =>
  found.map(({ content }) => content).sort();

const allOfAda = ofAda.map((_, at) => `An apple, number ${at}, of long ago`);

/** Cases of searches with narrow filters. */
export const crowdedSpaceContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "search() and recall() find memories of a user, or of a time, by words, however many others there are",
    async (cortex) => {
      const { memory, vector } = cortex;
      const tool = { userId: "bob", source: { type: "tool" } as const };
      await crowd(cortex, [...ofAda, tool], CROWD, () => ({}));
      const filter = { userId: "ada" };
      const found = await memory.search(memorySpaceId, "apple", filter);
      assertEquals(textsOf(found), allOfAda);
      const asked = { memorySpaceId, query: "apple" };
      const { items } = await memory.recall({ ...asked, ...filter });
      assertEquals(textsOf(items), allOfAda);
      const bySource = await memory.search(memorySpaceId, "apple", {
        sourceType: "tool",
      });
      assertEquals(textsOf(bySource), ["An apple, number 3, of long ago"]);
      const stored = await vector.list({ memorySpaceId, limit: CROWD + 4 });
      const oldest = stored.slice(-ofAda.length);
      assertEquals(textsOf(oldest), allOfAda);
      const old = await memory.recall({
        ...asked,
        createdBefore: new Date(oldest[0]!.createdAt),
        limit: 1000,
      });
      const texts = textsOf(old.items);
      assertEquals(allOfAda.filter((text) => !texts.includes(text)), []);
    },
  ),
  ...DIMENSIONS.map((dimensions) =>
    cortexCase(
      `search() and recall() find a user's memories by ${dimensions} numbers, however many of others are nearer`,
      async (cortex) => {
        const { memory, vector } = cortex;
        await crowd(
          cortex,
          ofAda.map((one, at) => ({
            ...one,
            embedding: vectorAt(1.4 + at / 100, dimensions),
          })),
          CROWD_OF_VECTORS,
          (at) => ({
            embedding: vectorAt(at / CROWD_OF_VECTORS, dimensions),
          }),
        );
        const filter = { userId: "ada", embedding: vectorAt(0, dimensions) };
        const found = await vector.search(memorySpaceId, "fruit", filter);
        assertEquals(found.map(({ content }) => content), allOfAda);
        const asked = { memorySpaceId, query: "fruit", ...filter };
        assertEquals(textsOf((await memory.recall(asked)).items), allOfAda);
        await vector.update(memorySpaceId, found[0]!.memoryId, {
          embedding: vectorAt(1.5, dimensions),
        });
        const moved = await vector.search(memorySpaceId, "fruit", filter);
        assertEquals(moved.at(-1)!.memoryId, found[0]!.memoryId);
      },
    )
  ),
  cortexCase(
    "facts.search() finds the facts of a subject, a participant or a tag, and recall() those of a tag or a time, however many others there are",
    async ({ facts, memory }) => {
      const store = (fact: string, changes: object = {}) =>
        facts.store({
          memorySpaceId,
          fact,
          factType: "custom",
          subject: "others",
          confidence: 50,
          sourceType: "manual",
          ...changes,
        });
      const hers = { subject: "ada", participantId: "tool", tags: ["old"] };
      const { factId, createdAt } = await store("One apple, long ago", hers);
      await store("A pear, long ago", hers);
      await Promise.all(
        Array.from({ length: CROWD }, () => store("apple")),
      );
      const { tags, participantId, subject } = hers;
      for (
        const filter of [{ subject }, { participantId }, { tags }, {
          ...hers,
          minConfidence: 50,
        }]
      ) {
        const found = await facts.search(memorySpaceId, "apple", filter);
        assertEquals(found.map((one) => one.factId), [factId]);
      }
      const filters = [{ tags }, { createdBefore: new Date(createdAt) }];
      for (const filter of filters) {
        const asked = { memorySpaceId, query: "apple", limit: 1000 };
        const { items } = await memory.recall({ ...asked, ...filter });
        assertEquals(items.some(({ id }) => id === factId), true);
      }
      const all = await facts.search(memorySpaceId, "apple", { limit: 1000 });
      assertEquals(all.length, 1000);
    },
  ),
  cortexCase(
    "recall() finds a user's facts, and those of a confidence, by their vectors, however many others are nearer",
    async ({ memory }) => {
      const learn = (userId: string, fact: string, confidence = 80) =>
        memory.remember(
          exchange({
            memorySpaceId,
            userId,
            skipLayers: ["conversations", "vector"],
            autoEmbed: true,
            factDeduplication: false,
            extractFacts: () =>
              Promise.resolve([{ fact, factType: "custom", confidence }]),
          }),
          { beliefRevision: false },
        );
      const { facts: [hers] } = await learn("ada", "Ada paints", 95);
      await Promise.all(
        Array.from(
          { length: CROWD_OF_FACTS },
          (_, at) => learn("others", `Somebody sings song ${at}`),
        ),
      );
      for (const filter of [{ userId: "ada" }, { minConfidence: 90 }]) {
        const { items } = await memory.recall({
          memorySpaceId,
          query: "umbrella",
          sources: { vector: false },
          ...filter,
        });
        assertEquals(items.map(({ id }) => id), [hers!.factId]);
      }
    },
    {
      embedder: (texts) =>
        Promise.resolve(
          texts.map((text) => vectorAt(text === "Ada paints" ? 1.4 : 0, 256)),
        ),
    },
  ),
  cortexCase(
    "recall() finds by their vectors what is left, however much that is nearer is in the archive, and that when it is restored",
    async ({ memory }) => {
      // As many facts as a search finds, each with a memory; more memories than a search finds.
      const learn = (fact: string) =>
        memory.remember(exchange({
          memorySpaceId,
          userMessage: fact,
          autoEmbed: true,
          skipLayers: ["conversations"],
          factDeduplication: false,
          extractFacts: () =>
            Promise.resolve([{ fact, factType: "custom", confidence: 80 }]),
        }));
      await learn("Ada paints");
      const songs = await Promise.all(
        Array.from(
          { length: CROWD_OF_FACTS },
          (_, at) => learn(`Somebody sings song ${at}`),
        ),
      );
      const found = async () => {
        const { items } = await memory.recall({
          memorySpaceId,
          query: "umbrella",
          limit: 2,
        });
        return items.map(({ type, content }) => [type, content]).sort();
      };
      const memories = songs.flatMap((song) => song.memories);
      await Promise.all(
        memories.map(({ memoryId }) => memory.archive(memorySpaceId, memoryId)),
      );
      assertEquals(await found(), [
        ["fact", "Ada paints"],
        ["memory", "Ada paints"],
      ]);
      const { memoryId } = songs[0]!.memories[0]!;
      await memory.restoreFromArchive(memorySpaceId, memoryId);
      assertEquals(await found(), [
        ["fact", "Somebody sings song 0"],
        ["memory", "Somebody sings song 0"],
      ]);
    },
    {
      embedder: (texts) =>
        Promise.resolve(
          texts.map((text) =>
            vectorAt(
              text === "Ada paints"
                ? 1.3
                : /^Somebody|umbrella/.test(text)
                ? 0
                : 1.5,
              256,
            )
          ),
        ),
    },
  ),
];
