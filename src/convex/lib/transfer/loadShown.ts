/** Stores rows in the form of `users.export`, and derives the fields that this form lacks. */
import { jsonToConvex, type JSONValue } from "convex/values";
import {
  appendMessages,
  findConversation,
  findMessage,
  insertConversation,
  type NewConversation,
  type NewMessage,
} from "../conversations/conversationStore.ts";
import { Tally } from "../counters.ts";
import { type FreeForm, fromJson } from "../freeForm/freeForm.ts";
import { insertRecord } from "../immutable/immutableStore.ts";
import { valueBytes } from "../freeForm/jsonSize.ts";
import { insertVersion, setFields } from "../memory/memoryChange.ts";
import { ARCHIVED, ARCHIVED_IMPORTANCE } from "../archived.ts";
import { tallyBytes } from "../memory/memoryRanges.ts";
import {
  findMemory,
  insertMemories,
  type NewMemory,
  seedOf,
} from "../memory/memoryStore.ts";
import type { Doc, MutationCtx, TableName } from "../model.ts";
import { findUser, USER } from "../registry/registry.ts";
import type { Scope } from "../scope.ts";
import { type Conflict, isFormer, isSameState } from "./sameness.ts";
import {
  type ConversationView,
  type MemoryEntry,
  type MessageView,
  pick,
} from "../shapes.ts";

type Fields = Record<string, unknown>;

/** The outcome for a row. */
export type Outcome = "stored" | "here" | Conflict;

/** A row in the form of `users.export`; `of` has the name and the creation time of the row that it belongs to. */
export interface Shown {
  table: TableName;
  of?: Fields;
  row: Fields;
}

/**
 * Stores one row; the row that it belongs to must come first. The fields are as untrusted as arguments: wrong ones
 * throw, though not always a `ConvexError`.
 *
 * @returns Whether it was stored, exists already, or why neither is the case.
 */
export async function loadShown(
  ctx: MutationCtx,
  scope: Scope,
  { table, of = {}, row }: Shown,
  hold: Hold,
): Promise<Outcome> {
  const load = LOADERS[table];
  if (load === undefined) throw new Error(`${table} is not shown`);
  return await load(ctx, scope, row as never, of, hold);
}

type Load<View> = (
  ctx: MutationCtx,
  scope: Scope,
  row: View,
  of: Fields,
  hold: Hold,
) => Promise<Outcome>;

/** Called before a record gets one of its superseded versions. */
type Hold = (record: Doc<"immutable">) => Promise<void>;

interface Profile {
  id: string;
  data: unknown;
  version: number;
  /** When the version began; absent if the export has no versions. */
  versionStartedAt?: number;
  createdAt: number;
  updatedAt: number;
}

const LOADERS: Partial<Record<TableName, Load<never>>> = {
  immutable: loadProfile,
  immutableVersions: loadProfileVersion,
  conversations: loadConversation,
  messages: loadMessage,
  memories: loadMemory,
  memoryVersions: loadMemoryVersion,
};

async function loadProfile(
  ctx: MutationCtx,
  scope: Scope,
  { id, data, version, versionStartedAt, createdAt, updatedAt }: Profile,
): Promise<Outcome> {
  const found = await findUser(ctx, scope, id);
  if (found !== null) {
    const row = { version, createdAt, ...dataOf(data) };
    return isSameState({ ...found, version }, row) ||
        await isFormer(ctx, "immutable", found, row)
      ? "here"
      : "differs";
  }
  const { _id } = await insertRecord(ctx, { ...scope, now: createdAt }, {
    type: USER,
    id,
    ...dataOf(data),
  });
  await ctx.db.patch(_id, {
    version,
    updatedAt,
    ...(versionStartedAt !== updatedAt && { versionStartedAt }),
  });
  return "stored";
}

async function loadProfileVersion(
  ctx: MutationCtx,
  scope: Scope,
  { version, data, timestamp }: Profile & { timestamp: number },
  { id, createdAt }: Fields,
  hold: Hold,
): Promise<Outcome> {
  const profile = await findUser(ctx, scope, id as string);
  if (profile === null || profile.createdAt !== createdAt) return "owner";
  const kept = dataOf(data);
  if (version >= profile.version) return sameOr(profile, { version, ...kept });
  const known = await ctx.db.query("immutableVersions")
    .withIndex(
      "by_entry_version",
      (q) => q.eq("immutableDocId", profile._id).eq("version", version),
    )
    .first();
  if (known !== null) return sameOr(known, { version, ...kept });
  await hold(profile);
  await ctx.db.insert("immutableVersions", {
    immutableDocId: profile._id,
    version,
    ...kept,
    timestamp,
    bytes: valueBytes("data", kept),
  });
  return "stored";
}

/** The stored form of a profile's data. Throws if there is none. */
function dataOf(data: unknown): FreeForm<"data"> {
  if (data === undefined) throw new Error("a profile has data");
  return fromJson("data", data);
}

