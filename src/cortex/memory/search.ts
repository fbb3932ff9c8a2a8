/** The search that `memory.search` and `vector.search` share. */
import { ENRICHED_AT_ONCE, FOUND_MEMORIES } from "../limits.ts";
import type { Calls } from "../calls/calls.ts";
import { asOne } from "../calls/deadline.ts";
import { embedTogether } from "../calls/embedding.ts";
import type { CallControls } from "../types/common.ts";
import type { EnrichedMemory, EnrichedSearchResult } from "../types/memory.ts";
import type { SearchMemoriesOptions } from "../types/vector.ts";

/** Checked arguments of a search. */
type Search = SearchMemoriesOptions & { memorySpaceId: string; query: string };

/**
 * Searches, and adds to each hit its conversation, messages and facts: one call, and another for every 200 further
 * hits.
 */
export async function searchEnriched(
  calls: Calls,
  search: Search,
  controls: CallControls,
): Promise<EnrichedSearchResult[]> {
  const { memorySpaceId, tenantId } = search;
  const hits = await searchMemories<EnrichedSearchResult[]>(
    calls,
    "memory",
    search,
    controls,
  );
  for (let at = ENRICHED_AT_ONCE; at < hits.length; at += ENRICHED_AT_ONCE) {
    const part = hits.slice(at, at + ENRICHED_AT_ONCE);
    const found = await calls.query<Surroundings[]>("memory:enrich", {
      memorySpaceId,
      tenantId,
      memoryIds: part.map(({ memory }) => memory.memoryId),
    }, controls);
    const byId = new Map(
      found.map(({ memoryId, ...parts }) => [memoryId, parts]),
    );
    for (const hit of part) Object.assign(hit, byId.get(hit.memory.memoryId));
  }
  return hits;
}

type Surroundings = Omit<EnrichedMemory, "memory"> & { memoryId: string };

/**
 * Searches by similarity if an embedding is given, by words otherwise, and by both if the search is hybrid. With
 * `memory`, hits have conversation, messages and facts.
 */
export function searchMemories<Hits>(
  calls: Calls,
  module: "memories" | "memory",
  { embedding, limit, ...asked }: Search,
  controls: CallControls,
): Promise<Hits> {
  const { embedder } = calls.context;
  return asOne(controls, async (each) => {
    const args = { ...asked, limit: limit ?? FOUND_MEMORIES };
    if (asked.hybrid && embedder && !embedding?.length) {
      [embedding] = await embedTogether(embedder)([asked.query], each.signal);
    }
    // Convex offers vector indexes to actions only.
    return await (embedding?.length
      ? calls.action<Hits>(
        `${module}:searchWithEmbedding`,
        { ...args, embedding },
        each,
      )
      : calls.query<Hits>(`${module}:search`, args, each));
  });
}
