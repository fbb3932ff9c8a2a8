/** Conversations and their messages, which are rows of their own. */
import { checkTime } from "../bounds.ts";
import { tallyConversation, tallyMessages } from "./conversationRanges.ts";
import { Tally } from "../counters.ts";
import { shown } from "../errors.ts";
import { storeFreeForm } from "../freeForm/freeForm.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, Id, MutationCtx, NewDoc, QueryCtx } from "../model.ts";
import { checkId, owner, type Scope, timeOfChange } from "../scope.ts";
import { rowSize, sizeOf, utf8Length } from "../size.ts";
import type { StepBudget } from "../paging/walk.ts";

/** Most messages that a returned conversation holds: the latest ones. */
export const MAX_MESSAGES_SHOWN = 1000;
/** Most bytes of message contents that one answer holds. */
export const MAX_SHOWN_BYTES = 4 * 1024 * 1024;
/**
 * A message dated within the last minute is live: its time is never before that of the conversation's last message.
 * Older messages are imported history.
 */
const LIVE_MS = 60_000;
/** Longest conversation or message id, in characters. */
const MAX_CONVERSATION_ID_LENGTH = 500;
/** Most messages that are read by their ids, unless a caller bounds them. */
export const MAX_NAMED = 200;

/** Input for a new conversation. */
export interface NewConversation {
  conversationId: string;
  memorySpaceId: string;
  participantId?: string;
  type: "user-agent" | "agent-agent";
  participants: Doc<"conversations">["participants"];
  metadata?: unknown;
  metadataJson?: string;
}

/** A message about to be appended. */
export interface NewMessage {
  id: string;
  role: "user" | "agent" | "system";
  content: string;
  /** Time in ms; absent: now. */
  timestamp?: number;
  participantId?: string;
  metadata?: unknown;
  metadataJson?: string;
}

/** Reads one conversation of the scope. */
export function findConversation(
  ctx: QueryCtx,
  scope: Scope,
  conversationId: string,
): Promise<Doc<"conversations"> | null> {
  return ctx.db.query("conversations")
    .withIndex(
      "by_tenant_conversationId",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("conversationId", conversationId),
    )
    .unique();
}

/** Finds a conversation that belongs to a memory space, or in which the space takes part. */
export async function findConversationOf(
  ctx: QueryCtx,
  scope: Scope,
  conversationId: string,
  memorySpaceId: string,
): Promise<Doc<"conversations"> | null> {
  const row = await findConversation(ctx, scope, conversationId);
  const isVisible = row?.memorySpaceId === memorySpaceId ||
    row?.participants.memorySpaceIds?.includes(memorySpaceId);
  return isVisible ? row : null;
}

/** Whether a memory can be of a conversation with the id that it names: a newer one has taken the id since. */
export function canBeOf(
  memory: { createdAt: number },
  conversation: Doc<"conversations">,
): boolean {
  return conversation.createdAt <= memory.createdAt;
}

/** Stores a conversation without messages. The caller has checked that its id is free. */
export async function insertConversation(
  ctx: MutationCtx,
  scope: Scope,
  input: NewConversation,
): Promise<Doc<"conversations">> {
  checkId("conversationId", input.conversationId, MAX_CONVERSATION_ID_LENGTH);
  const spaces = input.participants.memorySpaceIds;
  const row: NewDoc<"conversations"> = {
    ...owner(scope),
    conversationId: input.conversationId,
    memorySpaceId: input.memorySpaceId,
    ...(input.participantId !== undefined &&
      { participantId: input.participantId }),
    type: input.type,
    participants: input.participants,
    messageCount: 0,
    messageBytes: 0,
    nextSeq: 0,
    ...storeFreeForm("metadata", input.metadata ?? {}, input.metadataJson),
    ...(input.type === "agent-agent" && spaces !== undefined &&
      { pairKey: pairKey(spaces) }),
    createdAt: scope.now,
    updatedAt: scope.now,
  };
  rowSize(`conversation ${shown(input.conversationId)}`, row);
  const id = await ctx.db.insert("conversations", row);
  const tally = new Tally();
  tallyConversation(tally, row, 1);
  tallyMessages(tally, row, 0, bytesOfConversation(row));
  await tally.write(ctx, row.conversationId);
  return { ...row, _id: id, _creationTime: scope.now };
}

