/** The tables that are copied to another deployment, and the fields that identify their rows there. */
import type { TableName } from "../model.ts";
import { dependentsOf } from "../erasure/traces.ts";

/** A table whose rows belong to no other row: the index by which they are read, and its field after the tenant. */
export interface Root {
  table: TableName;
  index: string;
  by: string;
}

/** The tables whose rows belong to no other row; tables that others refer to come first. */
export const ROOTS: readonly Root[] = [
  { table: "memorySpaces", index: "by_tenant_created", by: "createdAt" },
  { table: "agents", index: "by_tenant_registered", by: "registeredAt" },
  { table: "immutable", index: "by_tenant_created", by: "createdAt" },
  { table: "mutable", index: "by_tenant_created", by: "createdAt" },
  { table: "conversations", index: "by_tenant_created", by: "createdAt" },
  { table: "memories", index: "by_tenant_created", by: "createdAt" },
  { table: "facts", index: "by_tenant_created", by: "createdAt" },
  { table: "factHistory", index: "by_tenant_time", by: "timestamp" },
  { table: "deletionRequests", index: "by_tenant_time", by: "requestedAt" },
];

/** Tables that are not exported: derived from the others, or kept for a day only. */
export const DERIVED: readonly TableName[] = [
  "counters",
  "idempotencyKeys",
  "idempotencyParts",
  "idempotencyTraces",
  "spaceParticipants",
];

/** An index in which at most one row has given values of these fields. */
export interface Unique {
  index: string;
  fields: readonly string[];
  /** Whether the index begins with the tenant. Default: true. */
  scoped?: boolean;
}

/**
 * The fields that identify a row, whatever its `_id`. The last field may be missing in the index; it is then compared
 * row by row.
 */
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

/** The parent of a table's rows: the other table, and the field that holds its `_id`. */
export interface Parent {
  table: TableName;
  field: string;
}

/** The tables whose rows belong to other rows, with their parents. */
export function parentsOf(): ReadonlyMap<TableName, Parent> {
  return new Map(
    ROOTS.flatMap(({ table }) =>
      dependentsOf(table).map((below) =>
        [below.table, { table, field: below.field }] as const
      )
    ),
  );
}
