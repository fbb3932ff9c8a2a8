/** `memory.store`: a memory, then the facts found in it. */
import { pick } from "../calls/pick.ts";
import { unlessAborted } from "../../at_once.ts";
import { STORE_FACT_COST } from "../calls/call_costs.ts";
import type { Calls } from "../calls/calls.ts";
import {
  extract,
  type FactInput,
  prepareFacts,
  reportRefused,
} from "../facts/extracted_facts.ts";
import { storeMemory } from "./memory_calls.ts";
import { type KeyedControls, partOf } from "../calls/idempotency.ts";
import { fingerprint } from "../calls/fingerprint.ts";
import { cut } from "../rules/rules.ts";
import type { FactRecord, RefusedFact } from "../types/facts.ts";
import type { StoreMemoryResult } from "../types/memory.ts";
import type { MemoryEntry, StoreMemoryInput } from "../types/vector.ts";

/**
 * Stores a memory, then its facts in one more request. A fact that is refused is reported, and the others are stored.
 */
export async function storeWithFacts(
  calls: Calls,
  memorySpaceId: string,
  input: StoreMemoryInput,
  controls: KeyedControls,
): Promise<StoreMemoryResult> {
  const { signal } = controls;
  const { logger } = calls.context;
  const { content, extractFacts, userId } = input;
  const memory = await storeMemory(calls, memorySpaceId, input, controls);
  // Another memory had the id, and is not to have the facts of this one.
  if (
    !extractFacts || memory.userId !== userId || memory.content !== content
  ) return { memory, facts: [] };
  const { found } = await unlessAborted(
    extract(logger, () => extractFacts(content)),
    signal,
  );
  const prepared = prepareFacts(found, { subject: userId, tags: [] });
  const outcomes = await Promise.all(
    prepared.facts.map((fact, i) =>
      storeFact(
        calls,
        memory,
        {
          ...fact,
          // So that storing the memory again does not duplicate its facts. Other spaces may have a memory with this id,
          // and so may have had this one, hence space and time.
          factId: `fact-${memory.createdAt}-${
            fingerprint([memorySpaceId, memory.memoryId, i])
          }`,
        },
        partOf(controls, i + 1)!,
      )
    ),
  );
  const refused = [
    ...prepared.refused,
    ...outcomes.filter((outcome) => "code" in outcome),
  ];
  reportRefused(logger, refused);
  return {
    memory,
    facts: outcomes.filter((outcome) => "factId" in outcome),
    ...refused.length > 0 ? { refusedFacts: refused } : {},
  };
}

async function storeFact(
  calls: Calls,
  memory: MemoryEntry,
  fact: FactInput,
  controls: KeyedControls,
): Promise<FactRecord | RefusedFact> {
  try {
    return await calls.batched<FactRecord>(
      "facts:store",
      {
        ...fact,
        // A fact without tags gets the memory's, so that it is found by them.
        tags: fact.tags.length > 0 ? fact.tags : memory.tags,
        ...pick(
          memory,
          "tenantId",
          "memorySpaceId",
          "participantId",
          "userId",
          "sourceType",
        ),
        sourceRef: { ...memory.conversationRef, memoryId: memory.memoryId },
      },
      controls,
      { orderKey: memory.memoryId, cost: STORE_FACT_COST },
    );
  } catch (error) {
    controls.signal?.throwIfAborted();
    const { code, message } = error as Error & { code?: unknown };
    return { fact: cut(fact.fact), code: String(code), message };
  }
}
