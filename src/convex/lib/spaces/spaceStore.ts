/** Registered memory spaces and the mirror of their participants. */
import {
  DUPLICATE_PARTICIPANT,
  MEMORYSPACE_NOT_FOUND,
} from "../moduleCodes.ts";
import { checkCount, checkTime } from "../bounds.ts";
import { MEMORYSPACE_DELETING } from "../codes.ts";
import { v } from "convex/values";
import { counterKeys, tableCounters, Tally } from "../counters.ts";
import { cutText } from "../text/cutText.ts";
import { mergeFreeForm } from "../freeForm/deepMerge.ts";
import { fail, shown } from "../errors.ts";
import {
  metadata,
  spaceParticipant,
  spaceStatus,
  spaceType,
} from "../fields.ts";
import {
  type FreeForm,
  readFreeForm,
  replaceFreeForm,
  storeFreeForm,
} from "../freeForm/freeForm.ts";
import { jsonOf, MAX_SEARCHED } from "../freeForm/jsonSize.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { owner, type Scope, timeOfChange } from "../scope.ts";
import { pick } from "../shapes.ts";
import { rowSize } from "../size.ts";

/** Name of the counters of spaces, by type and status. */
export const SPACES = "memorySpaces";

/** Most participants of a space: what an array in a document may hold. */
const MAX_PARTICIPANTS = 8192;

/** A participant as given: `joinedAt` is optional. */
export const newParticipant = v.object({
  ...spaceParticipant.fields,
  joinedAt: v.optional(v.number()),
});

type Participant = typeof spaceParticipant.type;
type NewParticipant = typeof newParticipant.type;

/** Validator of a space as returned. */
export const spaceView = v.object({
  _id: v.id("memorySpaces"),
  memorySpaceId: v.string(),
  tenantId: v.optional(v.string()),
  name: v.optional(v.string()),
  type: spaceType,
  participants: v.array(spaceParticipant),
  ...metadata,
  status: spaceStatus,
  createdAt: v.number(),
  updatedAt: v.number(),
});

/** A space as returned. */
export type SpaceView = typeof spaceView.type;

/** Reads one space of the scope. */
export function findSpace(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<Doc<"memorySpaces"> | null> {
  return ctx.db.query(SPACES)
    .withIndex(
      "by_tenant_spaceId",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId),
    )
    .unique();
}

/** The same, but throws `MEMORYSPACE_NOT_FOUND` if there is none. */
export async function requireSpace(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<Doc<"memorySpaces">> {
  return await findSpace(ctx, scope, memorySpaceId) ??
    fail(MEMORYSPACE_NOT_FOUND, shown(memorySpaceId));
}

/** Refuses a space that is being deleted. Throws `MEMORYSPACE_DELETING`. */
export function checkStanding(space: Doc<"memorySpaces"> | null): void {
  if (space?.deletingSince === undefined) return;
  fail(MEMORYSPACE_DELETING, shown(space.memorySpaceId));
}

/** Reads a space that a caller wants to change. Throws `MEMORYSPACE_NOT_FOUND`, `MEMORYSPACE_DELETING`. */
export async function standingSpace(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId }: { memorySpaceId: string },
): Promise<Doc<"memorySpaces">> {
  const space = await requireSpace(ctx, scope, memorySpaceId);
  checkStanding(space);
  return space;
}

/** Input for a new space. */
export interface NewSpace extends FreeForm<"metadata"> {
  memorySpaceId: string;
  name?: string;
  type: typeof spaceType.type;
  participants: readonly NewParticipant[];
}

/** Stores an active space whose id is free. Writes it, its participants, and four counts. */
export async function insertSpace(
  ctx: MutationCtx,
  scope: Scope,
  given: NewSpace,
): Promise<Doc<"memorySpaces">> {
  const participants = given.participants.map((one) => joined(one, scope.now));
  checkDistinct(participants);
  const metadata = storeFreeForm(
    "metadata",
    given.metadata ?? {},
    given.metadataJson,
  );
  const named = (given.metadata as { organizationId?: unknown } | undefined)
    ?.organizationId;
  const row = {
    ...owner(scope),
    ...(typeof named === "string" && { organizationId: named }),
    memorySpaceId: given.memorySpaceId,
    ...(given.name !== undefined && { name: given.name }),
    type: given.type,
    participants,
    ...metadata,
    status: "active" as const,
    searchText: searchTextOf({ ...given, ...metadata }),
    createdAt: scope.now,
    updatedAt: scope.now,
  };
  rowSize(`memory space ${shown(given.memorySpaceId)}`, row);
  const _id = await ctx.db.insert(SPACES, row);
  for (const one of participants) await mirror(ctx, scope, row, one);
  await countSpace(ctx, row, 1);
  return { ...row, _id, _creationTime: scope.now };
}

/** The changeable fields of a space. */
export interface SpaceChanges extends FreeForm<"metadata"> {
  name?: string;
  status?: Doc<"memorySpaces">["status"];
  participants?: readonly Participant[];
}

