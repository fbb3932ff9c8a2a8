/**
 * Remembers an exchange: every layer in one transaction, all or nothing.
 *
 * @module
 */
import { DUPLICATE_VALUES } from "../moduleCodes.ts";
import { MESSAGE_ALREADY_EXISTS, PERMISSION_DENIED } from "../codes.ts";
import {
  appendMessages,
  findConversation,
  findMessage,
  insertConversation,
} from "../conversations/conversationStore.ts";
import { fail, shown } from "../errors.ts";
import { factsOfMemory } from "./memoryFacts.ts";
import {
  findMemory,
  insertMemories,
  type NewMemory,
  readEntry,
} from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { RememberArgs, RememberResult } from "./rememberArgs.ts";
import { storeFacts } from "./rememberFacts.ts";
import { ensureAgent, ensureSpace, ensureUser } from "../registry/registry.ts";
import type { Scope } from "../scope.ts";
import { type MemoryEntry, pick, toFactRecord } from "../shapes.ts";
import { StepBudget, taken } from "../paging/walk.ts";

/** Most memories that are read to find those of a repeated message, and most bytes of them. */
const MAX_NAMING = 100;
const MAX_NAMING_BYTES = 2 * 1024 * 1024;
/** Most bytes of facts and versions in the result of a repeated call, besides the memories. */
const MAX_REPEATED_BYTES = 5 * 1024 * 1024;

/** Whose a memory is. */
const OWNERS = ["userId", "agentId", "participantId"] as const;

/** Writes an exchange. What that costs is in `src/cortex/calls/call_costs.ts`. */
export async function remember(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
): Promise<RememberResult> {
  const skipped = new Set(args.skipLayers);
  const keepsMessages = !skipped.has("conversations");
  const found = keepsMessages
    ? await existingExchange(ctx, scope, args)
    : undefined;
  if (found?.complete) return await repeated(ctx, scope, args, found.row);
  if (!keepsMessages) {
    const known = await existingMemories(ctx, scope, args);
    if (known !== undefined) return known;
  }

  await ensureSpace(ctx, scope, args.memorySpaceId);
  if (args.userId !== undefined && !skipped.has("users")) {
    await ensureUser(ctx, scope, args.userId, args.userName ?? args.userId);
  }
  if (args.agentId !== undefined && !skipped.has("agents")) {
    await ensureAgent(ctx, scope, args.agentId);
  }
  const delays = keepsMessages
    ? await storeMessages(ctx, scope, args, found)
    : undefined;
  const known = await knownMemories(ctx, scope, args, found);
  const isNew = (_: unknown, at: number) => known[at] === undefined;
  const missing = { ...args, memories: args.memories.filter(isNew) };
  const inserted = await insertMemories(
    ctx,
    scope,
    await newMemories(ctx, scope, missing, delays),
  );
  const memories: MemoryEntry[] = [];
  for (const row of known) {
    memories.push(row ? await readEntry(ctx, row) : inserted.shift()!);
  }
  return {
    conversation: {
      conversationId: args.conversationId,
      messageIds: keepsMessages
        ? [args.userMessage.id, args.agentMessage.id]
        : [],
    },
    memories,
    ...await storeFacts(ctx, scope, args, keepsMessages, memories[0]?.memoryId),
    repeated: false,
  };
}

interface Found {
  row: Doc<"conversations"> | null;
  /** Messages of the exchange that are stored already. */
  user: Doc<"messages"> | null;
  agent: Doc<"messages"> | null;
  complete: boolean;
}

async function existingExchange(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
): Promise<Found> {
  const { userMessage, agentMessage } = args;
  if (userMessage.id === agentMessage.id) {
    fail(DUPLICATE_VALUES, "both messages have the same id");
  }
  const row = await findConversation(ctx, scope, args.conversationId);
  if (row === null) return { row, user: null, agent: null, complete: false };
  if (row.memorySpaceId !== args.memorySpaceId) {
    fail(
      PERMISSION_DENIED,
      `conversation ${
        shown(args.conversationId)
      } belongs to another memory space`,
    );
  }
  const user = await findMessage(ctx, row._id, userMessage.id);
  const agent = await findMessage(ctx, row._id, agentMessage.id);
  requireSame(user, "user", userMessage);
  requireSame(agent, "agent", agentMessage);
  return { row, user, agent, complete: user !== null && agent !== null };
}

function requireSame(
  stored: Doc<"messages"> | null,
  role: "user" | "agent",
  message: { id: string; content: string },
): void {
  if (
    stored !== null &&
    (stored.content !== message.content || stored.role !== role)
  ) fail(MESSAGE_ALREADY_EXISTS, shown(message.id));
}

/**
 * Stores the missing messages of the exchange; returns the difference between the requested time and the time stored.
 */
