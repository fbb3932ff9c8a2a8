/**
 * Changes all facts of a memory, however many, in steps of one transaction each. A job whose caller is gone, by a crash
 * or a lost connection, continues by itself.
 *
 * @module
 */
import { makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { readCursor } from "../paging/cursor.ts";
import { archiveFact, restoreFact } from "../facts/factArchive.ts";
import { softDeleteFact } from "../facts/factVersions.ts";
import { makeId } from "../ids.ts";
import {
  alsoOwnedBy,
  archivedWith,
  namingMemory,
  ownedBy,
} from "./memoryFacts.ts";
import { archive, isArchived, restore } from "./memoryChange.ts";
import { deleteMemory } from "./memoryStore.ts";
import type { Doc, Id, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import {
  type IndexRange,
  inStep,
  StepBudget,
  type StepEnd,
  walk,
} from "../paging/walk.ts";

/** How long a job waits for its caller's next step before it continues without the caller. */
const IDLE_MS = 60_000;

const RESUME = makeFunctionReference<"mutation">("memory:resumeFacts");

/** Validator of what is done to the facts of a memory. */
export const factsJobKind = v.union(
  v.literal("archive"),
  v.literal("restore"),
  v.literal("delete"),
  v.literal("replace"),
);

type Kind = typeof factsJobKind.type;

/** What one step did. */
export interface FactsStep {
  /** The memory afterwards; as it was when the step deleted it. */
  memory: Doc<"memories">;
  /** Facts that it changed. */
  factIds: string[];
  /** Whether nothing is left to do. */
  done: boolean;
  /** Where the next step continues. */
  cursor?: string;
}

type Step = (
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  cursor: string | undefined,
) => Promise<FactsStep>;

/**
 * Archives a memory, then its facts. If the job is interrupted, the remaining facts follow later; until then, restoring
 * the memory makes it whole again.
 */
export const archiveStep: Step = async (ctx, scope, memory, cursor) => {
  const job = archiveJobOf(scope, memory, "archive", cursor);
  if (job === undefined) return nothingLeft(memory);
  const archived = cursor === undefined
    ? await archive(ctx, scope, memory)
    : memory;
  const { factIds, done } = await changeFacts(
    ctx,
    ownedBy(scope, memory),
    (fact) => archiveFact(ctx, scope, fact, memory.memoryId),
    { more: () => alsoOwnedBy(ctx, scope, memory) },
  );
  const end = await endArchiveStep(ctx, memory, "archive", job, done);
  return { memory: archived, factIds, ...end };
};

/**
 * Takes the facts of a memory out of the archive, and finally the memory itself, unless it has been restored without
 * them.
 */
export const restoreStep: Step = async (ctx, scope, memory, cursor) => {
  const job = archiveJobOf(scope, memory, "restore", cursor);
  if (job === undefined) return nothingLeft(memory);
  const { factIds, done } = await changeFacts(
    ctx,
    [archivedWith(scope, memory)],
    (fact) => restoreFact(ctx, scope, fact),
  );
  const hadFacts = cursor !== undefined || factIds.length > 0;
  const restored = done && (isArchived(memory) || !hadFacts)
    ? await restore(ctx, scope, memory)
    : memory;
  const end = await endArchiveStep(ctx, memory, "restore", job, done);
  return { memory: restored, factIds, ...end };
};

/** Soft-deletes the facts of a memory, and finally the memory itself. */
export const deleteStep: Step = async (ctx, scope, memory, cursor) => {
  const budget = new StepBudget();
  const { factIds, done: goes } = await deleteFacts(
    ctx,
    scope,
    memory,
    budget,
  );
  const { done } = goes && !budget.isSpent
    ? await deleteMemory(ctx, scope, memory, budget)
    : { done: false };
  const end = await endStep(
    ctx,
    memory,
    "delete",
    cursor === undefined,
    done ? undefined : [],
  );
  return { memory, factIds, ...end };
};

/** Soft-deletes the facts that depend on a memory, including archived ones, while the budget lasts. */
export async function deleteFacts(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  budget: StepBudget,
  reason = "Its memory was deleted",
): Promise<Changed> {
  return await changeFacts(
    ctx,
    [...ownedBy(scope, memory), archivedWith(scope, memory)],
    (fact) => dropFact(ctx, scope, fact, reason),
    { more: () => alsoOwnedBy(ctx, scope, memory), budget },
  );
}

/**
 * Soft-deletes a fact. One that was replaced while archived only leaves the archive, as a former version; then the
 * result is false.
 */
export async function dropFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  reason: string,
): Promise<boolean> {
  if (fact.supersededBy !== undefined) {
    await restoreFact(ctx, scope, fact);
    return false;
  }
  await softDeleteFact(ctx, scope, fact, reason);
  return true;
}

/** Which of the facts that name a memory are replaced: the earlier ones, with exceptions. */
export interface Replaced {
  /** When the newest of them was stored. */
  readonly upTo: number;
  /** Facts that stay. */
  readonly kept: readonly string[];
  /** Where a step among them continues. */
  readonly at?: string | undefined;
}

/** When the newest fact that names a memory was stored, including archived ones; undefined for none. */
export async function newestNaming(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<number | undefined> {
  let newest: number | undefined;
  for (const range of drawnFrom(scope, memory)) {
    for await (const { row } of walk(ctx, [{ ...range, order: "desc" }])) {
      newest = Math.max(newest ?? 0, row._creationTime);
      break;
    }
  }
  return newest;
}

/** Soft-deletes facts that others have replaced. */
export const replaceStep: Step = async (ctx, scope, memory, cursor) => {
  const replaced = readCursor<Replaced>(
    cursor ?? "",
    ({ upTo, kept }) => Number.isFinite(upTo) && Array.isArray(kept),
  );
  return await replaceFacts(ctx, scope, memory, replaced, false);
};

/** Does a step of a replacement; the first step schedules the others. */
export async function replaceFacts(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  replaced: Replaced,
  isFirst: boolean,
): Promise<FactsStep> {
  const kept = new Set(replaced.kept);
  const ranges = drawnFrom(scope, memory).map((range) => ({
    ...range,
    selects: (fact: Doc<"facts">) =>
      range.selects?.(fact) !== false &&
      fact._creationTime <= replaced.upTo && !kept.has(fact.factId) &&
      fact.sourceRef?.memoryId === memory.memoryId,
  }));
  const { factIds, done, cursor: at } = await changeFacts(
    ctx,
    ranges,
    (fact) => dropFact(ctx, scope, fact, "Its memory was updated"),
    { start: replaced.at },
  );
  const next = done ? undefined : { ...replaced, at };
  const end = await endStep(ctx, memory, "replace", isFirst, next);
  return { memory, factIds, ...end };
}

/** Does a step of a job that its caller may have given up, and schedules the next. */
export async function resumeFacts(
  ctx: MutationCtx,
  args: { memory: Id<"memories">; kind: Kind; cursor: string },
  now: number,
): Promise<void> {
  const memory = await ctx.db.get(args.memory);
  if (memory === null) return;
  const { tenantId, organizationId } = memory;
  const scope = { tenantId, organizationId, now };
  const { cursor } = await STEPS[args.kind](ctx, scope, memory, args.cursor);
  if (cursor !== undefined) {
    await ctx.scheduler.runAfter(0, RESUME, { ...args, cursor });
  }
}

const STEPS: Record<Kind, Step> = {
  archive: archiveStep,
  restore: restoreStep,
  delete: deleteStep,
  replace: replaceStep,
};

function drawnFrom(
  scope: Scope,
  memory: Doc<"memories">,
): IndexRange<"facts">[] {
  return [namingMemory(scope, memory), archivedWith(scope, memory)];
}

/** What was done to facts of ranges. */
interface Changed extends StepEnd {
  factIds: string[];
  bytes: number;
}

/** What else {@link changeFacts} is told. */
interface ChangeOptions {
  /** Where to continue. */
  readonly start?: string | undefined;
  /** Finds further facts, once those of the ranges are changed. */
  readonly more?: () => Promise<Doc<"facts">[]>;
  /** What the step may still do. Default: 200 rows and 4 MiB. */
  readonly budget?: StepBudget;
}

/**
 * Changes the facts of ranges while the budget lasts; a changed fact is no longer in any of them, nor found by `more`.
 *
 * @param change Returns false for a fact that is not to be counted.
 */
async function changeFacts(
  ctx: MutationCtx,
  ranges: readonly IndexRange<"facts">[],
  change: (fact: Doc<"facts">) => Promise<unknown>,
  { start, more, budget = new StepBudget() }: ChangeOptions = {},
): Promise<Changed> {
  const factIds: string[] = [];
  let bytes = 0;
  const handle = async (fact: Doc<"facts">) => {
    const isCounted = await change(fact) !== false;
    budget.take(fact.bytes);
    bytes += fact.bytes;
    if (isCounted) factIds.push(fact.factId);
  };
  const end = await inStep(ctx, ranges, start, budget, handle);
  for (const fact of end.done && await more?.() || []) {
    if (budget.isSpent) return { factIds, bytes, done: false };
    await handle(fact);
  }
  return { factIds, bytes, ...end };
}

/**
 * The job of a step: the running one if it does the same, otherwise a new one that replaces it. Undefined when the
 * step's job was replaced by another, since otherwise the two would replace each other for ever.
 */
function archiveJobOf(
  { now }: Scope,
  { archiveJob }: Doc<"memories">,
  kind: "archive" | "restore",
  cursor: string | undefined,
): string | undefined {
  if (cursor === undefined) {
    return archiveJob?.startsWith(kind) ? archiveJob : makeId(kind, now);
  }
  const [job] = readCursor<[string]>(cursor, Array.isArray);
  return job === archiveJob ? job : undefined;
}

async function endArchiveStep(
  ctx: MutationCtx,
  { _id, archiveJob }: Doc<"memories">,
  kind: "archive" | "restore",
  job: string,
  done: boolean,
): Promise<StepEnd> {
  const going = done ? undefined : job;
  const isNew = going !== archiveJob;
  if (isNew) await ctx.db.patch(_id, { archiveJob: going });
  return await endStep(ctx, { _id }, kind, isNew, going && [going]);
}

/** Records where a step ended. The first step schedules the others, in case the caller does not ask for them. */
async function endStep(
  ctx: MutationCtx,
  { _id }: Pick<Doc<"memories">, "_id">,
  kind: Kind,
  isFirst: boolean,
  next: object | "" | undefined,
): Promise<StepEnd> {
  if (!next) return { done: true };
  const cursor = JSON.stringify(next);
  if (isFirst) {
    await ctx.scheduler.runAfter(IDLE_MS, RESUME, {
      memory: _id,
      kind,
      cursor,
    });
  }
  return { done: false, cursor };
}

function nothingLeft(memory: Doc<"memories">): FactsStep {
  return { memory, factIds: [], done: true };
}
