/** User profiles, which are immutable records of type `user`, and the erasure of users: `api.users.*`. */
import {
  internalMutationGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { eraseArgs, eraseResult, eraseStep } from "./lib/eraseJob.ts";
import { countRemaining } from "./lib/erasure.ts";
import { countRecords, listRecords } from "./lib/immutableList.ts";
import {
  recordView,
  storeRecord,
  toRecord,
  versionsOf,
} from "./lib/immutableStore.ts";
import {
  historyOf,
  versionAt,
  versionNumbered,
} from "./lib/immutableVersions.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";
import { findUser } from "./lib/registry.ts";
import { resumeErasures } from "./lib/resumeErasures.ts";
import { userSubject } from "./lib/subjects.ts";
import { csvOfUsers, csvPage } from "./lib/userCsv.ts";
import {
  exportPage as part,
  exportPageArgs,
  exportUsers,
} from "./lib/userExport.ts";
import {
  deleteProfiles,
  pageOfProfiles,
  profilePage,
  profilePageArgs,
  profileView,
  toProfile,
  updateProfiles as updateEach,
  USER,
} from "./lib/userProfiles.ts";
import { toUserVersion, userVersion } from "./lib/userVersions.ts";

const named = { ...accessArgs, userId: v.string() };
const data = { data: v.optional(v.any()), dataJson: v.optional(v.string()) };

/** One profile of the tenant as an immutable record, or null. */
export const get = queryGeneric({
  args: named,
  returns: v.union(recordView, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const row = await findUser(ctx, await enter(ctx, args), args.userId);
    return row === null ? null : toRecord(row, await versionsOf(ctx, row));
  },
});

/** One profile without its versions, or null. */
export const getProfile = queryGeneric({
  args: named,
  returns: v.union(profileView, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const row = await findUser(ctx, await enter(ctx, args), args.userId);
    return row === null ? null : toProfile(row);
  },
});

/** Whether a user has a profile. */
export const exists = queryGeneric({
  args: named,
  returns: v.boolean(),
  handler: async (ctx: QueryCtx, args) =>
    await findUser(ctx, await enter(ctx, args), args.userId) !== null,
});

/** Creates a profile, or merges data into it as its next version. */
export const update = mutationGeneric({
  args: { ...named, ...data },
  returns: profileView,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    const { userId: id, data, dataJson } = args;
    return toProfile(
      await storeRecord(ctx, scope, {
        type: USER,
        id,
        data,
        ...(dataJson !== undefined && { dataJson }),
        merge: true,
      }),
    );
  },
});

/** The profile as it is, or a new one with the data. */
export const getOrCreate = mutationGeneric({
  args: { ...named, ...data },
  returns: profileView,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    const { userId: id, data = {}, dataJson } = args;
    return toProfile(
      await findUser(ctx, scope, id) ??
        await storeRecord(ctx, scope, {
          type: USER,
          id,
          ...(dataJson === undefined ? { data } : { dataJson }),
        }),
    );
  },
});

/** Profiles as records, the newest first. */
export const list = queryGeneric({
  args: { ...accessArgs, limit: v.optional(v.number()) },
  returns: v.array(recordView),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    return (await listRecords(ctx, scope, { ...args, type: USER })).entries;
  },
});

/** One step of a page of profiles that meet every condition. */
export const page = queryGeneric({
  args: profilePageArgs,
  returns: profilePage,
  handler: async (ctx: QueryCtx, args) =>
    await pageOfProfiles(ctx, await enter(ctx, args), args),
});

/** How many profiles there are. */
export const count = queryGeneric({
  args: accessArgs,
  returns: v.number(),
  handler: async (ctx: QueryCtx, args) =>
    await countRecords(ctx, await enter(ctx, args), { type: USER }),
});

/** One version of a profile, or null. */
export const getVersion = queryGeneric({
  args: { ...named, version: v.number() },
  returns: v.union(userVersion, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const row = await findUser(ctx, await enter(ctx, args), args.userId);
    return row === null
      ? null
      : toUserVersion(await versionNumbered(ctx, row, args.version));
  },
});

