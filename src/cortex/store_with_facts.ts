/** `memory.store`: a memory and the facts found in it, in one mutation. */
import type { ApiContext } from "./api_context.ts";
import { unlessAborted } from "./deadline.ts";
import { extract, prepareFacts, reportRefused } from "./extracted_facts.ts";
import { factCost, STORE_COST } from "./memory_input.ts";
import type { FactRecord, RefusedFact } from "./types/facts.ts";
import type { StoreMemoryResult } from "./types/memory.ts";
import type { MemoryEntry, StoreMemoryInput } from "./types/vector.ts";

/** Stores a memory; the extractor, where there is one, runs first. */
export async function storeWithFacts(
  context: ApiContext,
  args: object,
  input: StoreMemoryInput,
  signal: AbortSignal | undefined,
): Promise<StoreMemoryResult> {
  if (!input.extractFacts) {
    const memory = await context.mutation<MemoryEntry>("memories:store", args, {
      signal,
      batch: { cost: STORE_COST },
    });
    return { memory, facts: [] };
  }
  context.assertOpen();
  const { found } = await unlessAborted(
    extract(context.logger, () => input.extractFacts?.(input.content)),
    signal,
  );
  const prepared = prepareFacts(found, {
    subject: input.userId,
    tags: input.metadata.tags,
  });
  const stored = await context.mutation<{
    memory: MemoryEntry;
    facts: FactRecord[];
    refusedFacts?: RefusedFact[];
  }>("memory:store", { ...args, facts: prepared.facts }, {
    signal,
    batch: { cost: factCost(STORE_COST, prepared.facts.length) },
  });
  const refused = [...prepared.refused, ...stored.refusedFacts ?? []];
  reportRefused(context.logger, refused);
  return {
    memory: stored.memory,
    facts: stored.facts,
    ...refused.length > 0 ? { refusedFacts: refused } : {},
  };
}
