/**
 * Tables of the backend.
 *
 * A record is named by `(tenantId, id)`; an absent tenant is a scope of its own, so every index that serves callers
 * starts with `tenantId`. Fields marked "internal" are never part of what a function returns.
 *
 * @module
 */
import { defineSchema } from "convex/server";
import { conversations, messages } from "./lib/tables/conversationTables.ts";
import { counters } from "./lib/tables/counterTables.ts";
import {
  factEmbeddings,
  factEmbeddingsWide,
  factHistory,
  facts,
} from "./lib/tables/factTables.ts";
import {
  idempotencyKeys,
  idempotencyParts,
  idempotencyTraces,
} from "./lib/tables/idempotencyTables.ts";
import {
  memories,
  memoryEmbeddings,
  memoryEmbeddingsWide,
  memoryVersions,
} from "./lib/tables/memoryTables.ts";
import {
  immutable,
  immutableVersions,
  mutable,
} from "./lib/tables/recordTables.ts";
import {
  agents,
  deletionRequests,
  memorySpaces,
  spaceParticipants,
} from "./lib/tables/registryTables.ts";

export { INDEXED_DIMENSIONS, WIDE_DIMENSIONS } from "./lib/tables/common.ts";

/** The schema that Convex deploys and the embedded engine opens. */
const schema = defineSchema({
  memorySpaces,
  spaceParticipants,
  immutable,
  immutableVersions,
  mutable,
  agents,
  conversations,
  messages,
  memories,
  memoryEmbeddings,
  memoryEmbeddingsWide,
  memoryVersions,
  facts,
  factEmbeddings,
  factEmbeddingsWide,
  factHistory,
  deletionRequests,
  idempotencyKeys,
  idempotencyParts,
  idempotencyTraces,
  counters,
});

export default schema;
