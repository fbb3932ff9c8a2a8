/** The search that `memory.search` and `vector.search` share. */
import type { Calls } from "./calls.ts";
import { pick } from "./pick.ts";
import type { CallControls } from "./types/common.ts";
import type { SearchMemoriesOptions } from "./types/vector.ts";

/** Memories given unless the options say otherwise. */
const DEFAULT_LIMIT = 20;

/** Searches by similarity where an embedding is given, by words otherwise; `memory` adds what surrounds each hit. */
export function searchMemories<Hits>(
  calls: Calls,
  module: "memories" | "memory",
  memorySpaceId: string,
  query: string,
  options: SearchMemoriesOptions & CallControls,
): Promise<Hits> {
  const args = {
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
  };
  const { embedding } = options;
  // Convex offers vector indexes to actions only.
  return embedding?.length
    ? calls.action(
      `${module}:searchWithEmbedding`,
      { ...args, embedding },
      options,
    )
    : calls.query(`${module}:search`, args, options);
}
