/** Supersedes and consolidates stored facts, and removes many at once. */
import { INVALID_UPDATE } from "../moduleCodes.ts";
import { checkCount } from "../bounds.ts";
import { deleteFactEmbedding } from "../embeddings.ts";
import { fail, shown } from "../errors.ts";
import { matchesFact } from "./factFilter.ts";
import { type FactStretch, rangesOf } from "./factPage.ts";
import { uncountFact } from "./factCounts.ts";
import { findFact, findFactOfTenant } from "./factStore.ts";
import {
  changeInPlace,
  headOf,
  linkSuccessor,
  softDeleteFact,
} from "./factVersions.ts";
import { eventsOf } from "./factEvents.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { eachInOne } from "../oneTransaction.ts";
import { type Scope, timeOfChange } from "../scope.ts";
import { sizeOf } from "../size.ts";
import {
  type IndexRange,
  inStep,
  StepBudget,
  type StepEnd,
  walk,
} from "../paging/walk.ts";

/** Most ids that one call takes. */
const MAX_IDS = 200;
const NEW_FACT_NOT_FOUND = "NEW_FACT_NOT_FOUND";

/**
 * Marks one stored fact as superseded by another. Repeating it changes nothing.
 *
 * @throws {ConvexError} `OLD_FACT_NOT_FOUND`, `NEW_FACT_NOT_FOUND` (also for a deleted one),
 * `FACTS_MUST_BE_IN_SAME_SPACE`, `INVALID_UPDATE` for a fact superseding itself, for a cycle, and if another fact
 * superseded the old one already.
 */
export async function supersede(
  ctx: MutationCtx,
  scope: Scope,
  args: {
    memorySpaceId: string;
    oldFactId: string;
    newFactId: string;
    reason: string;
  },
): Promise<void> {
  const { memorySpaceId, oldFactId, newFactId, reason } = args;
  if (oldFactId === newFactId) {
    fail(INVALID_UPDATE, `${shown(oldFactId)} cannot supersede itself`);
  }
  const find = async (factId: string, code: string) =>
    await findFact(ctx, scope, memorySpaceId, factId) ??
      await notHere(ctx, scope, factId, code);
  const old = await find(oldFactId, "OLD_FACT_NOT_FOUND");
  const successor = await find(newFactId, NEW_FACT_NOT_FOUND);
  if (old.supersededBy === newFactId) return;
  if (successor.deletedAt !== undefined) {
    fail(NEW_FACT_NOT_FOUND, `${shown(newFactId)} is deleted`);
  }
  if (old.supersededBy !== undefined) {
    fail(
      INVALID_UPDATE,
      `${shown(oldFactId)} is already superseded by ${shown(old.supersededBy)}`,
    );
  }
  if ((await headOf(ctx, scope, successor)).factId === oldFactId) {
    fail(
      INVALID_UPDATE,
      `${shown(newFactId)} is superseded by ${shown(oldFactId)}`,
    );
  }
  await linkSuccessor(ctx, scope, old, successor, { reason });
  if (successor.supersedes === undefined) {
    await ctx.db.patch(successor._id, {
      supersedes: oldFactId,
      updatedAt: timeOfChange(scope, successor),
    });
  }
}

async function notHere(
  ctx: QueryCtx,
  scope: Scope,
  factId: string,
  code: string,
): Promise<never> {
  const elsewhere = await findFactOfTenant(ctx, scope, factId);
  return elsewhere === null
    ? fail(code, shown(factId))
    : fail("FACTS_MUST_BE_IN_SAME_SPACE", shown(factId));
}

/**
 * Keeps one of several facts that say the same: it supersedes the others, and gets the mean of all confidences and the
 * tags of all. Skips ids that the space does not have, and facts that are superseded, deleted or archived. If the fact
 * to keep is one of these, nothing changes, because otherwise no current fact would be left.
 *
 * @throws {ConvexError} `KEEP_FACT_NOT_IN_LIST`, `LIMIT_EXCEEDED` over 200 ids, or if the facts are together too large
 * for one transaction.
 */
