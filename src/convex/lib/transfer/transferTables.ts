/** Which tables are carried over to another deployment, and by what their rows are known there. */
import type { TableName } from "../model.ts";
import { dependentsOf } from "../erasure/traces.ts";

/** A table whose rows stand by themselves: an index in whose order they are read, and its field after the tenant. */
export interface Root {
  table: TableName;
  index: string;
  by: string;
}

/** The tables whose rows stand by themselves, those that others name first. */
export const ROOTS: readonly Root[] = [
  { table: "memorySpaces", index: "by_tenant_created", by: "createdAt" },
  { table: "agents", index: "by_tenant_registered", by: "registeredAt" },
  { table: "immutable", index: "by_tenant_created", by: "createdAt" },
  { table: "mutable", index: "by_tenant_updated", by: "updatedAt" },
  { table: "conversations", index: "by_tenant_created", by: "createdAt" },
  { table: "memories", index: "by_tenant_created", by: "createdAt" },
  { table: "facts", index: "by_tenant_created", by: "createdAt" },
  { table: "factHistory", index: "by_tenant_time", by: "timestamp" },
  { table: "deletionRequests", index: "by_tenant_time", by: "requestedAt" },
];

/** Tables that follow from the others, or hold for a day. */
export const DERIVED: readonly TableName[] = [
  "counters",
  "idempotencyKeys",
  "idempotencyParts",
  "idempotencyTraces",
  "spaceParticipants",
];

/** An index whose rows with these fields are one at most. */
export interface Unique {
  index: string;
  fields: readonly string[];
  /** Whether the index begins with the tenant. Default: true. */
  scoped?: boolean;
}

/** By what a row is known, whichever `_id` it has; where the index does not say, the first field that it has not. */
export const UNIQUE: Readonly<Partial<Record<TableName, Unique>>> = {
  memorySpaces: { index: "by_tenant_spaceId", fields: ["memorySpaceId"] },
  spaceParticipants: {
    index: "by_tenant_space",
    fields: ["memorySpaceId", "participantId"],
  },
  agents: { index: "by_tenant_agentId", fields: ["agentId"] },
  immutable: { index: "by_tenant_type_id", fields: ["type", "id"] },
  mutable: { index: "by_tenant_namespace_key", fields: ["namespace", "key"] },
  conversations: {
    index: "by_tenant_conversationId",
    fields: ["conversationId"],
  },
  memories: {
    index: "by_tenant_space_memoryId",
    fields: ["memorySpaceId", "memoryId"],
  },
  facts: {
    index: "by_tenant_space_factId",
    fields: ["memorySpaceId", "factId"],
  },
  factHistory: {
    index: "by_tenant_factId",
    fields: ["factId", "timestamp", "eventId"],
  },
  deletionRequests: {
    index: "by_tenant_time",
    fields: ["requestedAt", "requestId"],
  },
  messages: {
    index: "by_conversation_messageId",
    fields: ["conversationDocId", "id"],
    scoped: false,
  },
  memoryVersions: {
    index: "by_memory_version",
    fields: ["memoryDocId", "version"],
    scoped: false,
  },
  memoryEmbeddings: {
    index: "by_memory",
    fields: ["memoryDocId"],
    scoped: false,
  },
  memoryEmbeddingsWide: {
    index: "by_memory",
    fields: ["memoryDocId"],
    scoped: false,
  },
  immutableVersions: {
    index: "by_entry_version",
    fields: ["immutableDocId", "version"],
    scoped: false,
  },
  factEmbeddings: { index: "by_fact", fields: ["factDocId"], scoped: false },
  factEmbeddingsWide: {
    index: "by_fact",
    fields: ["factDocId"],
    scoped: false,
  },
};

/** Where the rows of a table belong: the other table, and the field that holds the `_id`. */
export interface Parent {
  table: TableName;
  field: string;
}

/** The tables whose rows belong to others, and to which. */
export function parentsOf(): ReadonlyMap<TableName, Parent> {
  return new Map(
    ROOTS.flatMap(({ table }) =>
      dependentsOf(table).map((below) =>
        [below.table, { table, field: below.field }] as const
      )
    ),
  );
}
