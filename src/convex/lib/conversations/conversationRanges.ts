/** Conversations by filter: the test, the count, and the narrowest index range that contains them. */
import {
  BYTE_COUNTERS,
  counterKey,
  counterKeys,
  readCounter,
  spaceCounters,
  tableCounters,
  type Tally,
} from "../counters.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { isBetween } from "../paging/page.ts";
import type { Scope } from "../scope.ts";
import type { IndexRange } from "../paging/walk.ts";

/** Conditions on a conversation; all given ones must hold. */
export interface ConversationFilter {
  readonly type?: "user-agent" | "agent-agent";
  readonly userId?: string;
  readonly memorySpaceId?: string;
  readonly participantId?: string;
  /** Exclusive bounds of `createdAt`, in ms. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

/** The narrowest index range that contains everything that the filter selects. */
export function conversationRange(
  scope: Scope,
  filter: ConversationFilter,
  order: "asc" | "desc",
): IndexRange<"conversations"> {
  const { memorySpaceId, userId, participantId, type } = filter;
  const range = (
    index: string,
    ...equals: [field: string, value: unknown][]
  ): IndexRange<"conversations"> => ({
    table: "conversations",
    index,
    equals: [["tenantId", scope.tenantId], ...equals],
    by: "createdAt",
    order,
    selects: (row) => isSelected(row, filter),
    after: filter.createdAfter,
    before: filter.createdBefore,
  });
  const space: [string, unknown] = ["memorySpaceId", memorySpaceId];
  const user: [string, unknown] = ["participants.userId", userId];
  if (memorySpaceId !== undefined && userId !== undefined) {
    return range("by_tenant_space_user", space, user);
  }
  if (userId !== undefined) return range("by_tenant_user", user);
  if (participantId !== undefined) {
    return range("by_tenant_participant", ["participantId", participantId]);
  }
  if (memorySpaceId !== undefined) {
    return range("by_tenant_space_created", space);
  }
  if (type !== undefined) return range("by_tenant_type", ["type", type]);
  return range("by_tenant_created");
}

/** Whether a conversation of the tenant meets the filter. */
export function isSelected(
  row: Doc<"conversations">,
  filter: ConversationFilter,
): boolean {
  return is(row.type, filter.type) &&
    is(row.memorySpaceId, filter.memorySpaceId) &&
    is(row.participants.userId, filter.userId) &&
    is(row.participantId, filter.participantId) &&
    isBetween(row.createdAt, filter.createdAfter, filter.createdBefore);
}

function is(value: unknown, wanted: unknown): boolean {
  return wanted === undefined || value === wanted;
}

/** The conditions by which conversations are counted; every combination of them has a counter. */
export type CountedFilter = Pick<
  ConversationFilter,
  "type" | "userId" | "memorySpaceId"
>;

/** Counts the conversations that the filter selects: one range of at most eight rows. */
export function countConversations(
  ctx: QueryCtx,
  scope: Scope,
  { type, userId, memorySpaceId }: CountedFilter,
): Promise<number> {
  return readCounter(
    ctx,
    memorySpaceId === undefined
      ? tableCounters(scope, NAME)
      : spaceCounters(scope, memorySpaceId),
    counterKey(NAME, { type, userId }),
  );
}

const NAME = "conversations";

/** Adds a conversation to the counters (`by` 1) or removes it (-1). */
export function tallyConversation(
  tally: Tally,
  row: Pick<
    Doc<"conversations">,
    "tenantId" | "memorySpaceId" | "type" | "participants"
  >,
  by: 1 | -1,
): void {
  const traits = { type: row.type, userId: row.participants.userId };
  const groups = [
    tableCounters(row, NAME),
    spaceCounters(row, row.memorySpaceId),
  ];
  for (const group of groups) {
    for (const key of counterKeys(NAME, traits)) tally.add(group, key, by);
  }
}

/** Adds messages and bytes of a conversation to the counters, or removes them. */
export function tallyMessages(
  tally: Tally,
  row: Pick<Doc<"conversations">, "tenantId" | "memorySpaceId">,
  messages: number,
  bytes: number,
): void {
  const group = spaceCounters(row, row.memorySpaceId);
  tally.add(group, "messages", messages);
  tally.add(group, BYTE_COUNTERS.conversations, bytes);
}
