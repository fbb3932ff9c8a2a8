/**
 * Memories and conversations against a naive model: after any changes, gets, lists, counts and statistics agree with
 * it.
 */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import type { MemoryEntry, SourceType } from "../../mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { changeMemories, SPACES, TYPES, WORDS } from "./memory_changes.ts";
import { MemoryModel } from "./memory_model.ts";

const STEPS = Math.max(120, Math.round(1500 * testScale()));

/** Compares what can be read of one space with the model. */
async function compare(
  cortex: Cortex,
  model: MemoryModel,
  { below, pick }: Random,
): Promise<void> {
  const space = pick(SPACES);
  const userId = below(2) === 0 ? pick(["ada", "bob"]) : undefined;
  const sourceType = below(2) === 0
    ? pick([...TYPES, "conversation"] as const)
    : undefined;
  await compareList(cortex, model, space, { userId, sourceType });
  await compareStatistics(cortex, model, space);
  const ids = model.in(space);
  if (ids.length > 0) await recallOne(cortex, model, pick(ids), pick(WORDS));
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
  if (conversations.length === 0) return;
  const [id, known] = pick(conversations);
  const conversation = await cortex.conversations.get(id);
  assertEquals(
    conversation?.messages.map((message) => message.id),
    known.messageIds,
  );
  assertEquals(conversation?.messageCount, known.messageIds.length);
}

/** The list and the count of the memories that meet a filter. */
async function compareList(
  cortex: Cortex,
  model: MemoryModel,
  space: string,
  { userId, sourceType }: {
    userId: string | undefined;
    sourceType: SourceType | undefined;
  },
): Promise<void> {
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
}

/** The statistics of a space. */
async function compareStatistics(
  cortex: Cortex,
  model: MemoryModel,
  space: string,
): Promise<void> {
  const ids = model.in(space);
  const stats = await cortex.memorySpaces.getStats(space);
  const conversations = [...model.conversations.values()].filter((known) =>
    known.space === space
  );
  assertEquals(
    [stats.totalMemories, stats.totalConversations, stats.totalMessages],
    [
      ids.length,
      conversations.length,
      conversations.reduce((sum, known) => sum + known.messageIds.length, 0),
    ],
  );
  const levels = { critical: 0, high: 0, medium: 0, low: 0, trivial: 0 };
  for (const id of ids) {
    const { importance } = model.memories.get(id)!;
    if (importance >= 90) levels.critical++;
    else if (importance >= 70) levels.high++;
    else if (importance >= 40) levels.medium++;
    else if (importance >= 10) levels.low++;
    else levels.trivial++;
  }
  assertEquals(stats.importanceBreakdown, levels);
}

/** `recall` finds an active memory by its own words, and neither an archived nor a deleted one. */
async function recallOne(
  cortex: Cortex,
  model: MemoryModel,
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
    assertEquals(items.some((item) => item.id === id), !isArchived, content);
  }
}

Deno.test("memories and conversations agree with a naive model, however often the file is opened again", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}, ${STEPS} steps`);
  const random = seededRandom(seed);
  const model = new MemoryModel();
  const folder = await Deno.makeTempDir({ prefix: "cortex-oracle-" });
  const path = `${folder}/cortex.db`;
  let cortex = new Cortex({ path });
  try {
    for (const memorySpaceId of SPACES) {
      await cortex.memorySpaces.register({ memorySpaceId, type: "team" });
    }
    for (let step = 0; step < STEPS; step++) {
      await changeMemories(cortex, model, random);
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