async function loadConversation(
  ctx: MutationCtx,
  scope: Scope,
  row: ConversationView,
): Promise<Outcome> {
  const { conversationId, createdAt, updatedAt } = row;
  const found = await findConversation(ctx, scope, conversationId);
  if (found !== null) return found.createdAt === createdAt ? "here" : "differs";
  const { _id } = await insertConversation(
    ctx,
    { ...scope, now: createdAt },
    {
      ...fieldsOf<NewConversation>(row, CONVERSATION_FIELDS),
      ...fromJson("metadata", row.metadata),
    },
  );
  await ctx.db.patch(_id, { updatedAt });
  return "stored";
}

async function loadMessage(
  ctx: MutationCtx,
  scope: Scope,
  row: MessageView,
  { conversationId, createdAt }: Fields,
): Promise<Outcome> {
  const conversation = await findConversation(
    ctx,
    scope,
    conversationId as string,
  );
  if (conversation === null || conversation.createdAt !== createdAt) {
    return "owner";
  }
  const found = await findMessage(ctx, conversation._id, row.id);
  if (found !== null) {
    return found.content === row.content ? "here" : "differs";
  }
  // As if it were the last change, so that the message and the conversation keep their times.
  const now = conversation.updatedAt;
  const before = { ...conversation, updatedAt: now - 1 };
  await appendMessages(ctx, { ...scope, now }, before, [{
    ...fieldsOf<NewMessage>(row, MESSAGE_FIELDS),
    ...fromJson("metadata", row.metadata),
  }]);
  return "stored";
}

async function loadMemory(
  ctx: MutationCtx,
  scope: Scope,
  row: MemoryEntry,
): Promise<Outcome> {
  const { memorySpaceId, memoryId, version, createdAt, updatedAt } = row;
  const find = () => findMemory(ctx, scope, memorySpaceId, memoryId);
  const found = await find();
  if (found !== null) {
    return found.content === row.content ||
        await isFormer(ctx, "memories", found, { ...row })
      ? "here"
      : "differs";
  }
  const { snapshotValue, ...ref } = row.mutableRef ?? {};
  await insertMemories(ctx, { ...scope, now: createdAt }, [{
    ...fieldsOf<NewMemory>(row, MEMORY_FIELDS),
    ...(row.mutableRef !== undefined && {
      mutableRef: {
        ...ref as NonNullable<NewMemory["mutableRef"]>,
        ...fromJson("snapshotValue", snapshotValue),
      },
    }),
    ...fromJson("metadata", row.metadata),
  }]);
  const isArchived = row.tags.includes(ARCHIVED) &&
    row.importance <= ARCHIVED_IMPORTANCE;
  await setFields(ctx, (await find())!, {
    version,
    updatedAt,
    accessCount: row.accessCount,
    ...(version > 1 && { versionStartedAt: updatedAt }),
    ...(row.lastAccessed !== undefined && { lastAccessed: row.lastAccessed }),
    ...(isArchived && { archivedAt: updatedAt, isActive: false }),
  });
  return "stored";
}

async function loadMemoryVersion(
  ctx: MutationCtx,
  scope: Scope,
  row: MemoryEntry["previousVersions"][number],
  { memorySpaceId, memoryId, createdAt }: Fields,
): Promise<Outcome> {
  const { version, content, timestamp } = row;
  const memory = await findMemory(
    ctx,
    scope,
    memorySpaceId as string,
    memoryId as string,
  );
  if (memory === null || memory.createdAt !== createdAt) return "owner";
  const said = { version, content };
  if (version >= memory.version) return sameOr(memory, said);
  const known = await ctx.db.query("memoryVersions")
    .withIndex(
      "by_memory_version",
      (q) => q.eq("memoryDocId", memory._id).eq("version", version),
    )
    .first();
  if (known !== null) return sameOr(known, said);
  const state = { version, content, timestamp };
  const bytes = await insertVersion(ctx, memory, state);
  const tally = new Tally();
  tallyBytes(tally, memory, bytes);
  await tally.write(ctx, seedOf(memory));
  return "stored";
}

/** Whether the stored version is the same or another one. */
function sameOr(here: Fields, said: Fields): Outcome {
  return isSameState(here, said) ? "here" : "differs";
}

const CONVERSATION_FIELDS = [
  "conversationId",
  "memorySpaceId",
  "participantId",
  "type",
  "participants",
] as const satisfies (keyof NewConversation)[];

const MESSAGE_FIELDS = [
  "id",
  "role",
  "content",
  "timestamp",
  "participantId",
] as const satisfies (keyof NewMessage)[];

const MEMORY_FIELDS = [
  "memoryId",
  "memorySpaceId",
  "participantId",
  "userId",
  "agentId",
  "content",
  "contentType",
  "sourceType",
  "sourceUserId",
  "sourceUserName",
  "sourceTimestamp",
  "messageRole",
  "conversationRef",
  "immutableRef",
  "factsRef",
  "importance",
  "tags",
  "enrichedContent",
  "factCategory",
] as const satisfies (keyof Doc<"memories">)[];

/** Copies the named fields that a row of JSON has. */
function fieldsOf<Row>(row: object, names: readonly (keyof Row)[]): Row {
  return jsonToConvex(pick(row as Row, names) as JSONValue) as Row;
}