async function storeMessages(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  found: Found | undefined,
): Promise<{ user: number; agent: number }> {
  const conversation = found?.row ?? await startConversation(ctx, scope, args);
  const speaker = args.participantId ?? args.agentId;
  const user = {
    ...args.userMessage,
    role: "user" as const,
    metadata: args.userId === undefined ? {} : { userId: args.userId },
  };
  const agent = {
    ...args.agentMessage,
    role: "agent" as const,
    metadata: {},
    ...(speaker !== undefined && { participantId: speaker }),
  };
  const missing = [
    ...(found?.user ? [] : [user]),
    ...(found?.agent ? [] : [agent]),
  ];
  const { timestamps } = await appendMessages(
    ctx,
    scope,
    conversation,
    missing,
    args.userId,
  );
  const stored = new Map(
    missing.map((message, at) => [message.role, timestamps[at]]),
  );
  return {
    user: (stored.get("user") ?? user.timestamp) - user.timestamp,
    agent: (stored.get("agent") ?? agent.timestamp) - agent.timestamp,
  };
}

function startConversation(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
): Promise<Doc<"conversations">> {
  const { conversationId, memorySpaceId, userId } = args;
  return insertConversation(ctx, scope, {
    conversationId,
    memorySpaceId,
    ...pick(args, ["participantId"]),
    type: userId === undefined ? "agent-agent" : "user-agent",
    participants: {
      ...pick(args, ["userId", "agentId", "participantId"]),
      ...(userId === undefined && { memorySpaceIds: [memorySpaceId] }),
    },
  });
}

async function newMemories(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  delays: { user: number; agent: number } | undefined,
): Promise<NewMemory[]> {
  const { userId, userName } = args;
  const memories: NewMemory[] = [];
  for (const memory of args.memories) {
    const { memoryId } = memory;
    if (await findMemory(ctx, scope, args.memorySpaceId, memoryId) !== null) {
      fail("MEMORY_ALREADY_EXISTS", shown(memoryId));
    }
    const message = memory.messageRole === "user"
      ? args.userMessage
      : args.agentMessage;
    memories.push({
      ...memory,
      sourceTimestamp: memory.sourceTimestamp +
        (delays?.[memory.messageRole] ?? 0),
      memorySpaceId: args.memorySpaceId,
      sourceType: "conversation",
      importance: args.importance,
      tags: args.tags,
      ...pick(args, OWNERS),
      ...(userId !== undefined && { sourceUserId: userId }),
      ...(userName !== undefined && { sourceUserName: userName }),
      ...(delays !== undefined && {
        conversationRef: {
          conversationId: args.conversationId,
          messageIds: [message.id],
        },
      }),
    });
  }
  return memories;
}

/**
 * The memories that the exchange would repeat, at the places of those given: of a message that was stored before, such
 * as a question which is answered once more. Those of another user, agent or participant are erased without this one's.
 */
async function knownMemories(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  found: Found | undefined,
): Promise<(Doc<"memories"> | undefined)[]> {
  const known: (Doc<"memories"> | undefined)[] = [];
  for (const { messageRole, content } of args.memories) {
    const message = found?.[messageRole];
    const rows = message
      ? await memoriesOfMessage(ctx, scope, args, message.id)
      : [];
    known.push(rows.find((row) =>
      row.isActive && row.content === content &&
      OWNERS.every((field) => row[field] === args[field])
    ));
  }
  return known;
}

async function memoriesOfMessage(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  messageId: string,
): Promise<Doc<"memories">[]> {
  const budget = new StepBudget(MAX_NAMING, MAX_NAMING_BYTES);
  const naming = ctx.db.query("memories")
    .withIndex(
      "by_tenant_conversation",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("conversationRef.conversationId", args.conversationId)
          .eq("sourceMessageId", messageId),
    );
  // Notes in any space may name the message, too.
  return (await taken(naming, budget)).filter((row) =>
    row.memorySpaceId === args.memorySpaceId &&
    row.sourceType === "conversation"
  );
}

/** The result of an exchange that was remembered before. */
async function repeated(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  conversation: Doc<"conversations"> | null,
): Promise<RememberResult> {
  const messageIds = [args.userMessage.id, args.agentMessage.id];
  const rows: Doc<"memories">[] = [];
  if (conversation !== null) {
    for (const messageId of messageIds) {
      rows.push(...await memoriesOfMessage(ctx, scope, args, messageId));
    }
  }
  return await stored(ctx, scope, args.conversationId, messageIds, rows);
}

/** Without messages, a repeat is recognised by the ids of the memories. */
async function existingMemories(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
): Promise<RememberResult | undefined> {
  const rows: Doc<"memories">[] = [];
  for (const { memoryId } of args.memories) {
    const row = await findMemory(ctx, scope, args.memorySpaceId, memoryId);
    if (row === null) return undefined;
    rows.push(row);
  }
  if (rows.length === 0) return undefined;
  return await stored(ctx, scope, args.conversationId, [], rows);
}

async function stored(
  ctx: MutationCtx,
  scope: Scope,
  conversationId: string,
  messageIds: string[],
  rows: readonly Doc<"memories">[],
): Promise<RememberResult> {
  const facts = new Map<string, Doc<"facts">>();
  const budget = new StepBudget(Infinity, MAX_REPEATED_BYTES);
  for (const row of rows) {
    const found = await factsOfMemory(ctx, scope, row, budget);
    for (const fact of found) facts.set(fact._id, fact);
  }
  const memories: MemoryEntry[] = [];
  for (const row of rows) memories.push(await readEntry(ctx, row, budget));
  return {
    conversation: { conversationId, messageIds },
    memories,
    facts: [...facts.values()].map(toFactRecord),
    repeated: true,
  };
}
