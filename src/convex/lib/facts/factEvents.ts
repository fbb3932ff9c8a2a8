/** The history of facts: one event per change. */
import { makeId } from "../ids.ts";
import type { Doc, MutationCtx, NewDoc } from "../model.ts";
import type { IndexRange } from "../paging/walk.ts";
import { owner, type Scope } from "../scope.ts";
import { pick } from "../shapes.ts";
import { cutBytes } from "../text/cutText.ts";

/** Longest text in an event, in bytes: an event contains two, and a row holds 1 MiB. */
const MAX_VALUE_BYTES = 450_000;

/** Which stages of belief revision led to a change. */
export type Pipeline = Doc<"factHistory">["pipeline"];

/** The cause of a change, for the history. */
export interface Cause {
  reason?: string;
  pipeline?: Pipeline;
  /** False logs no event. */
  history?: boolean;
  /** The fact that caused the change, whose users and conversation the event names. Default: the changed fact. */
  by?: Pick<Doc<"facts">, "userId" | "participantId" | "sourceRef">;
}

/**
 * The events of a fact, and those in which it replaced others, because these contain its text.
 *
 * @param fact Without its space, the events of all facts with this id, which those of other spaces may have.
 */
export function eventsOf(
  { tenantId }: Scope,
  { factId, memorySpaceId }:
    & Pick<Doc<"facts">, "factId">
    & Partial<Pick<Doc<"facts">, "memorySpaceId">>,
): IndexRange<"factHistory">[] {
  return ["factId", "supersededBy"].map((field) => ({
    table: "factHistory",
    index: `by_tenant_${field}`,
    equals: [["tenantId", tenantId], [field, factId]],
    by: "timestamp",
    ...(memorySpaceId !== undefined && {
      selects: (event) => event.memorySpaceId === memorySpaceId,
    }),
  }));
}

/**
 * Logs a change of a fact. Two texts that do not fit into one row are cut.
 *
 * @param fact The row that the event belongs to, after the change.
 */
export async function logChange(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  change:
    & Pick<
      NewDoc<"factHistory">,
      "action" | "oldValue" | "newValue" | "supersededBy" | "supersedes"
    >
    & Cause
    & { confidence?: number },
): Promise<void> {
  const { history, by = fact, ...event } = change;
  if (history === false) return;
  const conversationId = by.sourceRef?.conversationId ??
    fact.sourceRef?.conversationId;
  const people = ["userId", "participantId"] as const;
  await ctx.db.insert("factHistory", {
    ...owner(scope),
    eventId: makeId("fh", scope.now),
    factId: fact.factId,
    memorySpaceId: fact.memorySpaceId,
    confidence: fact.confidence,
    ...event,
    ...(event.oldValue !== undefined && event.newValue !== undefined && {
      oldValue: cutBytes(event.oldValue, MAX_VALUE_BYTES),
      newValue: cutBytes(event.newValue, MAX_VALUE_BYTES),
    }),
    ...pick(fact, people),
    ...pick(by, people),
    ...(conversationId !== undefined && { conversationId }),
    timestamp: scope.now,
  });
}
