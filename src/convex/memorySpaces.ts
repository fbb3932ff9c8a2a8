/** Registry of memory spaces: `api.memorySpaces.*`. */
import { v } from "convex/values";
import { accessArgs, requirePurgeable } from "./lib/access.ts";
import { checkCount } from "./lib/bounds.ts";
import { fail, shown } from "./lib/errors.ts";
import { metadata, spaceStatus, spaceType, stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import { pageFields } from "./lib/paging/page.ts";
import { checkId, MAX_SPACE_ID_LENGTH } from "./lib/scope.ts";
import { deleteSpaceStep, purgeSpaces } from "./lib/erasure/spaceDelete.ts";
import {
  countSpaces,
  listSpaces,
  listSpacesArgs,
  pageOfSpaces,
  searchSpaces,
  spaceFilterArgs,
  spacePageArgs,
  spacesOf,
} from "./lib/spaces/spaceList.ts";
import {
  spaceStats,
  spaceStatsArgs,
  statsOfSpace,
} from "./lib/spaces/spaceStats.ts";
import {
  addParticipantTo,
  archiveSpace,
  changeParticipants,
  findSpace,
  insertSpace,
  newParticipant,
  patchSpace,
  spaceView,
  standingSpace,
  toSpace,
} from "./lib/spaces/spaceStore.ts";

/** Most participants that one call adds or removes: each takes a few reads and writes, which Convex limits. */
const MAX_CHANGED = 1000;

const named = { ...accessArgs, memorySpaceId: v.string() };

/**
 * Registers a space.
 *
 * @throws {ConvexError} `MEMORYSPACE_ALREADY_EXISTS`, `DUPLICATE_PARTICIPANT`, `INVALID_ID`, `CONTENT_TOO_LARGE`.
 */
export const register = publicMutation("memorySpaces:register", {
  args: {
    ...named,
    name: v.optional(v.string()),
    type: spaceType,
    participants: v.array(newParticipant),
    ...metadata,
  },
  returns: spaceView,
  handler: async (ctx, args, scope) => {
    checkId("memorySpaceId", args.memorySpaceId, MAX_SPACE_ID_LENGTH);
    if (await findSpace(ctx, scope, args.memorySpaceId) !== null) {
      fail("MEMORYSPACE_ALREADY_EXISTS", shown(args.memorySpaceId));
    }
    return toSpace(await insertSpace(ctx, scope, args));
  },
});

/** One registered space of the tenant, or null. */
export const get = publicQuery({
  args: named,
  returns: v.union(spaceView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findSpace(ctx, scope, args.memorySpaceId);
    return row === null ? null : toSpace(row);
  },
});

/** Changes the given fields; metadata are replaced as a whole. */
export const update = publicMutation("memorySpaces:update", {
  args: {
    ...named,
    name: v.optional(v.string()),
    ...metadata,
    status: v.optional(spaceStatus),
  },
  returns: spaceView,
  handler: async (ctx, args, scope) => {
    const space = await standingSpace(ctx, scope, args);
    return toSpace(await patchSpace(ctx, scope, space, args));
  },
});

/** Adds a participant. Throws `PARTICIPANT_ALREADY_EXISTS`. */
export const addParticipant = publicMutation("memorySpaces:addParticipant", {
  args: { ...named, participant: newParticipant },
  returns: spaceView,
  handler: async (ctx, args, scope) => {
    const space = await standingSpace(ctx, scope, args);
    return toSpace(await addParticipantTo(ctx, scope, space, args.participant));
  },
});

/** Removes a participant, if it is there. */
export const removeParticipant = publicMutation(
  "memorySpaces:removeParticipant",
  {
    args: { ...named, participantId: v.string() },
    returns: spaceView,
    handler: async (ctx, args, scope) => {
      const space = await standingSpace(ctx, scope, args);
      return toSpace(
        await changeParticipants(ctx, scope, space, [], [args.participantId]),
      );
    },
  },
);

/** Removes participants, then adds those that are not members yet. */
export const updateParticipants = publicMutation(
  "memorySpaces:updateParticipants",
  {
    args: {
      ...named,
      add: v.optional(v.array(newParticipant)),
      remove: v.optional(v.array(v.string())),
    },
    returns: spaceView,
    handler: async (ctx, args, scope) => {
      const space = await standingSpace(ctx, scope, args);
      const { add = [], remove = [] } = args;
      checkCount("add", add.length, MAX_CHANGED);
      checkCount("remove", remove.length, MAX_CHANGED);
      return toSpace(await changeParticipants(ctx, scope, space, add, remove));
    },
  },
);

/** Archives a space: it takes no new data. */
export const archive = publicMutation("memorySpaces:archive", {
  args: { ...named, reason: v.optional(v.string()), ...metadata },
  returns: spaceView,
  handler: async (ctx, args, scope) => {
    const space = await standingSpace(ctx, scope, args);
    return toSpace(await archiveSpace(ctx, scope, space, args));
  },
});

/** Makes a space active; its metadata stay. */
export const reactivate = publicMutation("memorySpaces:reactivate", {
  args: named,
  returns: spaceView,
  handler: async (ctx, args, scope) => {
    const space = await standingSpace(ctx, scope, args);
    return toSpace(await patchSpace(ctx, scope, space, { status: "active" }));
  },
});

/** One step of the deletion of a space and everything in it: 200 rows or 4 MiB. To be called until `done`. */
export const deleteSpace = publicMutation("memorySpaces:deleteSpace", {
  args: {
    ...named,
    cascade: v.boolean(),
    reason: v.string(),
    confirmId: v.optional(v.string()),
    cursor: v.optional(v.string()),
    requestId: v.optional(v.string()),
  },
  returns: v.object({
    memorySpaceId: v.string(),
    deleted: v.boolean(),
    cascade: v.object({
      conversationsDeleted: v.number(),
      memoriesDeleted: v.number(),
      factsDeleted: v.number(),
      totalBytes: v.number(),
    }),
    reason: v.string(),
    deletedAt: v.number(),
    ...stepFields,
    requestId: v.optional(v.string()),
  }),
  handler: async (ctx, args, scope) => await deleteSpaceStep(ctx, scope, args),
});

/** Spaces that meet every condition, among the 8,000 rows or 8 MiB that one call reads; `page` has all. */
export const list = publicQuery({
  args: listSpacesArgs,
  returns: v.object({
    spaces: v.array(spaceView),
    total: v.number(),
    hasMore: v.boolean(),
    offset: v.number(),
  }),
  handler: async (ctx, args, scope) => await listSpaces(ctx, scope, args),
});

/** One step of a page of spaces that meet every condition. */
export const page = publicQuery({
  args: spacePageArgs,
  returns: v.object({
    spaces: v.array(spaceView),
    total: v.optional(v.number()),
    ...pageFields,
  }),
  handler: async (ctx, args, scope) => {
    const { rows, ...page } = await pageOfSpaces(ctx, scope, args);
    return { spaces: rows.map(toSpace), ...page };
  },
});

/** Counts the spaces that meet every condition. */
export const count = publicQuery({
  args: spaceFilterArgs,
  returns: v.number(),
  handler: async (ctx, args, scope) => await countSpaces(ctx, scope, args),
});

/** Statistics of a space, and who is active in it. */
export const getStats = publicQuery({
  args: spaceStatsArgs,
  returns: spaceStats,
  handler: async (ctx, args, scope) => await statsOfSpace(ctx, scope, args),
});

/** Spaces with a participant, newest first: at most the 1,000, and 4 MiB, joined last. */
export const findByParticipant = publicQuery({
  args: { ...accessArgs, participantId: v.string() },
  returns: v.array(spaceView),
  handler: async (ctx, args, scope) => {
    const { rows } = await spacesOf(ctx, scope, args.participantId);
    return rows.map(toSpace);
  },
});

/** Finds spaces whose name, id or metadata contain a text. */
export const search = publicQuery({
  args: {
    ...spaceFilterArgs,
    query: v.string(),
    limit: v.optional(v.number()),
  },
  returns: v.array(spaceView),
  handler: async (ctx, args, scope) => await searchSpaces(ctx, scope, args),
});

/**
 * Deletes the registrations of all spaces of the tenant, or of those without a tenant, but not their data; to be called
 * until `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAll = publicMutation("memorySpaces:purgeAll", {
  args: accessArgs,
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    return await purgeSpaces(ctx, scope);
  },
});
