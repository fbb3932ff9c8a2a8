/** What a kept result tells of, so that the erasure of that finds it. */
import { normalise } from "./factKeys.ts";

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

/** A trace as stored. */
export function traceOf(kind: TraceKind, id: string): string {
  return `${kind}:${kind === "subject" ? normalise(id) : id}`;
}

/** Every trace in a result, at most 1,000. */
export function tracesIn(result: unknown): string[] {
  const found = new Set<string>();
  const add = (kind: TraceKind, value: unknown) => {
    for (const id of Array.isArray(value) ? value : [value]) {
      const isId = typeof id === "string" && id.length <= MAX_ID_LENGTH;
      if (isId && found.size < MAX_TRACES) {
        found.add(traceOf(kind, id));
      }
    }
  };
  const visit = (value: unknown) => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (typeof value !== "object" || value === null) return;
    const row = value as Record<string, unknown>;
    // A profile is a record of type `user`.
    if (row.type === "user") add("user", row.id);
    const { memoryId } = (row.sourceRef ?? {}) as { memoryId?: unknown };
    add("memory", memoryId);
    for (const [name, member] of Object.entries(row)) {
      const kind = KINDS[name];
      if (kind === undefined) visit(member);
      else add(kind, member);
    }
  };
  visit(result);
  return [...found];
}
