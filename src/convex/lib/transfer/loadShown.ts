/** Rows as `users.export` shows them, stored with what their views leave out. */
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
import { fromJson } from "../freeForm.ts";
import { insertRecord } from "../immutable/immutableStore.ts";
import { valueBytes } from "../jsonSize.ts";
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
import {
  type ConversationView,
  type MemoryEntry,
  type MessageView,
  pick,
} from "../shapes.ts";

type Fields = Record<string, unknown>;

/** What is shown of a row; `of` names the row to which it belongs, and tells when that was created. */
export interface Shown {
  table: TableName;
  of?: Fields;
  row: Fields;
}

/**
 * Stores one row. It comes after the row to which it belongs. The fields are as untrusted as arguments: what does not
 * fit throws, be it no `ConvexError`.
 *
 * @returns False when it is there already, or the row to which it belongs is not.
 */
export async function loadShown(
  ctx: MutationCtx,
  scope: Scope,
  { table, of = {}, row }: Shown,
): Promise<boolean> {
  const load = LOADERS[table];
  if (load === undefined) throw new Error(`${table} is not shown`);
  return await load(ctx, scope, row as never, of);
}

type Load<View> = (
  ctx: MutationCtx,
  scope: Scope,
  row: View,
  of: Fields,
) => Promise<boolean>;

interface Profile {
  id: string;
  data: unknown;
  version: number;
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
  { id, data, version, createdAt, updatedAt }: Profile,
): Promise<boolean> {
  if (await findUser(ctx, scope, id) !== null) return false;
  const { _id } = await insertRecord(ctx, { ...scope, now: createdAt }, {
    type: USER,
    id,
    ...fromJson("data", data),
  });
  await ctx.db.patch(_id, { version, updatedAt });
  return true;
}

async function loadProfileVersion(
  ctx: MutationCtx,
  scope: Scope,
  { version, data, timestamp }: Profile & { timestamp: number },
  { id, createdAt }: Fields,
): Promise<boolean> {
  const profile = await findUser(ctx, scope, id as string);
  if (
    profile === null || profile.createdAt !== createdAt ||
    version >= profile.version
  ) return false;
  const known = await ctx.db.query("immutableVersions")
    .withIndex(
      "by_entry_version",
      (q) => q.eq("immutableDocId", profile._id).eq("version", version),
    )
    .first();
  if (known !== null) return false;
  const kept = fromJson("data", data);
  await ctx.db.insert("immutableVersions", {
    immutableDocId: profile._id,
    version,
    ...kept,
    timestamp,
    bytes: valueBytes("data", kept),
  });
  return true;
}

async function loadConversation(
  ctx: MutationCtx,
  scope: Scope,
  row: ConversationView,
): Promise<boolean> {
  const { conversationId, createdAt, updatedAt } = row;
  if (await findConversation(ctx, scope, conversationId) !== null) return false;
  const { _id } = await insertConversation(
    ctx,
    { ...scope, now: createdAt },
    {
      ...fieldsOf<NewConversation>(row, CONVERSATION_FIELDS),
      ...fromJson("metadata", row.metadata),
    },
  );
  await ctx.db.patch(_id, { updatedAt });
  return true;
}

async function loadMessage(
  ctx: MutationCtx,
  scope: Scope,
  row: MessageView,
  { conversationId, createdAt }: Fields,
): Promise<boolean> {
  const conversation = await findConversation(
    ctx,
    scope,
    conversationId as string,
  );
  if (conversation === null || conversation.createdAt !== createdAt) {
    return false;
  }
  if (await findMessage(ctx, conversation._id, row.id) !== null) return false;
  // As of the last change, so that the message keeps its time and the conversation its own.
  const then = { ...scope, now: conversation.updatedAt };
  await appendMessages(ctx, then, conversation, [{
    ...fieldsOf<NewMessage>(row, MESSAGE_FIELDS),
    ...fromJson("metadata", row.metadata),
  }]);
  return true;
}

async function loadMemory(
  ctx: MutationCtx,
  scope: Scope,
  row: MemoryEntry,
): Promise<boolean> {
  const { memorySpaceId, memoryId, version, createdAt, updatedAt } = row;
  const find = () => findMemory(ctx, scope, memorySpaceId, memoryId);
  if (await find() !== null) return false;
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
  return true;
}

async function loadMemoryVersion(
  ctx: MutationCtx,
  scope: Scope,
  row: MemoryEntry["previousVersions"][number],
  { memorySpaceId, memoryId, createdAt }: Fields,
): Promise<boolean> {
  const { version, content, timestamp } = row;
  const memory = await findMemory(
    ctx,
    scope,
    memorySpaceId as string,
    memoryId as string,
  );
  if (
    memory === null || memory.createdAt !== createdAt ||
    version >= memory.version
  ) return false;
  const known = await ctx.db.query("memoryVersions")
    .withIndex(
      "by_memory_version",
      (q) => q.eq("memoryDocId", memory._id).eq("version", version),
    )
    .first();
  if (known !== null) return false;
  const state = { version, content, timestamp };
  const bytes = await insertVersion(ctx, memory, state);
  const tally = new Tally();
  tallyBytes(tally, memory, bytes);
  await tally.write(ctx, seedOf(memory));
  return true;
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

/** The fields that there are, of JSON. */
function fieldsOf<Row>(row: object, names: readonly (keyof Row)[]): Row {
  return jsonToConvex(pick(row as Row, names) as JSONValue) as Row;
}
