/** Random changes to memories, made to a `Cortex` and to a naive model of it. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex, SourceType } from "../../mod.ts";
import type { Random } from "../../src/testing/support/random.ts";
import { codeOf } from "../support/code_of.ts";
import type { MemoryModel } from "./memory_model.ts";

export const SPACES = ["one", "two"];
const USERS = ["ada", "bob", undefined];
export const TYPES = ["system", "tool"] as const satisfies SourceType[];
const TAGS = ["x", "y", "z"];
export const WORDS = ["kettle", "oboe", "lamp", "river", "anchor", "violet"];

/** What a random change is made with. */
interface Change {
  cortex: Cortex;
  model: MemoryModel;
  random: Random;
  space: string;
  userId: string | undefined;
  tags: string[];
  importance: number;
  /** Memories of the space. */
  ids: string[];
}

/** Changes of a space with few memories. */
const FIRST_CHANGES = [
  rememberExchange,
  rememberExchange,
  rememberExchange,
  store,
];
const CHANGES = [
  ...FIRST_CHANGES,
  store,
  update,
  update,
  deleteOne,
  archive,
  restore,
  forget,
  updateMany,
  deleteMany,
  eraseUser,
];

/** Makes one random change to both, and compares what they answer. */
export async function changeMemories(
  cortex: Cortex,
  model: MemoryModel,
  random: Random,
): Promise<void> {
  const { below, pick } = random;
  const space = pick(SPACES);
  const made = {
    cortex,
    model,
    random,
    space,
    userId: pick(USERS),
    tags: TAGS.filter(() => below(2) === 0),
    importance: below(101),
    ids: model.in(space),
  };
  await pick(made.ids.length < 5 ? FIRST_CHANGES : CHANGES)(made);
}

function randomText({ below, pick }: Random): string {
  return `${pick(WORDS)} ${pick(WORDS)} ${below(1000)}`;
}

async function rememberExchange(
  { cortex, model, random, space, userId, tags, importance }: Change,
): Promise<void> {
  const conversationId = `${space}-${userId ?? "agents"}-${random.below(8)}`;
  const { conversation, memories } = await cortex.memory.remember({
    memorySpaceId: space,
    conversationId,
    agentId: "bot",
    userMessage: randomText(random),
    agentResponse: randomText(random),
    importance,
    tags,
    ...(userId !== undefined && { userId, userName: userId }),
  });
  for (const memory of memories) model.add(space, memory);
  const known = model.conversations.get(conversationId) ??
    { space, userId, messageIds: [] };
  known.messageIds.push(...conversation.messageIds);
  model.conversations.set(conversationId, known);
}

async function store(
  { cortex, model, random, space, userId, tags, importance }: Change,
): Promise<void> {
  const { memory } = await cortex.memory.store(space, {
    content: randomText(random),
    contentType: "raw",
    source: { type: random.pick(TYPES) },
    metadata: { importance, tags },
    ...(userId !== undefined && { userId }),
  });
  model.add(space, memory);
}

async function update(
  { cortex, model, random, space, tags, ids }: Change,
): Promise<void> {
  const id = random.pick(ids);
  const content = randomText(random);
  await cortex.memory.update(space, id, { content, tags });
  const memory = model.memories.get(id)!;
  Object.assign(memory, {
    content,
    tags: memory.isArchived ? [...tags, "archived"] : tags,
    version: memory.version + 1,
  });
}

async function deleteOne(
  { cortex, model, random, space, ids }: Change,
): Promise<void> {
  const id = random.pick(ids);
  await cortex.memory.delete(space, id);
  model.memories.delete(id);
}

async function archive(
  { cortex, model, random, space, ids }: Change,
): Promise<void> {
  const id = random.pick(ids);
  const { archived } = await cortex.memory.archive(space, id);
  assert(archived);
  const memory = model.memories.get(id)!;
  if (!memory.isArchived) memory.ownImportance = memory.importance;
  memory.isArchived = true;
  memory.importance = Math.min(memory.importance, 10);
  memory.tags = [...new Set([...memory.tags, "archived"])];
}

async function restore(
  { cortex, model, random, space, ids }: Change,
): Promise<void> {
  const id = random.pick(ids);
  const known = model.memories.get(id)!;
  const restoring = cortex.memory.restoreFromArchive(space, id);
  if (!known.isArchived) {
    return assertEquals(await codeOf(restoring), "MEMORY_NOT_ARCHIVED");
  }
  const { memory } = await restoring;
  known.isArchived = false;
  known.importance = known.ownImportance;
  known.tags = known.tags.filter((tag) => tag !== "archived");
  assertEquals(memory.tags, known.tags);
}

async function updateMany(
  { cortex, model, random, space, userId = "ada", importance }: Change,
): Promise<void> {
  const sourceType = random.pick(TYPES);
  const filter = { memorySpaceId: space, userId, sourceType };
  const { updated, memoryIds } = await cortex.memory.updateMany(filter, {
    importance,
  });
  const expected = model.in(
    space,
    (memory) => memory.userId === userId && memory.sourceType === sourceType,
  );
  assertEquals(memoryIds.toSorted(), expected.toSorted());
  assertEquals(updated, expected.length);
  for (const id of expected) {
    Object.assign(model.memories.get(id)!, {
      importance,
      ownImportance: importance,
    });
  }
}

async function deleteMany(
  { cortex, model, random, space, userId = "bob" }: Change,
): Promise<void> {
  // Seldom, so that memories gather.
  if (random.below(4) > 0) return;
  const sourceType = random.pick([...TYPES, "conversation"] as const);
  const filter = { memorySpaceId: space, userId, sourceType };
  const { deleted, memoryIds } = await cortex.memory.deleteMany(filter);
  const expected = model.in(
    space,
    (memory) => memory.userId === userId && memory.sourceType === sourceType,
  );
  assertEquals(memoryIds.toSorted(), expected.toSorted());
  assertEquals(deleted, expected.length);
  for (const id of expected) model.memories.delete(id);
}

async function eraseUser(
  { cortex, model, random, userId }: Change,
): Promise<void> {
  if (random.below(40) > 0 || userId === undefined) return;
  await cortex.users.delete(userId, { cascade: true });
  for (const [id, memory] of model.memories) {
    if (memory.userId === userId) model.memories.delete(id);
  }
  for (const [id, conversation] of model.conversations) {
    if (conversation.userId === userId) model.conversations.delete(id);
  }
}

async function forget(
  { cortex, model, random, space, ids }: Change,
): Promise<void> {
  const id = random.pick(ids);
  const kind = random.below(3);
  const memory = model.memories.get(id)!;
  const conversation = memory.conversationId === undefined
    ? undefined
    : model.conversations.get(memory.conversationId);
  const result = await cortex.memory.forget(space, id, {
    deleteConversation: kind > 0,
    deleteEntireConversation: kind === 2,
  });
  model.memories.delete(id);
  let messages = 0;
  if (conversation && kind === 1) {
    const left = conversation.messageIds.filter((message) =>
      !memory.messageIds.includes(message)
    );
    messages = conversation.messageIds.length - left.length;
    conversation.messageIds = left;
  } else if (conversation && kind === 2) {
    messages = conversation.messageIds.length;
    model.conversations.delete(memory.conversationId!);
  }
  assertEquals(
    [result.messagesDeleted, result.conversationDeleted],
    [messages, kind === 2 && conversation !== undefined],
  );
}