/** Every version of a profile, the newest first. */
export const getHistory = queryGeneric({
  args: named,
  returns: v.array(userVersion),
  handler: async (ctx: QueryCtx, args) => {
    const row = await findUser(ctx, await enter(ctx, args), args.userId);
    if (row === null) return [];
    const history = await historyOf(ctx, row);
    return history.reverse().flatMap((version) => toUserVersion(version) ?? []);
  },
});

/** The version of a profile that was current at a time, or null. */
export const getAtTimestamp = queryGeneric({
  args: { ...named, timestamp: v.number() },
  returns: v.union(userVersion, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const row = await findUser(ctx, await enter(ctx, args), args.userId);
    return row === null
      ? null
      : toUserVersion(await versionAt(ctx, row, args.timestamp));
  },
});

/** Merges data into every profile that there is of those named, all or none. */
export const updateProfiles = mutationGeneric({
  args: {
    ...accessArgs,
    userIds: v.array(v.string()),
    ...data,
    skipVersioning: v.optional(v.boolean()),
  },
  returns: v.object({ updated: v.number(), userIds: v.array(v.string()) }),
  handler: async (ctx: MutationCtx, args) => {
    const { userIds, data, dataJson, skipVersioning } = args;
    return await updateEach(ctx, await enter(ctx, args), {
      userIds,
      data,
      ...(dataJson !== undefined && { dataJson }),
      ...(skipVersioning !== undefined && { skipVersioning }),
    });
  },
});

/**
 * Deletes one profile with its versions, and nothing else; to be called until `deleted`.
 *
 * @throws {ConvexError} `IMMUTABLE_ENTRY_NOT_FOUND`.
 */
export const deleteUserProfile = mutationGeneric({
  args: named,
  returns: v.object({ deleted: v.boolean() }),
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    const { done } = await deleteProfiles(ctx, scope, [args.userId], true);
    return { deleted: done };
  },
});

/** Deletes profiles, and nothing else; unknown ones are skipped. To be called until `done`. */
export const deleteProfilesOf = mutationGeneric({
  args: { ...accessArgs, userIds: v.array(v.string()) },
  returns: v.object({ deleted: v.array(v.string()), done: v.boolean() }),
  handler: async (ctx: MutationCtx, args) =>
    await deleteProfiles(ctx, await enter(ctx, args), args.userIds, false),
});

/** One step of the erasure of a user: 200 rows or 4 MiB. To be called until `done`. */
export const eraseUser = mutationGeneric({
  args: { ...named, ...eraseArgs },
  returns: eraseResult,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    return await eraseStep(ctx, scope, userSubject(scope, args.userId), args);
  },
});

/** Rows of a user that are left, by table; at most 1,000 of each field are counted. */
export const verifyErasure = queryGeneric({
  args: { ...named, conversationIds: v.optional(v.array(v.string())) },
  returns: v.record(v.string(), v.number()),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const { conversationIds = [] } = args;
    return await countRemaining(
      ctx,
      userSubject(scope, args.userId, conversationIds),
    );
  },
});

/** One part of the export of users and of what is held on them. */
export const exportPage = queryGeneric({
  args: exportPageArgs,
  returns: part,
  handler: async (ctx: QueryCtx, args) =>
    await exportUsers(ctx, await enter(ctx, args), args),
});

/** One part of the export of users as CSV. */
export const exportCsv = queryGeneric({
  args: exportPageArgs,
  returns: csvPage,
  handler: async (ctx: QueryCtx, args) =>
    await csvOfUsers(ctx, await enter(ctx, args), args),
});

/** Goes on with erasures that nobody has stepped for ten minutes: one step of each, for the scheduler. */
export const resumeDeletions = internalMutationGeneric({
  args: { now: v.optional(v.number()) },
  returns: v.object({ resumed: v.number() }),
  handler: async (ctx: MutationCtx, args) =>
    await resumeErasures(ctx, args.now ?? Date.now()),
});
