/** Two instances that have gone on by themselves: an import loses nothing of either, or says what. */
import { assert, assertEquals } from "@std/assert";
import { Cortex, type ImportConflict } from "../../mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";

const SPACES = ["s-0", "s-1"];
const USERS = ["ada", "bob"];
const TALKS = ["t-0", "t-1", "t-2"];

/** Does something. What it refuses (an id that is taken, a fact that is gone) is refused. */
async function act(
  cortex: Cortex,
  name: string,
  { below, pick }: Random,
  at: number,
): Promise<void> {
  const space = pick(SPACES);
  const user = pick(USERS);
  const text = `${name} ${at} ${pick(["pens", "ink", "paper"])}`;
  const talk = `${pick(TALKS)}-${user}`;
  const memories = await cortex.memory.list({ memorySpaceId: space });
  const memoryId = (memories as { memoryId: string }[])[
    below(Math.max(1, memories.length))
  ]?.memoryId;
  const facts = await cortex.facts.list({ memorySpaceId: space });
  const fact = facts[below(Math.max(1, facts.length))];
  const newFact = {
    memorySpaceId: space,
    fact: `${user} lives in ${text}`,
    factType: "identity" as const,
    subject: user,
    predicate: "lives in",
    object: text,
    confidence: 50 + below(50),
    sourceType: "manual" as const,
  };
  const acts: (() => unknown)[] = [
    () =>
      cortex.memory.remember({
        memorySpaceId: talk.startsWith("t-0") ? "s-0" : "s-1",
        conversationId: talk,
        userId: user,
        userName: user,
        agentId: "helper",
        userMessage: text,
        agentResponse: `I see: ${text}`,
        ...below(2) === 0 && {
          generateEmbedding: () => Promise.resolve([1, at, 2]),
        },
      }),
    () =>
      cortex.conversations.addMessage({
        conversationId: talk,
        message: { role: "user", content: text },
      }),
    () => cortex.users.update(user, { text }),
    () => cortex.users.delete(user),
    () => cortex.immutable.store({ type: "log", id: user, data: { text } }),
    () => cortex.mutable.set("stock", user, text),
    () => cortex.mutable.increment("count", user),
    () => cortex.agents.register({ id: `${user}-bot`, name: text }),
    () => cortex.memorySpaces.register({ memorySpaceId: space, type: "team" }),
    () =>
      cortex.memorySpaces.addParticipant(space, {
        id: `${user}-${below(3)}`,
        type: "user",
        joinedAt: 1,
      }),
    () => cortex.facts.store(newFact),
    () => cortex.facts.revise({ memorySpaceId: space, fact: newFact }),
    () => fact && cortex.facts.update(space, fact.factId, { fact: text }),
    () => fact && cortex.facts.delete(space, fact.factId),
    () => memoryId && cortex.memory.update(space, memoryId, { content: text }),
    () => memoryId && cortex.memory.archive(space, memoryId),
    () => memoryId && cortex.memory.delete(space, memoryId),
    () => below(4) === 0 && cortex.conversations.delete(talk),
    () => below(4) === 0 && cortex.users.delete(user, { cascade: true }),
  ];
  try {
    await pick(acts)();
  } catch (error) {
    assert(typeof (error as { code?: string }).code === "string", `${error}`);
  }
}

