/** Profiles of users, which are records of type `user`. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { type FreeForm, readFreeForm } from "../freeForm/freeForm.ts";
import {
  isSelectedRecord,
  knownCount,
  orderArgs,
  recordRange,
  timeArgs,
} from "../immutable/immutableList.ts";
import { deleteRecord, storeVersion } from "../immutable/immutableStore.ts";
import { jsonOf } from "../freeForm/jsonSize.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { eachInOne } from "../oneTransaction.ts";
import { readCursor } from "../paging/cursor.ts";
import { readInOrder } from "../paging/movingPage.ts";
import { pageArgs, pageFields, textTest } from "../paging/page.ts";
import { findUser, USER } from "../registry/registry.ts";
import type { Scope } from "../scope.ts";
import { StepBudget } from "../paging/walk.ts";

/** Validator of a profile as returned. */
export const profileView = v.object({
  id: v.string(),
  tenantId: v.optional(v.string()),
  data: v.optional(v.any()),
  dataJson: v.optional(v.string()),
  version: v.number(),
  createdAt: v.number(),
  updatedAt: v.number(),
});

/** A profile as returned. */
export type ProfileView = typeof profileView.type;

/** Converts a record of type `user` to a profile. */
export function toProfile(row: Doc<"immutable">): ProfileView {
  return {
    id: row.id,
    ...(row.tenantId !== undefined && { tenantId: row.tenantId }),
    ...readFreeForm("data", row),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** Validators of conditions on profiles. */
export const profileFilterArgs = {
  ...timeArgs,
  ...orderArgs,
  displayName: v.optional(v.string()),
  email: v.optional(v.string()),
};

/** Conditions on profiles, and their order. */
export type ProfileFilter = ObjectType<typeof profileFilterArgs>;

/** Arguments of `users:page`. */
export const profilePageArgs = {
  ...accessArgs,
  ...profileFilterArgs,
  ...pageArgs,
};

/** Result of `users:page`; `total` is the number of all matches, if a counter knows it. */
export const profilePage = v.object({
  users: v.array(profileView),
  total: v.optional(v.number()),
  ...pageFields,
});

/** One step of a page of profiles. */
export async function pageOfProfiles(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof profilePageArgs>,
): Promise<typeof profilePage.type> {
  const { range, steady, matches, isPlain } = profileQuery(scope, args);
  const total = isPlain
    ? await knownCount(ctx, scope, { ...args, type: USER })
    : undefined;
  const { rows, ...page } = await readInOrder(ctx, {
    ranges: [range],
    steady,
    matches,
    offset: args.offset,
    limit: args.limit,
    cursor: args.cursor,
    uncounted: total !== undefined,
  });
  return {
    ...page,
    users: rows.map(toProfile),
    ...(total !== undefined && { total }),
  };
}

/** The index range of profiles that may meet a filter, and the remaining test. */
export function profileQuery(scope: Scope, filter: ProfileFilter) {
  const { displayName, email, ...times } = filter;
  const typed = { ...times, type: USER };
  const isNamed = textTest(displayName);
  const isAddressed = textTest(email);
  return {
    range: recordRange(scope, typed, times),
    /** If updates move rows in the order of the range: the same range in an order in which they do not. */
    steady: times.sortBy === "updatedAt"
      ? [recordRange(scope, typed)]
      : undefined,
    isPlain: displayName === undefined && email === undefined,
    matches(row: Doc<"immutable">): boolean {
      if (!isSelectedRecord(row, typed)) return false;
      if (displayName === undefined && email === undefined) return true;
      const data = JSON.parse(jsonOf("data", row) || "null") ?? {};
      return isNamed(data.displayName) && isAddressed(data.email);
    },
  };
}

/**
 * Merges data into each existing profile, all or none; unknown users are skipped.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED` if the profiles are together too large for one transaction.
 */
export async function updateProfiles(
  ctx: MutationCtx,
  scope: Scope,
  args: FreeForm<"data"> & { userIds: string[]; skipVersioning?: boolean },
): Promise<{ updated: number; userIds: string[] }> {
  const { userIds, ...changes } = args;
  const updated: string[] = [];
  await eachInOne("userIds", userIds, async (id) => {
    const found = await findUser(ctx, scope, id);
    if (found === null) return;
    const next = { ...changes, type: USER, id, merge: true };
    await storeVersion(ctx, scope, found, next);
    updated.push(id);
  });
  return { updated: updated.length, userIds: updated };
}

/** Where a step ends: at the user with this index, and this profile. */
type Place = [at: number, of?: string];

/**
 * Deletes profiles and nothing else, in bounded steps; unknown ones are skipped, and those that the next step finds made
 * anew.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function deleteProfiles(
  ctx: MutationCtx,
  scope: Scope,
  userIds: readonly string[],
  cursor: string | undefined,
): Promise<{ deleted: string[]; done: boolean; cursor?: string }> {
  const deleted: string[] = [];
  const budget = new StepBudget();
  const [start, of] = cursor === undefined ? [0] : readCursor<Place>(
    cursor,
    ([at, of]) => Number.isInteger(at) && at >= 0 && typeof of === "string",
  );
  for (const [at, id] of [...userIds.entries()].slice(start)) {
    const row = await findUser(ctx, scope, id);
    if (row === null || at === start && row._id !== (of ?? row._id)) continue;
    const { done } = budget.isSpent
      ? { done: false }
      : await deleteRecord(ctx, scope, row, budget);
    if (!done) {
      return { deleted, done, cursor: JSON.stringify([at, row._id]) };
    }
    budget.take(row.bytes);
    deleted.push(id);
  }
  return { deleted, done: true };
}