/** Changes the given fields. */
export async function patchSpace(
  ctx: MutationCtx,
  scope: Scope,
  space: Doc<"memorySpaces">,
  given: SpaceChanges,
): Promise<Doc<"memorySpaces">> {
  const changes = {
    ...pick(given, ["name", "status"]),
    ...(given.participants !== undefined &&
      { participants: [...given.participants] }),
    ...replaceFreeForm("metadata", given),
    updatedAt: timeOfChange(scope, space),
  };
  const changed = { ...space, ...changes };
  const searchText = searchTextOf(changed);
  rowSize(`memory space ${shown(space.memorySpaceId)}`, {
    ...readFreeForm("metadata", changed),
    participants: changed.participants,
    searchText,
  });
  await ctx.db.patch(space._id, { ...changes, searchText });
  if (changed.status !== space.status) {
    await countSpace(ctx, space, -1);
    await countSpace(ctx, changed, 1);
  }
  return { ...changed, searchText };
}

/** Archives a space, and adds the time, the reason and further data to its metadata. */
export async function archiveSpace(
  ctx: MutationCtx,
  scope: Scope,
  space: Doc<"memorySpaces">,
  given: FreeForm<"metadata"> & { reason?: string },
): Promise<Doc<"memorySpaces">> {
  const merged = mergeFreeForm(
    "metadata",
    { metadata: {}, ...readFreeForm("metadata", space) },
    { ...(given.metadataJson === undefined && { metadata: {} }), ...given },
  );
  const marks = {
    archivedAt: scope.now,
    ...(given.reason !== undefined && { archiveReason: given.reason }),
  };
  const metadata = mergeFreeForm("metadata", merged, { metadata: marks });
  return await patchSpace(ctx, scope, space, {
    status: "archived",
    ...metadata,
  });
}

/** Removes participants, then adds those that are not members yet. The others keep their order. */
export async function changeParticipants(
  ctx: MutationCtx,
  scope: Scope,
  space: Doc<"memorySpaces">,
  add: readonly NewParticipant[],
  remove: readonly string[],
): Promise<Doc<"memorySpaces">> {
  const gone = new Set(remove);
  const kept = space.participants.filter(({ id }) => !gone.has(id));
  const known = new Set(kept.map(({ id }) => id));
  const fresh = add.filter(({ id }) => !known.has(id))
    .map((one) => joined(one, scope.now));
  checkDistinct(fresh);
  if (fresh.length === 0 && kept.length === space.participants.length) {
    return space;
  }
  const participants = [...kept, ...fresh];
  checkCount("participants", participants.length, MAX_PARTICIPANTS);
  const changed = await patchSpace(ctx, scope, space, { participants });
  for (const { id } of space.participants) {
    if (gone.has(id)) await unmirror(ctx, scope, space, id);
  }
  for (const one of fresh) await mirror(ctx, scope, space, one);
  return changed;
}

/** Adds one participant. Throws `PARTICIPANT_ALREADY_EXISTS`. */
export async function addParticipantTo(
  ctx: MutationCtx,
  scope: Scope,
  space: Doc<"memorySpaces">,
  one: NewParticipant,
): Promise<Doc<"memorySpaces">> {
  if (space.participants.some(({ id }) => id === one.id)) {
    fail("PARTICIPANT_ALREADY_EXISTS", shown(one.id));
  }
  return await changeParticipants(ctx, scope, space, [one], []);
}

/** Adds a space to the counters (`by` 1) or removes it (-1). */
export async function countSpace(
  ctx: MutationCtx,
  row: Pick<
    Doc<"memorySpaces">,
    "tenantId" | "memorySpaceId" | "type" | "status"
  >,
  by: 1 | -1,
): Promise<void> {
  const tally = new Tally();
  const { type, status } = row;
  for (const key of counterKeys(SPACES, { type, status })) {
    tally.add(tableCounters(row, SPACES), key, by);
  }
  await tally.write(ctx, row.memorySpaceId);
}

/** Converts a row to a space as returned. */
export function toSpace(row: Doc<"memorySpaces">): SpaceView {
  return {
    ...pick(row, ["_id", "memorySpaceId", "tenantId", "name", "type"]),
    participants: row.participants,
    ...readFreeForm("metadata", row),
    status: row.status,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

function searchTextOf(
  space: FreeForm<"metadata"> & { memorySpaceId: string; name?: string },
): string {
  const texts = [
    space.name ?? "",
    space.memorySpaceId,
    jsonOf("metadata", space),
  ].join("\n");
  return cutText(texts, MAX_SEARCHED).toLowerCase();
}

function joined(one: NewParticipant, now: number): Participant {
  const { id, type, joinedAt = now } = one;
  checkTime("joinedAt", joinedAt);
  return { id, type, joinedAt };
}

function checkDistinct(participants: readonly Participant[]): void {
  const ids = new Set(participants.map(({ id }) => id));
  if (ids.size < participants.length) fail(DUPLICATE_PARTICIPANT);
}

export async function mirror(
  ctx: MutationCtx,
  scope: Scope,
  { memorySpaceId }: { memorySpaceId: string },
  { id, type, joinedAt }: Participant,
): Promise<void> {
  await ctx.db.insert("spaceParticipants", {
    ...owner(scope),
    participantId: id,
    memorySpaceId,
    type,
    joinedAt,
  });
}

async function unmirror(
  ctx: MutationCtx,
  scope: Scope,
  { memorySpaceId }: { memorySpaceId: string },
  participantId: string,
): Promise<void> {
  const row = await ctx.db.query("spaceParticipants")
    .withIndex(
      "by_tenant_space",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId)
          .eq("participantId", participantId),
    )
    .first();
  if (row !== null) await ctx.db.delete(row._id);
}