/** What the public methods return, each thing as its table, its key and its content. */
async function told(cortex: Cortex): Promise<string[][]> {
  const things: string[][] = [];
  const tell = (table: string, key: string, ...says: unknown[]) =>
    things.push([table, key, JSON.stringify(says)]);
  for (const space of await spacesOf(cortex)) {
    tell("memorySpaces", space.memorySpaceId, space.name, space.participants);
  }
  for (const { id, name } of await cortex.agents.list()) {
    tell("agents", id, name);
  }
  const records = [
    ...(await cortex.immutable.list({ type: "log" })),
    ...(await cortex.users.list()).users.map(({ id }) => ({
      type: "user",
      id,
    })),
  ];
  for (const { type, id } of records) {
    for (
      const { version, data } of await cortex.immutable.getHistory(type, id)
    ) {
      tell("immutable", `${type} ${id}`, version, data);
    }
  }
  for (const namespace of ["stock", "count"]) {
    for (const { key, value } of await cortex.mutable.list({ namespace })) {
      tell("mutable", `${namespace} ${key}`, value);
    }
  }
  const { conversations } = await cortex.conversations.list({ limit: 100 });
  assertEquals(conversations.length, await cortex.conversations.count());
  for (const { conversationId, memorySpaceId } of conversations) {
    tell("conversations", conversationId, memorySpaceId);
    const all = (await cortex.conversations.get(conversationId))!;
    assertEquals(all.messages.length, all.messageCount);
    const paged = [];
    for (let offset = 0; offset < all.messageCount; offset += 3) {
      const page = await cortex.conversations.getHistory(conversationId, {
        limit: 3,
        offset,
        sortOrder: "asc",
      });
      paged.push(...page.messages);
    }
    assertEquals(paged, all.messages, "the pages are the whole");
    for (const { id, role, content } of all.messages) {
      tell("messages", `${conversationId} ${id}`, role, content);
    }
  }
  for (const memorySpaceId of SPACES) {
    const memories = await cortex.memory.list({ memorySpaceId, limit: 1000 });
    assertEquals(memories.length, await cortex.memory.count({ memorySpaceId }));
    for (const { memoryId } of memories as { memoryId: string }[]) {
      const past = await cortex.memory.getHistory(memorySpaceId, memoryId);
      for (const { version, content } of past) {
        tell("memories", `${memorySpaceId} ${memoryId}`, version, content);
      }
    }
    const facts = await cortex.facts.list({
      memorySpaceId,
      includeSuperseded: true,
      limit: 1000,
    });
    const current = await cortex.facts.list({ memorySpaceId, limit: 1000 });
    assertEquals(current.length, await cortex.facts.count({ memorySpaceId }));
    for (const { factId, fact } of facts) {
      tell("facts", `${memorySpaceId} ${factId}`, fact);
    }
    if (await cortex.memorySpaces.get(memorySpaceId) === null) continue;
    const stats = await cortex.memorySpaces.getStats(memorySpaceId);
    assertEquals([stats.totalMemories, stats.totalFacts], [
      memories.length,
      current.length,
    ]);
    const here = conversations.filter((one) =>
      one.memorySpaceId === memorySpaceId
    );
    assertEquals(stats.totalConversations, here.length);
    assertEquals(
      stats.totalMessages,
      here.reduce((sum, { messageCount }) => sum + messageCount, 0),
    );
  }
  return things;
}

async function spacesOf({ memorySpaces }: Cortex) {
  return (await memorySpaces.list()).spaces;
}

async function textOf(cortex: Cortex): Promise<string> {
  let text = "";
  for await (const line of cortex.exportAll()) text += line;
  return text;
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  memorySpaces: ["memorySpaceId"],
  agents: ["agentId"],
  immutable: ["type", "id"],
  mutable: ["namespace", "key"],
  conversations: ["conversationId"],
  messages: ["conversationId", "id"],
  memories: ["memorySpaceId", "memoryId"],
  facts: ["memorySpaceId", "factId"],
};

/** A conflict by the table and key of the row left out; versions are named with what they are versions of. */
function nameOf({ table, key }: ImportConflict): string {
  const whole = table.replace("immutableVersions", "immutable")
    .replace("memoryVersions", "memories");
  return `${whole} ${(KEYS[whole] ?? []).map((name) => key[name]).join(" ")}`;
}

async function merge(seed: number): Promise<void> {
  const random = seededRandom(seed);
  await using a = new Cortex();
  await using b = new Cortex();
  const go = async (cortex: Cortex, name: string) => {
    for (let at = random.below(40); at > 0; at--) {
      await act(cortex, name, random, at);
    }
  };
  await go(a, "both");
  const first = await textOf(a);
  if (random.below(3) > 0) {
    const { conflicts, skipped } = await b.importAll(first);
    assertEquals([conflicts, skipped], [[], 0], "into nothing");
    assertEquals((await told(b)).sort(), (await told(a)).sort());
  }
  await go(a, "a");
  await go(b, "b");
  const [ofA, ofB] = [await told(a), await told(b)];
  const text = random.below(4) === 0 ? first : await textOf(a);
  const result = await b.importAll(text);
  assertEquals(result.complete, true);
  assertEquals(result.conflicting, result.conflicts.length);
  const after = new Set((await told(b)).map((thing) => thing.join("|")));
  for (const thing of ofB) {
    assert(after.has(thing.join("|")), `of B's own is gone: ${thing}`);
  }
  const conflicts = new Set(result.conflicts.map(nameOf));
  for (const thing of text === first ? [] : ofA) {
    const isThere = after.has(thing.join("|")) ||
      conflicts.has(thing.slice(0, 2).join(" "));
    assert(isThere, `of A's is neither here nor told: ${thing}`);
  }
  const again = await b.importAll(text);
  assertEquals([again.imported, again.conflicts], [0, result.conflicts]);
  assertEquals(
    new Set((await told(b)).map((thing) => thing.join("|"))),
    after,
    "once more changes nothing",
  );
}

Deno.test("after an import between two copies that diverged, every row is there or reported", async () => {
  await overSeeds(40, merge);
});