/**
 * Key of a set of memory spaces, in any order. Different sets may share a key, because ids may contain the separator.
 */
export function pairKey(memorySpaceIds: readonly string[]): string {
  return memorySpaceIds.toSorted().join("|");
}

/** Bytes of a conversation without its messages; never changes. */
export function bytesOfConversation(row: NewDoc<"conversations">): number {
  const { conversationId, participants, metadata, metadataJson } = row;
  return sizeOf({ conversationId, participants, metadata, metadataJson });
}

/** Bytes of a message row. */
export function bytesOfMessage(row: NewDoc<"messages">): number {
  const { id, content, metadata, metadataJson } = row;
  return sizeOf({ id, content, metadata, metadataJson });
}

/** Reads one message of a conversation by its id. */
export function findMessage(
  ctx: QueryCtx,
  conversation: Id<"conversations">,
  messageId: string,
): Promise<Doc<"messages"> | null> {
  return ctx.db.query("messages")
    .withIndex(
      "by_conversation_messageId",
      (q) => q.eq("conversationDocId", conversation).eq("id", messageId),
    )
    .unique();
}

/**
 * Appends messages in order: one row each, and one patch of the conversation for all. The caller has checked that their
 * ids are free.
 *
 * @param userId The user with whom the messages are erased. Default: the conversation's.
 * @returns The conversation as it is now, and the time assigned to each message.
 * @throws {ConvexError} `INVALID_ID`, `INVALID_TIMESTAMP`, `CONTENT_TOO_LARGE`.
 */
export async function appendMessages(
  ctx: MutationCtx,
  scope: Scope,
  conversation: Doc<"conversations">,
  messages: readonly NewMessage[],
  userId: string | undefined = conversation.participants.userId,
): Promise<{ conversation: Doc<"conversations">; timestamps: number[] }> {
  let last = conversation.lastMessageAt;
  let bytes = conversation.messageBytes;
  let seq = conversation.nextSeq;
  let stored = 0;
  const timestamps: number[] = [];
  for (const message of messages) {
    checkId("message.id", message.id, MAX_CONVERSATION_ID_LENGTH);
    const timestamp = timeOf(message.timestamp ?? scope.now, scope.now, last);
    const row: NewDoc<"messages"> = {
      ...owner(scope),
      conversationDocId: conversation._id,
      conversationId: conversation.conversationId,
      memorySpaceId: conversation.memorySpaceId,
      id: message.id,
      seq: seq++,
      role: message.role,
      content: message.content,
      timestamp,
      ...(message.participantId !== undefined &&
        { participantId: message.participantId }),
      ...storeFreeForm("metadata", message.metadata, message.metadataJson),
      ...(userId !== undefined && { userId }),
    };
    rowSize(`${message.role} message ${shown(message.id)}`, row);
    await ctx.db.insert("messages", row);
    timestamps.push(timestamp);
    bytes += utf8Length(message.content);
    stored += bytesOfMessage(row);
    last = Math.max(last ?? 0, timestamp);
  }
  const changes = {
    messageCount: conversation.messageCount + messages.length,
    messageBytes: bytes,
    nextSeq: seq,
    ...(last !== undefined && { lastMessageAt: last }),
    updatedAt: timeOfChange(scope, conversation, 1),
  };
  await ctx.db.patch(conversation._id, changes);
  const tally = new Tally();
  tallyMessages(tally, conversation, messages.length, stored);
  await tally.write(ctx, conversation.conversationId);
  return { conversation: { ...conversation, ...changes }, timestamps };
}

function timeOf(time: number, now: number, last: number | undefined): number {
  checkTime("timestamp", time);
  return time >= now - LIVE_MS ? Math.max(time, last ?? 0) : time;
}

/** Bytes of a message in an answer: its content and its metadata. */
export function shownBytes(
  { content, metadata, metadataJson }: Doc<"messages">,
): number {
  return utf8Length(content) +
    (metadataJson === undefined ? 0 : utf8Length(metadataJson)) +
    bytesOfMetadata(metadata);
}

