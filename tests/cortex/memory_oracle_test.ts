/** Memories and conversations against a naive model: whatever is done to them, gets, lists, counts and statistics tell the same. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import type { MemoryEntry, SourceType } from "../../mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { codeOf } from "../support/code_of.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const STEPS = Math.max(120, Math.round(1500 * testScale()));
const SPACES = ["one", "two"];
const USERS = ["ada", "bob", undefined];
const TYPES = ["system", "tool"] as const satisfies SourceType[];
const TAGS = ["x", "y", "z"];
const WORDS = ["kettle", "oboe", "lamp", "river", "anchor", "violet"];

interface Memory {
  space: string;
  content: string;
  importance: number;
  tags: string[];
  userId: string | undefined;
  sourceType: SourceType;
  version: number;
  isArchived: boolean;
  /** What a restored one has again. */
  ownImportance: number;
  conversationId?: string;
  messageIds: string[];
}

interface Conversation {
  space: string;
  userId: string | undefined;
  messageIds: string[];
}

class Model {
  readonly memories: Map<string, Memory> = new Map();
  readonly conversations: Map<string, Conversation> = new Map();

  in(space: string, matches: (memory: Memory) => boolean = () => true) {
    return [...this.memories].filter(([, memory]) =>
      memory.space === space && matches(memory)
    ).map(([id]) => id);
  }
}

function added(model: Model, space: string, entry: MemoryEntry): void {
  model.memories.set(entry.memoryId, {
    space,
    content: entry.content,
    importance: entry.importance,
    tags: [...entry.tags],
    userId: entry.userId,
    sourceType: entry.sourceType,
    version: 1,
    isArchived: false,
    ownImportance: entry.importance,
    ...(entry.conversationRef && {
      conversationId: entry.conversationRef.conversationId,
    }),
    messageIds: entry.conversationRef?.messageIds ?? [],
  });
}

/** One random change, made to both. */
async function change(
  cortex: Cortex,
  model: Model,
  random: Random,
): Promise<void> {
  const { below, pick } = random;
  const space = pick(SPACES);
  const userId = pick(USERS);
  const tags = TAGS.filter(() => below(2) === 0);
  const importance = below(101);
  const text = () => `${pick(WORDS)} ${pick(WORDS)} ${below(1000)}`;
  const some = model.in(space);
  const action = some.length < 5 ? below(4) : below(14);
  if (action <= 2) {
    const conversationId = `${space}-${userId ?? "agents"}-${below(8)}`;
    const { conversation, memories } = await cortex.memory.remember({
      memorySpaceId: space,
      conversationId,
      agentId: "bot",
      userMessage: text(),
      agentResponse: text(),
      importance,
      tags,
      ...(userId !== undefined && { userId, userName: userId }),
    });
    for (const memory of memories) added(model, space, memory);
    const known = model.conversations.get(conversationId) ??
      { space, userId, messageIds: [] };
    known.messageIds.push(...conversation.messageIds);
    model.conversations.set(conversationId, known);
  } else if (action <= 4) {
    const { memory } = await cortex.memory.store(space, {
      content: text(),
      contentType: "raw",
      source: { type: pick(TYPES) },
      metadata: { importance, tags },
      ...(userId !== undefined && { userId }),
    });
    added(model, space, memory);
  } else if (action <= 6) {
    const id = pick(some);
    const content = text();
    await cortex.memory.update(space, id, { content, tags });
    const memory = model.memories.get(id)!;
    if (memory.isArchived) tags.push("archived");
    Object.assign(memory, { content, tags, version: memory.version + 1 });
  } else if (action === 7) {
    const id = pick(some);
    await cortex.memory.delete(space, id);
    model.memories.delete(id);
  } else if (action === 8) {
    const id = pick(some);
    const { archived } = await cortex.memory.archive(space, id);
    assert(archived);
    const memory = model.memories.get(id)!;
    if (!memory.isArchived) memory.ownImportance = memory.importance;
    memory.isArchived = true;
    memory.importance = Math.min(memory.importance, 10);
    memory.tags = [...new Set([...memory.tags, "archived"])];
  } else if (action === 9) {
    const id = pick(some);
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
  } else if (action === 10) {
    await forget(cortex, model, random, space, pick(some));
  } else if (action === 11) {
    const filter = {
      memorySpaceId: space,
      userId: userId ?? "ada",
      sourceType: pick(TYPES),
    };
    const { updated, memoryIds } = await cortex.memory.updateMany(filter, {
      importance,
    });
    const expected = model.in(
      space,
      (memory) =>
        memory.userId === filter.userId &&
        memory.sourceType === filter.sourceType,
    );
    assertEquals(memoryIds.toSorted(), expected.toSorted());
    assertEquals(updated, expected.length);
    for (const id of expected) {
      Object.assign(model.memories.get(id)!, {
        importance,
        ownImportance: importance,
      });
    }
  } else if (action === 12 && below(4) === 0) {
    const sourceType = pick([...TYPES, "conversation"] as const);
    const filter = {
      memorySpaceId: space,
      userId: userId ?? "bob",
      sourceType,
    };
    const { deleted, memoryIds } = await cortex.memory.deleteMany(filter);
    const expected = model.in(
      space,
      (memory) =>
        memory.userId === filter.userId && memory.sourceType === sourceType,
    );
    assertEquals(memoryIds.toSorted(), expected.toSorted());
    assertEquals(deleted, expected.length);
    for (const id of expected) model.memories.delete(id);
  } else if (action === 13 && below(40) === 0 && userId !== undefined) {
    await cortex.users.delete(userId, { cascade: true });
    for (const [id, memory] of model.memories) {
      if (memory.userId === userId) model.memories.delete(id);
    }
    for (const [id, conversation] of model.conversations) {
      if (conversation.userId === userId) model.conversations.delete(id);
    }
  }
}

