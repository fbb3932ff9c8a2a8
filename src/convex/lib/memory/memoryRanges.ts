/** Memories of a space by filter: the index ranges that contain them, the test, and the count. */
import {
  BYTE_COUNTERS,
  counterKey,
  counterKeys,
  readCounter,
  spaceCounters,
  type Tally,
} from "../counters.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { embeddingBytes } from "../size.ts";
import { tallyMemory } from "../spaces/spaceTally.ts";
import type { IndexRange } from "../paging/walk.ts";

const NAME = "memories";

/** Conditions on a memory; all given ones must hold. */
export interface MemoryConditions {
  readonly memorySpaceId: string;
  /** The row's `userId`. */
  readonly userId?: string;
  readonly participantId?: string;
  readonly sourceType?: string;
}

/** The narrowest index range that contains everything that the conditions select. */
export function memoryRange(
  scope: Scope,
  conditions: MemoryConditions,
  order: "asc" | "desc",
): IndexRange<"memories"> {
  const { userId, participantId, sourceType } = conditions;
  const range = (index: string, ...equals: [string, unknown][]) =>
    rangeIn(scope, conditions.memorySpaceId, index, equals, order);
  if (userId !== undefined) {
    return range("by_tenant_space_user", ["userId", userId]);
  }
  if (participantId !== undefined) {
    return range("by_tenant_space_participant", [
      "participantId",
      participantId,
    ]);
  }
  if (sourceType !== undefined) {
    return range("by_tenant_space_source", ["sourceType", sourceType]);
  }
  return range("by_tenant_space_created");
}

/**
 * Ranges of the memories that are about a user or that the user said, each once; without a user, of the whole space.
 */
export function rangesOfUser(
  scope: Scope,
  conditions: MemoryConditions,
): IndexRange<"memories">[] {
  const { memorySpaceId, userId, sourceType } = conditions;
  const isOfSource = (row: Doc<"memories">) =>
    sourceType === undefined || row.sourceType === sourceType;
  const about = {
    ...memoryRange(scope, conditions, "asc"),
    selects: isOfSource,
  };
  if (userId === undefined) return [about];
  const said = rangeIn(
    scope,
    memorySpaceId,
    "by_tenant_space_sourceUser",
    [["sourceUserId", userId]],
    "asc",
  );
  return [about, {
    ...said,
    selects: (row) => isOfSource(row) && row.userId !== userId,
  }];
}

function rangeIn(
  scope: Scope,
  memorySpaceId: string,
  index: string,
  equals: readonly (readonly [string, unknown])[],
  order: "asc" | "desc",
): IndexRange<"memories"> {
  return {
    table: "memories",
    index,
    equals: [
      ["tenantId", scope.tenantId],
      ["memorySpaceId", memorySpaceId],
      ...equals,
    ],
    by: "createdAt",
    order,
  };
}

/** Whether lists and counts include a memory. */
export function isListed(
  row: Doc<"memories">,
  conditions: MemoryConditions,
): boolean {
  const { userId, participantId, sourceType } = conditions;
  return row.isPartial !== true &&
    (userId === undefined || row.userId === userId) &&
    (participantId === undefined || row.participantId === participantId) &&
    (sourceType === undefined || row.sourceType === sourceType);
}

/** Counts the memories that lists show for the conditions: one range of at most eight rows. */
export function countMemories(
  ctx: QueryCtx,
  scope: Scope,
  conditions: MemoryConditions,
): Promise<number> {
  const { memorySpaceId, userId, participantId, sourceType } = conditions;
  return readCounter(
    ctx,
    spaceCounters(scope, memorySpaceId),
    counterKey(NAME, { userId, participantId, sourceType }),
  );
}

/** Bytes of a memory with its embedding. */
export function bytesOf(
  row: Pick<Doc<"memories">, "bytes" | "embeddingDims">,
): number {
  return row.bytes + embeddingBytes(row);
}

/**
 * Adds a memory to the counts (`by` 1) or removes it (-1), with a number of bytes besides its own. Partial ones do not
 * count, but for the bytes of their versions, which are the same when they are finished.
 */
export function tallyRow(
  tally: Tally,
  row: Doc<"memories">,
  by: 1 | -1,
  moreBytes: number = 0,
): void {
  if (row.isPartial === true) return tallyBytes(tally, row, moreBytes);
  const { userId, participantId, sourceType } = row;
  const group = spaceCounters(row, row.memorySpaceId);
  const traits = { userId, participantId, sourceType };
  for (const key of counterKeys(NAME, traits)) tally.add(group, key, by);
  tallyMemory(tally, row, by, by * bytesOf(row) + moreBytes);
}

/** Counts bytes of a memory that stays. */
export function tallyBytes(
  tally: Tally,
  row: Pick<Doc<"memories">, "tenantId" | "memorySpaceId">,
  bytes: number,
): void {
  tally.add(
    spaceCounters(row, row.memorySpaceId),
    BYTE_COUNTERS.memories,
    bytes,
  );
}
