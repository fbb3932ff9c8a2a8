/** The search that `memory.search` and `vector.search` share. */
import { pick } from "./pick.ts";
import { type ApiContext, compact } from "./api_context.ts";
import type { MemoryEntry, SearchMemoriesOptions } from "./types/vector.ts";

const DEFAULT_LIMIT = 20;

/** Searches by similarity where an embedding is given, by words otherwise. */
export function searchMemories(
  context: ApiContext,
  memorySpaceId: string,
  query: string,
  options: SearchMemoriesOptions,
  signal: AbortSignal | undefined,
): Promise<MemoryEntry[]> {
  const args = compact({
    tenantId: context.tenantId(),
    memorySpaceId,
    query,
    ...pick(
      options,
      "userId",
      "tags",
      "sourceType",
      "minImportance",
      "minScore",
      "queryCategory",
    ),
    limit: options.limit ?? DEFAULT_LIMIT,
  });
  const { embedding } = options;
  // Convex offers vector indexes to actions only.
  return embedding?.length
    ? context.action("memories:searchWithEmbedding", { ...args, embedding }, {
      signal,
    })
    : context.query("memories:search", args, { signal });
}
