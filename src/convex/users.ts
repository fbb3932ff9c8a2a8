/** User profiles, which are immutable records of type `user`, and the erasure of users: `api.users.*`. */
import { internalMutationGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs } from "./lib/access.ts";
import { callersStep, eraseArgs, eraseResult } from "./lib/erasure/eraseJob.ts";
import { countRemaining } from "./lib/erasure/erasure.ts";
import { stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import { countRecords, listRecords } from "./lib/immutable/immutableList.ts";
import { purgeRecord } from "./lib/immutable/immutablePurge.ts";
import {
  recordView,
  storeRecord,
  toRecord,
  versionsOf,
} from "./lib/immutable/immutableStore.ts";
import {
  historyOf,
  versionAt,
  versionNumbered,
} from "./lib/immutable/immutableVersions.ts";
import { findUser, USER } from "./lib/registry/registry.ts";
import { resumeErasure, resumeErasures } from "./lib/erasure/resumeErasures.ts";
import { userSubject } from "./lib/erasure/subjects.ts";
import { csvOfUsers, csvPage } from "./lib/users/userCsv.ts";
import {
  exportPage as part,
  exportPageArgs,
  exportUnordered,
} from "./lib/users/userExport.ts";
import {
  deleteProfiles,
  pageOfProfiles,
  profilePage,
  profilePageArgs,
  profileView,
  toProfile,
  updateProfiles as updateEach,
} from "./lib/users/userProfiles.ts";
import { toUserVersion, userVersion } from "./lib/users/userVersions.ts";

const named = { ...accessArgs, userId: v.string() };
const data = { data: v.optional(v.any()), dataJson: v.optional(v.string()) };

/** One profile of the tenant as an immutable record, or null. */
export const get = publicQuery({
  args: named,
  returns: v.union(recordView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findUser(ctx, scope, args.userId);
    return row === null ? null : toRecord(row, await versionsOf(ctx, row));
  },
});

/** One profile without its versions, or null. */
export const getProfile = publicQuery({
  args: named,
  returns: v.union(profileView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findUser(ctx, scope, args.userId);
    return row === null ? null : toProfile(row);
  },
});

/** Whether a user has a profile. */
export const exists = publicQuery({
  args: named,
  returns: v.boolean(),
  handler: async (ctx, args, scope) =>
    await findUser(ctx, scope, args.userId) !== null,
});

/** Creates a profile, or merges data into it as its next version. */
export const update = publicMutation("users:update", {
  args: { ...named, ...data },
  returns: profileView,
  about: ({ userId }) => [userId],
  handler: async (ctx, args, scope) => {
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

/** Gets the profile, or creates one with the data. */
export const getOrCreate = publicMutation("users:getOrCreate", {
  args: { ...named, ...data },
  returns: profileView,
  about: ({ userId }) => [userId],
  handler: async (ctx, args, scope) => {
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

/** Profiles as records, newest first. */
export const list = publicQuery({
  args: { ...accessArgs, limit: v.optional(v.number()) },
  returns: v.array(recordView),
  handler: async (ctx, args, scope) => {
    return (await listRecords(ctx, scope, { ...args, type: USER })).entries;
  },
});

/** One step of a page of profiles that meet every condition. */
export const page = publicQuery({
  args: profilePageArgs,
  returns: profilePage,
  handler: async (ctx, args, scope) => await pageOfProfiles(ctx, scope, args),
});

/** Counts the profiles. */
export const count = publicQuery({
  args: accessArgs,
  returns: v.number(),
  handler: async (ctx, _args, scope) =>
    await countRecords(ctx, scope, { type: USER }),
});

/** One version of a profile, or null. */
export const getVersion = publicQuery({
  args: { ...named, version: v.number() },
  returns: v.union(userVersion, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findUser(ctx, scope, args.userId);
    return row === null
      ? null
      : toUserVersion(await versionNumbered(ctx, row, args.version));
  },
});

/** The newest versions of a profile that fit into one answer, newest first. */
export const getHistory = publicQuery({
  args: named,
  returns: v.array(userVersion),
  handler: async (ctx, args, scope) => {
    const row = await findUser(ctx, scope, args.userId);
    if (row === null) return [];
    const history = await historyOf(ctx, row);
    return history.reverse().flatMap((version) => toUserVersion(version) ?? []);
  },
});

/** The version of a profile that was current at a time, or null. */
export const getAtTimestamp = publicQuery({
  args: { ...named, timestamp: v.number() },
  returns: v.union(userVersion, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findUser(ctx, scope, args.userId);
    return row === null
      ? null
      : toUserVersion(await versionAt(ctx, row, args.timestamp));
  },
});

/** Merges data into the named profiles that exist, all or none. */
export const updateProfiles = publicMutation("users:updateProfiles", {
  args: {
    ...accessArgs,
    userIds: v.array(v.string()),
    ...data,
    skipVersioning: v.optional(v.boolean()),
  },
  returns: v.object({ updated: v.number(), userIds: v.array(v.string()) }),
  handler: async (ctx, args, scope) => {
    const { userIds, data, dataJson, skipVersioning } = args;
    return await updateEach(ctx, scope, {
      userIds,
      data,
      ...(dataJson !== undefined && { dataJson }),
      ...(skipVersioning !== undefined && { skipVersioning }),
    });
  },
});

/**
 * Deletes one profile with its versions, and nothing else; to be called with the cursor of the call before until
 * `deleted`.
 *
 * @throws {ConvexError} `IMMUTABLE_ENTRY_NOT_FOUND`, `INVALID_CURSOR`.
 */
export const deleteUserProfile = publicMutation("users:deleteUserProfile", {
  args: { ...named, cursor: v.optional(v.string()) },
  returns: v.object({
    deleted: v.boolean(),
    deletedAt: v.number(),
    ...stepFields,
  }),
  handler: async (ctx, { userId: id, cursor }, scope) => {
    const purged = await purgeRecord(ctx, scope, { type: USER, id, cursor });
    const { type: _, id: __, versionsDeleted: ___, ...end } = purged;
    return { ...end, deletedAt: scope.now };
  },
});

/**
 * Deletes profiles, and nothing else; unknown ones are skipped. To be called with the cursor of the call before until
 * `done`.
 */
export const deleteProfilesOf = publicMutation("users:deleteProfilesOf", {
  args: {
    ...accessArgs,
    userIds: v.array(v.string()),
    cursor: v.optional(v.string()),
  },
  returns: v.object({ deleted: v.array(v.string()), ...stepFields }),
  about: ({ userIds }) => userIds,
  handler: async (ctx, args, scope) =>
    await deleteProfiles(ctx, scope, args.userIds, args.cursor),
});

/** One step of the erasure of a user: 200 rows or 4 MiB. To be called until `done`. */
export const eraseUser = publicMutation("users:eraseUser", {
  args: { ...named, ...eraseArgs },
  returns: eraseResult,
  handler: async (ctx, args, scope) => {
    return await callersStep(ctx, scope, userSubject(scope, args.userId), args);
  },
});

/** Counts the rows of a user that are left, by table; at most 1,000 per index range. */
export const verifyErasure = publicQuery({
  args: { ...named, conversationIds: v.optional(v.array(v.string())) },
  returns: v.record(v.string(), v.number()),
  handler: async (ctx, args, scope) => {
    const { conversationIds = [] } = args;
    return await countRemaining(
      ctx,
      userSubject(scope, args.userId, conversationIds),
    );
  },
});

/** One part of the export of users and what belongs to them. */
export const exportPage = publicQuery({
  args: exportPageArgs,
  returns: part,
  handler: async (ctx, args, scope) => await exportUnordered(ctx, scope, args),
});

/** One part of the export of users as CSV. */
export const exportCsv = publicQuery({
  args: exportPageArgs,
  returns: csvPage,
  handler: async (ctx, args, scope) => await csvOfUsers(ctx, scope, args),
});

/** Continues erasures whose last step is ten minutes old, for the scheduler: a hundred per call. */
export const resumeDeletions = internalMutationGeneric({
  args: { now: v.optional(v.number()) },
  returns: v.object({ resumed: v.number() }),
  handler: async (ctx, args) =>
    await resumeErasures(ctx, args.now ?? Date.now()),
});

/** One step of an abandoned erasure; schedules itself until nothing is left. */
export const resumeDeletion = internalMutationGeneric({
  args: { request: v.id("deletionRequests"), now: v.optional(v.number()) },
  returns: v.null(),
  handler: async (ctx, { request, now = Date.now() }) => {
    await resumeErasure(ctx, request, now);
    return null;
  },
});
