/** Calls shared by `cortex.vector` and `cortex.memory`. Each module checks the arguments by its own rules first. */
import { storeCost } from "../calls/call_costs.ts";
import type { Calls } from "../calls/calls.ts";
import { toStoreArgs } from "./memory_input.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import type { CallControls } from "../types/common.ts";
import type { EnrichedMemory } from "../types/memory.ts";
import type {
  ListMemoriesFilter,
  MemoryEntry,
  MemoryVersionRecord,
  StoreMemoryInput,
} from "../types/vector.ts";

/** A listed memory, with its facts if they were asked for and there are any. */
export type ListedMemory = Pick<EnrichedMemory, "memory" | "facts">;

/** Lists memories up to the limit, in as many requests as that takes. */
export async function listMemories(
  calls: Calls,
  { enrichFacts: includeFacts, ...filter }: ListMemoriesFilter,
  controls: CallControls | undefined,
): Promise<ListedMemory[]> {
  const { entries } = await calls.whole<{ entries: ListedMemory[] }>(
    {
      kind: "query",
      name: "memories:listPage",
      parts: ["entries"],
    },
    { ...filter, includeFacts },
    controls,
  );
  return entries;
}

/** Stores a memory; may travel with others of the same tick. */
export function storeMemory(
  calls: Calls,
  memorySpaceId: string,
  input: StoreMemoryInput,
  controls: KeyedControls,
): Promise<MemoryEntry> {
  const { tags } = input.metadata;
  return calls.batched(
    "memories:store",
    toStoreArgs(memorySpaceId, input),
    controls,
    { cost: storeCost({ ...input, tags }) },
  );
}

/** Counts memories without reading them. */
export function countMemories(
  calls: Calls,
  filter: ListMemoriesFilter,
  controls: CallControls | undefined,
): Promise<number> {
  const { limit: _, enrichFacts: __, ...conditions } = filter;
  return calls.query("memories:count", conditions, controls);
}

/** Reads every version of a memory, the current one last. */
export async function readHistory(
  calls: Calls,
  memorySpaceId: string,
  memoryId: string,
  controls: CallControls | undefined,
): Promise<MemoryVersionRecord[]> {
  const { versions } = await calls.whole<{ versions: MemoryVersionRecord[] }>(
    {
      kind: "query",
      name: "memories:historyPage",
      parts: ["versions"],
    },
    { memorySpaceId, memoryId },
    controls,
  );
  return versions;
}