/** Fast path for metadata of a few strings, the usual case. */
function bytesOfMetadata(metadata: unknown): number {
  if (metadata === undefined) return 0;
  const given = metadata as object | null;
  if (typeof given !== "object" || given === null) return sizeOf(given);
  let bytes = 2;
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string") return sizeOf(given);
    bytes += name.length + 3 + utf8Length(value);
  }
  return bytes;
}

/** The latest messages of a conversation. */
export interface LatestMessages {
  /** Oldest first. */
  messages: Doc<"messages">[];
  /** Bytes of these messages in an answer. */
  bytes: number;
  /** Bytes of all messages that were read, including one beyond the budget. */
  bytesRead: number;
  /** Whether there was a message beyond the budget. */
  isCut: boolean;
}

/**
 * The latest messages of a conversation, oldest first: at most `limit`, and no more than `maxBytes` of contents and
 * metadata (but always the last one).
 */
export async function readLatest(
  ctx: QueryCtx,
  conversation: Doc<"conversations">,
  limit: number = MAX_MESSAGES_SHOWN,
  maxBytes: number = MAX_SHOWN_BYTES,
): Promise<LatestMessages> {
  const most = Math.min(limit, MAX_MESSAGES_SHOWN);
  const found: LatestMessages = {
    messages: [],
    bytes: 0,
    bytesRead: 0,
    isCut: false,
  };
  if (most < 1 || conversation.messageCount === 0) return found;
  const newestFirst = ctx.db.query("messages")
    .withIndex(
      "by_conversation_seq",
      (q) => q.eq("conversationDocId", conversation._id),
    )
    .order("desc");
  for await (const row of newestFirst) {
    const bytes = shownBytes(row);
    found.bytesRead += bytes;
    found.isCut = found.messages.length > 0 && found.bytes + bytes > maxBytes;
    if (found.isCut) break;
    found.messages.push(row);
    found.bytes += bytes;
    if (found.messages.length === most) break;
  }
  found.messages.reverse();
  return found;
}

/** Like {@link readLatest}, the messages alone. */
export async function latestMessages(
  ctx: QueryCtx,
  conversation: Doc<"conversations">,
  limit?: number,
): Promise<Doc<"messages">[]> {
  return (await readLatest(ctx, conversation, limit)).messages;
}

/**
 * Messages of a conversation by their ids, in its order; unknown ids, those after the first `most`, and those beyond the
 * budget are skipped.
 */
export async function namedMessages(
  ctx: QueryCtx,
  conversation: Doc<"conversations">,
  messageIds: readonly string[],
  { most = MAX_NAMED, budget }: { most?: number; budget?: StepBudget } = {},
): Promise<Doc<"messages">[]> {
  const found: Doc<"messages">[] = [];
  for (const id of new Set(messageIds.slice(0, most))) {
    if (budget?.isSpent) break;
    const row = await findMessage(ctx, conversation._id, id);
    if (row === null) continue;
    found.push(row);
    budget?.take(shownBytes(row));
  }
  return found.sort((a, b) => a.seq - b.seq);
}

/**
 * Deletes messages by their ids, at most 200 and while the budget lasts, and corrects the conversation's counters.
 *
 * @returns The number of messages deleted.
 */
export async function deleteMessages(
  ctx: MutationCtx,
  scope: Scope,
  conversation: Doc<"conversations">,
  messageIds: readonly string[],
  budget?: StepBudget,
): Promise<number> {
  const rows = await namedMessages(ctx, conversation, messageIds, { budget });
  if (rows.length === 0) return 0;
  await forgetRow(ctx, scope, "conversations", conversation.conversationId);
  let bytes = conversation.messageBytes;
  let stored = 0;
  for (const row of rows) {
    await ctx.db.delete(row._id);
    bytes -= utf8Length(row.content);
    stored += bytesOfMessage(row);
  }
  const tally = new Tally();
  tallyMessages(tally, conversation, -rows.length, -stored);
  await tally.write(ctx, conversation.conversationId);
  const newest = await ctx.db.query("messages")
    .withIndex(
      "by_conversation_time",
      (q) => q.eq("conversationDocId", conversation._id),
    )
    .order("desc").first();
  await ctx.db.patch(conversation._id, {
    messageCount: conversation.messageCount - rows.length,
    messageBytes: bytes,
    lastMessageAt: newest?.timestamp,
    updatedAt: timeOfChange(scope, conversation, 1),
  });
  return rows.length;
}
