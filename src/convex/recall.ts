/** Internal functions of recall and search, which their actions call. Not callable from outside. */
import { internalQueryGeneric } from "convex/server";
import { rankedRecallQuery } from "./lib/recall/recall.ts";
import { embeddedSearchQuery } from "./lib/memory/memorySearch.ts";

/** Second half of `memory:recallWithEmbedding`. */
export const ranked = internalQueryGeneric(rankedRecallQuery);
/** Second half of `memories:searchWithEmbedding`. */
export const search = internalQueryGeneric(embeddedSearchQuery);
