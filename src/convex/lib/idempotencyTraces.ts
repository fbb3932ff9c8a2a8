/** Who and what a kept result mentions, so that their erasure finds it. */
import { normalise } from "./text/normalise.ts";

/** Most traces of one result: no function lists more rows. */
const MAX_TRACES = 1000;
/** Longer strings are no ids. */
const MAX_ID_LENGTH = 500;

/** What a trace names. */
export type TraceKind =
  | "user"
  | "subject"
  | "conversation"
  | "memory"
  | "agent"
  | "space";

/** Fields of results by what they name. */
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

/** Tables whose rows are deleted one by one, the field that only whole rows have, and those that make up the id. */
const ROWS = {
  memories: ["content", "memoryId"],
  facts: ["fact", "factId"],
  conversations: ["messages", "conversationId"],
  immutable: ["previousVersions", "type", "id"],
  mutable: ["createdAt", "namespace", "key"],
  agents: ["registeredAt", "agentId"],
} as const;

/** A table of which single rows are deleted. */
export type TracedTable = keyof typeof ROWS;

/** The trace of a whole row: what only names it, such as the answer to its deletion, has none. */
export function rowTrace(table: TracedTable, ids: readonly string[]): string {
  return `row:${table}:${ids.join("/")}`;
}

/** A trace as stored. */
export function traceOf(kind: TraceKind, id: string): string {
  return `${kind}:${kind === "subject" ? normalise(id) : id}`;
}

/** Every trace in a result: at most 1,000 of names, and as many of rows. */
export function tracesIn(result: unknown): string[] {
  const found = new Set<string>();
  const rows = new Set<string>();
  const add = (kind: TraceKind, value: unknown) => {
    for (const id of Array.isArray(value) ? value : [value]) {
      if (isId(id) && found.size < MAX_TRACES) found.add(traceOf(kind, id));
    }
  };
  const visit = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== "object" || value === null) return;
    const row = value as Record<string, unknown>;
    // A profile is a record of type `user`.
    if (row.type === "user") add("user", row.id);
    const isProfile = row.type === undefined && "data" in row &&
      "version" in row && isId(row.id);
    if (isProfile) rows.add(rowTrace("immutable", ["user", row.id as string]));
    // An event of a replacement names both facts.
    if ("reason" in row) {
      for (const factId of [row.oldFactId, row.newFactId].filter(isId)) {
        rows.add(rowTrace("facts", [factId]));
      }
    }
    const { memoryId } = (row.sourceRef ?? {}) as { memoryId?: unknown };
    add("memory", memoryId);
    for (const [table, [mark, ...fields]] of Object.entries(ROWS)) {
      const ids = fields.map((field) => row[field]);
      if (mark in row && ids.every(isId) && rows.size < MAX_TRACES) {
        rows.add(rowTrace(table as TracedTable, ids));
      }
    }
    for (const [name, member] of Object.entries(row)) {
      const kind = KINDS[name];
      // The result of deleting a space stays: a repeat must not delete a new space of that name.
      if (kind === "space" && row.deleted === true) continue;
      if (kind === undefined) visit(member);
      else add(kind, member);
    }
  };
  visit(result);
  return [...found, ...rows];
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ID_LENGTH;
}
