/** Shared by the cases of `memory`. */
import type { Cortex } from "../../../cortex/cortex.ts";
import type { FactRecord } from "../../../cortex/types/facts.ts";
import type { MemoryEntry } from "../../../cortex/types/vector.ts";
import { note } from "../subject.ts";

/** Names the space. */
export const spaceFilter = { memorySpaceId: "space" };

/** A fact in a note. */
export const keyFact = {
  fact: "The spare key is under a flower pot",
  factType: "knowledge" as const,
  confidence: 80,
  tags: ["key"],
};

/** Stores a note with one fact. */
export async function storeWithFact(
  cortex: Cortex,
  changes: object = {},
): Promise<{ memoryId: string; memory: MemoryEntry; fact: FactRecord }> {
  const { memory, facts } = await cortex.memory.store(
    "space",
    note({ extractFacts: () => Promise.resolve([keyFact]), ...changes }),
  );
  return { memoryId: memory.memoryId, memory, fact: facts[0]! };
}

/** Reads a fact in any state. */
export const factOf = (cortex: Cortex, factId: string) =>
  cortex.getClient().query("facts:get", { ...spaceFilter, factId }) as Promise<
    { validUntil?: number; tags: string[]; version: number } | null
  >;

/** Facts that a recall finds. */
export const recalled = async (cortex: Cortex) =>
  (await cortex.memory.recall({
    ...spaceFilter,
    query: "spare key flower pot",
    sources: { vector: false },
  })).sources.facts.count;