async function forget(
  cortex: Cortex,
  model: Model,
  { below }: Random,
  space: string,
  id: string,
): Promise<void> {
  const kind = below(3);
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

/** What can be read of one space is what the model has. */
async function compare(
  cortex: Cortex,
  model: Model,
  { below, pick }: Random,
): Promise<void> {
  const space = pick(SPACES);
  const here = model.in(space);
  const userId = below(2) === 0 ? pick(["ada", "bob"]) : undefined;
  const sourceType = below(2) === 0
    ? pick([...TYPES, "conversation"] as const)
    : undefined;
  const filter = {
    memorySpaceId: space,
    ...(userId !== undefined && { userId }),
    ...(sourceType !== undefined && { sourceType }),
  };
  const expected = model.in(
    space,
    (memory) =>
      (userId === undefined || memory.userId === userId) &&
      (sourceType === undefined || memory.sourceType === sourceType),
  );
  const listed = await cortex.memory.list({ ...filter, limit: 10_000 });
  const entries = listed as MemoryEntry[];
  assertEquals(
    entries.map(({ memoryId }) => memoryId),
    expected.toReversed(),
    JSON.stringify(filter),
  );
  assertEquals(await cortex.memory.count(filter), expected.length);
  for (const entry of entries) {
    const known = model.memories.get(entry.memoryId)!;
    assertEquals(
      [entry.content, entry.importance, entry.tags, entry.version],
      [known.content, known.importance, known.tags, known.version],
    );
  }
  const conversations = [...model.conversations].filter(([, known]) =>
    known.space === space && (userId === undefined || known.userId === userId)
  );
  assertEquals(
    await cortex.conversations.count({
      memorySpaceId: space,
      ...(userId !== undefined && { userId }),
    }),
    conversations.length,
  );
  const stats = await cortex.memorySpaces.getStats(space);
  const inSpace = [...model.conversations.values()].filter((known) =>
    known.space === space
  );
  assertEquals(
    [stats.totalMemories, stats.totalConversations, stats.totalMessages],
    [
      here.length,
      inSpace.length,
      inSpace.reduce((sum, known) => sum + known.messageIds.length, 0),
    ],
  );
  const levels = { critical: 0, high: 0, medium: 0, low: 0, trivial: 0 };
  for (const id of here) {
    const { importance } = model.memories.get(id)!;
    if (importance >= 90) levels.critical++;
    else if (importance >= 70) levels.high++;
    else if (importance >= 40) levels.medium++;
    else if (importance >= 10) levels.low++;
    else levels.trivial++;
  }
  assertEquals(stats.importanceBreakdown, levels);
  if (here.length > 0) await recallOne(cortex, model, pick(here), pick(WORDS));
  if (conversations.length === 0) return;
  const [id, known] = pick(conversations);
  const conversation = await cortex.conversations.get(id);
  assertEquals(
    conversation?.messages.map((message) => message.id),
    known.messageIds,
  );
  assertEquals(conversation?.messageCount, known.messageIds.length);
}

/** A memory that stands is found by its own words, an archived one is not; nothing that was deleted comes. */
async function recallOne(
  cortex: Cortex,
  model: Model,
  id: string,
  word: string,
): Promise<void> {
  const { space, content, isArchived } = model.memories.get(id)!;
  for (const query of [content, word]) {
    const { items } = await cortex.memory.recall({
      memorySpaceId: space,
      query,
      limit: 20,
    });
    for (const item of items) {
      const found = model.memories.get(item.id);
      assert(found && found.space === space && !found.isArchived, item.id);
      assertEquals(item.content, found.content);
    }
    if (query !== content) continue;
    const same = [...model.memories].filter(([, memory]) =>
      memory.space === space && memory.content === content &&
      !memory.isArchived
    ).length;
    assertEquals(
      items.some((item) =>
        item.id === id
      ),
      !isArchived,
      `${content}, ${same} alike`,
    );
  }
}

Deno.test("memories and conversations are what a naive model of them is, whenever the file is opened again", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}, ${STEPS} steps`);
  const random = seededRandom(seed);
  const model = new Model();
  const folder = await Deno.makeTempDir({ prefix: "cortex-oracle-" });
  const path = `${folder}/cortex.db`;
  let cortex = new Cortex({ path });
  try {
    for (const memorySpaceId of SPACES) {
      await cortex.memorySpaces.register({ memorySpaceId, type: "team" });
    }
    for (let step = 0; step < STEPS; step++) {
      await change(cortex, model, random);
      if (step % 3 === 0) await compare(cortex, model, random);
      if (random.below(40) > 0) continue;
      await cortex.close();
      cortex = new Cortex({ path });
    }
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}`, { cause: error });
  } finally {
    await cortex.close();
    await Deno.remove(folder, { recursive: true });
  }
});
