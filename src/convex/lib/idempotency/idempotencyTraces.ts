/** Traces: the users, agents, spaces and rows that a kept result mentions, so that erasing these finds the result. */
import type { Doc } from "../model.ts";
import { normalise } from "../text/normalise.ts";

/** Most traces of one result; no function returns more rows. */
const MAX_TRACES = 1000;
/** Longest id; longer strings leave no trace. */
const MAX_ID_LENGTH = 500;

/** The kind of thing that a trace names. */
export type TraceKind =
  | "user"
  | "subject"
  | "conversation"
  | "agent"
  | "space";

/** Fields of results, with the kind of thing that they name. */
const KINDS: Readonly<Record<string, TraceKind>> = {
  userId: "user",
  sourceUserId: "user",
  userIds: "user",
  subject: "subject",
  conversationId: "conversation",
  agentId: "agent",
  participantId: "agent",
  memorySpaceId: "space",
};

/**
 * Tables whose rows are deleted one by one, with a field that only whole rows have, and the fields that make up the id.
 */
const ROWS = {
  memories: ["content", "memorySpaceId", "memoryId"],
  facts: ["fact", "memorySpaceId", "factId"],
  conversations: ["messages", "conversationId"],
  immutable: ["previousVersions", "type", "id"],
  mutable: ["createdAt", "namespace", "key"],
  agents: ["registeredAt", "agentId"],
} as const;

/** A table whose rows are deleted one by one; or `exchanges`, the messages that a call added to a conversation. */
export type TracedTable = keyof typeof ROWS | "exchanges";

/** The trace of a whole row. A result that only names the row, such as that of its deletion, has no such trace. */
export function rowTrace(table: TracedTable, ids: readonly string[]): string {
  return `row:${table}:${JSON.stringify(ids)}`;
}

/** The trace of a memory as the source of facts. */
export function sourceTrace(
  { memorySpaceId, memoryId }: Pick<
    Doc<"memories">,
    "memorySpaceId" | "memoryId"
  >,
): string {
  return `memory:${JSON.stringify([memorySpaceId, memoryId])}`;
}

/** Encodes a trace for storage. */
export function traceOf(kind: TraceKind, id: string): string {
  return `${kind}:${kind === "subject" ? normalise(id) : id}`;
}

/**
 * All traces in a result: at most 1,000 of names, and 1,000 of rows.
 *
 * @param spaceId The space of facts whose replacement it tells of.
 */
export function tracesIn(result: unknown, spaceId?: string): string[] {
  const names = new Set<string>();
  const rows = new Set<string>();
  const addNames = (kind: TraceKind, value: unknown) => {
    for (const id of Array.isArray(value) ? value : [value]) {
      if (isId(id) && names.size < MAX_TRACES) names.add(traceOf(kind, id));
    }
  };
  const visit = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== "object" || value === null) return;
    const record = value as Record<string, unknown>;
    // A profile is a record of type `user`.
    if (record.type === "user") addNames("user", record.id);
    // Participants of a space may be users or agents, whatever their type says.
    if ("joinedAt" in record) {
      addNames("user", record.id);
      addNames("agent", record.id);
    }
    const { memoryId } = (record.sourceRef ?? {}) as { memoryId?: unknown };
    const { memorySpaceId } = record;
    if (isId(memorySpaceId) && isId(memoryId) && names.size < MAX_TRACES) {
      names.add(sourceTrace({ memorySpaceId, memoryId }));
    }
    for (const trace of rowsBehind(record, spaceId)) rows.add(trace);
    for (const trace of copiedRows(record)) {
      if (rows.size < MAX_TRACES) rows.add(trace);
    }
    for (const [name, member] of Object.entries(record)) {
      // A user of a similar id is another one.
      const isUser = name === "subject" && isSimilar(member, record.userId);
      const kind = isUser ? "user" : KINDS[name];
      // The result of deleting a space stays: a repeat must not delete a new space of that name.
      if (kind === "space" && record.deleted === true) continue;
      if (kind === undefined) visit(member);
      else addNames(kind, member);
    }
  };
  visit(result);
  return [...names, ...rows];
}

/** Traces of the rows that a profile, an event of a fact's replacement, or what `remember` returns was made from. */
function rowsBehind(
  record: Record<string, unknown>,
  spaceId?: string,
): string[] {
  const { type, id } = record;
  const isProfile = type === undefined && "data" in record &&
    "version" in record;
  const replaced = "reason" in record && spaceId !== undefined
    ? [record.oldFactId, record.newFactId].filter(isId)
    : [];
  const { conversationId, messageIds } = Object(record.conversation) as {
    conversationId?: unknown;
    messageIds?: unknown[];
  };
  return [
    ...messageIds?.length && isId(conversationId)
      ? [rowTrace("exchanges", [conversationId])]
      : [],
    ...isProfile && isId(id) ? [rowTrace("immutable", ["user", id])] : [],
    ...replaced.map((factId) => rowTrace("facts", [spaceId!, factId])),
  ];
}

/** Traces of the rows that a record is a whole copy of. */
function copiedRows(record: Record<string, unknown>): string[] {
  return Object.entries(ROWS).flatMap(([table, [mark, ...fields]]) => {
    const ids = fields.map((field) => record[field]);
    // Ids of immutable records may be of any length.
    const isRow = mark in record && ids.every((id) => typeof id === "string");
    return isRow ? [rowTrace(table as TracedTable, ids)] : [];
  });
}

function isSimilar(a: unknown, b: unknown): boolean {
  return isId(a) && isId(b) && normalise(a) === normalise(b);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH;
}