export async function consolidate(
  ctx: MutationCtx,
  scope: Scope,
  memorySpaceId: string,
  factIds: readonly string[],
  keepFactId: string,
): Promise<void> {
  checkCount("factIds", factIds.length, MAX_IDS);
  if (!factIds.includes(keepFactId)) {
    fail("KEEP_FACT_NOT_IN_LIST", shown(keepFactId));
  }
  const found: Doc<"facts">[] = [];
  await eachInOne("factIds", [...new Set(factIds)], async (factId) => {
    const row = await findFact(ctx, scope, memorySpaceId, factId);
    if (row?.isCurrent) found.push(row);
  });
  const kept = found.find(({ factId }) => factId === keepFactId);
  if (kept === undefined) return;
  const mean = found.reduce((sum, row) => sum + row.confidence, 0) /
    found.length;
  const changed = await changeInPlace(ctx, scope, kept, {
    changes: {
      confidence: Math.round(mean),
      tags: [...new Set(found.flatMap(({ tags }) => tags))],
    },
    cause: { history: false },
  });
  await eachInOne("factIds", found, async (row) => {
    if (row === kept) return;
    await linkSuccessor(ctx, scope, row, changed, { reason: "Consolidated" });
  });
}

/** Soft-deletes facts of the tenant; unknown ids are skipped. Returns the ids of those that existed. */
export async function deleteByIds(
  ctx: MutationCtx,
  scope: Scope,
  factIds: readonly string[],
): Promise<string[]> {
  checkCount("factIds", factIds.length, MAX_IDS);
  const deleted: string[] = [];
  await eachInOne("factIds", [...new Set(factIds)], async (factId) => {
    const row = await findFactOfTenant(ctx, scope, factId);
    if (row === null) return;
    await softDeleteFact(ctx, scope, row);
    deleted.push(factId);
  });
  return deleted;
}

/**
 * Removes one batch of the facts of a space, with every version, embedding and event.
 *
 * @returns The number of rows removed, and where to continue.
 */
export async function removeFacts(
  ctx: MutationCtx,
  scope: Scope,
  { filter, ...stretch }: FactStretch,
): Promise<{ deleted: number } & StepEnd> {
  const wanted = { ...filter, includeSuperseded: true };
  const ranges = rangesOf(scope, { ...stretch, filter: wanted }, "asc")
    .map((range) => ({
      ...range,
      selects: (row: Doc<"facts">) => matchesFact(row, wanted),
    }));
  return await removeInStep(ctx, scope, ranges, stretch.cursor);
}

/** Removes one batch of all facts of a tenant, or of those without a tenant. */
export async function purgeFacts(
  ctx: MutationCtx,
  scope: Scope,
): Promise<{ deleted: number; done: boolean }> {
  const { deleted, done } = await removeInStep(ctx, scope, [{
    table: "facts",
    index: "by_tenant_factId",
    equals: [["tenantId", scope.tenantId]],
    by: "factId",
  }]);
  return { deleted, done };
}

async function removeInStep(
  ctx: MutationCtx,
  scope: Scope,
  ranges: readonly IndexRange<"facts">[],
  cursor?: string,
): Promise<{ deleted: number } & StepEnd> {
  const budget = new StepBudget();
  let deleted = 0;
  const end = await inStep(ctx, ranges, cursor, budget, async (row) => {
    const isGone = await removeFact(ctx, scope, row, budget);
    if (isGone) deleted++;
    return isGone;
  });
  return { deleted, ...end };
}

/**
 * Removes a fact's row, its embedding, and the events that contain its text; returns false if a further step is needed.
 */
async function removeFact(
  ctx: MutationCtx,
  scope: Scope,
  row: Doc<"facts">,
  budget: StepBudget,
): Promise<boolean> {
  const { done } = await removeEventsOfFact(ctx, scope, row, budget);
  if (!done) return false;
  budget.take(row.bytes);
  await deleteFactEmbedding(ctx, row);
  await ctx.db.delete(row._id);
  await forgetRow(ctx, scope, "facts", row.memorySpaceId, row.factId);
  if (row.isCurrent) await uncountFact(ctx, row);
  return true;
}

/** Events whose removal costs a step about as much as a fact's does. */
const EVENTS_PER_ROW = 5;

/** Removes the events of a fact while the budget lasts. */
export async function removeEventsOfFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Parameters<typeof eventsOf>[1],
  budget: StepBudget,
): Promise<{ deleted: number; done: boolean }> {
  let deleted = 0;
  for await (const { row, range } of walk(ctx, eventsOf(scope, fact))) {
    if (range.selects?.(row) === false) continue;
    if (budget.isSpent) return { deleted, done: false };
    await ctx.db.delete(row._id);
    budget.take(sizeOf(row), 1 / EVENTS_PER_ROW);
    deleted++;
  }
  return { deleted, done: true };
}
