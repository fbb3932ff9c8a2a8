/**
 * All modules of two tenants at random: whatever is done, counts agree with lists, statistics with both, erasing a user
 * or an agent leaves nothing of it and the other tenant as it was, and what is exported is the same once imported.
 */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { isCortexError } from "../../src/errors.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const STEPS = Math.max(150, Math.round(1500 * testScale()));
const TENANTS = [undefined, "acme"];
const SPACES = ["one", "two"];
// No word of the texts begins with these, so that leftovers of a user can be found in the bytes.
const USERS = ["zuser-ada", "zuser-bob"];
const AGENTS = ["zagent-x", "zagent-y"];
const WORDS = ["kettle", "oboe", "lamp", "river", "anchor"];
const TYPES = ["doc", "rule"];
const NAMESPACES = ["stock", "flags"];
/** More than there is of anything. */
const limit = 1000;

/** What one random change may use. */
interface Chance extends Random {
  space: string;
  userId: string;
  agentId: string;
  text: string;
  /** True one time in `among`. */
  once(among: number): boolean;
}

type Change = (cortex: Cortex, chance: Chance) => Promise<unknown>;

function open(base: Cortex, tenantId: string | undefined): Cortex {
  return new Cortex({
    client: base.getClient(),
    logger: silent,
    ...(tenantId !== undefined && { auth: { userId: "me", tenantId } }),
  });
}

function factOf({ pick, userId }: Chance) {
  const subject = pick([userId, "car"]);
  const object = pick(WORDS);
  return {
    fact: `${subject} likes ${object}`,
    factType: pick(["preference", "knowledge"] as const),
    subject,
    predicate: "likes",
    object,
    confidence: 80,
  };
}

async function someMemory(
  cortex: Cortex,
  { space, pick }: Chance,
): Promise<string | undefined> {
  const found = await cortex.vector.list({ memorySpaceId: space, limit });
  return found.length === 0 ? undefined : pick(found).memoryId;
}

async function someFact(
  cortex: Cortex,
  { space, pick }: Chance,
): Promise<string | undefined> {
  const found = await cortex.facts.list({
    memorySpaceId: space,
    includeSuperseded: true,
    limit,
  });
  return found.length === 0 ? undefined : pick(found).factId;
}

async function someConversation(
  cortex: Cortex,
  { pick }: Chance,
): Promise<string | undefined> {
  const { conversations } = await cortex.conversations.list({ limit });
  return conversations.length === 0
    ? undefined
    : pick(conversations).conversationId;
}

/** A change of something that is there, if anything is. */
function ofSome(
  find: (cortex: Cortex, chance: Chance) => Promise<string | undefined>,
  act: (cortex: Cortex, chance: Chance, id: string) => Promise<unknown>,
): Change {
  return async (cortex, chance) => {
    const id = await find(cortex, chance);
    if (id !== undefined) await act(cortex, chance, id);
  };
}

/** A rare one. */
function seldom(change: Change): Change {
  return async (cortex, chance) => {
    if (chance.once(4)) await change(cortex, chance);
  };
}

const remember: Change = (cortex, chance) =>
  cortex.memory.remember({
    memorySpaceId: chance.space,
    conversationId: `${cortex.auth?.tenantId}-${chance.space}-${
      chance.below(4)
    }`,
    userId: chance.userId,
    userName: "Somebody",
    agentId: chance.agentId,
    userMessage: chance.text,
    agentResponse: `About the ${chance.text}, yes`,
    importance: chance.below(101),
    extractFacts: () => Promise.resolve([factOf(chance)]),
  });

const CHANGES: readonly Change[] = [
  remember,
  remember,
  remember,
  (cortex, { space, userId, text, below, once }) =>
    cortex.memory.store(space, {
      content: text,
      contentType: "raw",
      source: { type: "tool" },
      metadata: { importance: below(101), tags: ["note"] },
      ...(once(2) && { userId, embedding: [below(9), 1, 2] }),
    }),
  ofSome(
    someMemory,
    (cortex, { space, text }, id) =>
      cortex.memory.update(space, id, { content: text, tags: ["new"] }),
  ),
  ofSome(someMemory, ({ memory }, { space }, id) => memory.archive(space, id)),
  ofSome(
    someMemory,
    ({ memory }, { space }, id) => memory.restoreFromArchive(space, id),
  ),
  ofSome(
    someMemory,
    (cortex, { space, once }, id) =>
      cortex.memory.forget(space, id, {
        deleteConversation: once(2),
        deleteEntireConversation: once(2),
      }),
  ),
  seldom(({ memory }, { space: memorySpaceId, userId }) =>
    memory.deleteMany({ memorySpaceId, userId })
  ),
  ofSome(
    someConversation,
    ({ conversations }, { text: content }, conversationId) =>
      conversations.addMessage({
        conversationId,
        message: { role: "user", content },
      }),
  ),
  seldom(ofSome(
    someConversation,
    ({ conversations }, _, id) => conversations.delete(id),
  )),
  (cortex, chance) =>
    cortex.facts.revise({
      memorySpaceId: chance.space,
      userId: chance.userId,
      fact: factOf(chance),
    }),
  ofSome(
    someFact,
    ({ facts }, { space, text }, id) =>
      facts.update(space, id, { fact: text, tags: ["new"] }),
  ),
  ofSome(someFact, ({ facts }, { space }, id) => facts.delete(space, id)),
  async (cortex, chance) => {
    const first = await someFact(cortex, chance);
    const second = await someFact(cortex, chance);
    if (first === undefined || second === undefined || first === second) return;
    await cortex.facts.consolidate({
      memorySpaceId: chance.space,
      factIds: [first, second],
      keepFactId: first,
    });
  },
  ({ immutable }, { pick, below, once, userId, text }) =>
    immutable.store({
      type: pick(TYPES),
      id: `record-${below(4)}`,
      data: { text },
      ...(once(2) && { userId }),
    }),
  ({ immutable }, { pick, below }) =>
    immutable.purgeVersions(pick(TYPES), `record-${below(4)}`, 1),
  ({ immutable }, { pick, below }) =>
    immutable.purge(pick(TYPES), `record-${below(4)}`),
  ({ mutable }, { pick, below, once, userId }) =>
    mutable.set(
      pick(NAMESPACES),
      `${pick(["a", "b"])}:${below(4)}`,
      below(9),
      once(2) ? userId : undefined,
    ),
  ({ mutable }, { pick, below }) =>
    mutable.delete(pick(NAMESPACES), `${pick(["a", "b"])}:${below(4)}`),
  ({ mutable }, { pick, below }) =>
    mutable.transaction([
      { op: "set", namespace: "stock", key: "a:0", value: below(9) },
      { op: "delete", namespace: "flags", key: `b:${below(4)}` },
      { op: "increment", namespace: pick(NAMESPACES), key: "a:1", amount: 1 },
    ]),
  seldom(({ mutable }, { userId }) =>
    mutable.purgeMany({ namespace: "stock", userId })
  ),
  ({ users }, { userId, text }) => users.update(userId, { displayName: text }),
  ({ agents }, { agentId, text }) =>
    agents.register({ id: agentId, name: text }),
  seldom(({ memorySpaces }, { space, once }) =>
    once(3) ? memorySpaces.archive(space) : memorySpaces.reactivate(space)
  ),
];

/** Every row of a tenant, as exported. */
async function rowsOf(cortex: Cortex): Promise<string[]> {
  let text = "";
  for await (const line of cortex.exportAll()) text += line;
  return text.split("\n").filter((line) => line.startsWith('{"table"'));
}

/** Erases a user, or an agent, of one tenant. */
async function erase(
  cortex: Cortex,
  other: Cortex,
  { userId, agentId, once }: Chance,
): Promise<void> {
  const kept = await rowsOf(other);
  const before = await rowsOf(cortex);
  const run = (dryRun: boolean) =>
    isUser
      ? cortex.users.delete(userId, { cascade: true, dryRun })
      : cortex.agents.unregister(agentId, { cascade: true, dryRun });
  const isUser = once(2);
  if (!isUser && !await cortex.agents.exists(agentId)) return;
  const { deletedAt: _, ...planned } = { deletedAt: 0, ...await run(true) };
  assertEquals(await rowsOf(cortex), before);
  const { deletedAt: __, ...done } = { deletedAt: 0, ...await run(false) };
  assert(done.verification.complete, JSON.stringify(done.verification));
  assertEquals(done.totalDeleted, planned.totalDeleted);
  const id = isUser ? userId : agentId;
  const left = (await rowsOf(cortex)).filter((row) => row.includes(id));
  assertEquals(isUser ? left : [], []);
  assertEquals(await rowsOf(other), kept);
}

/** Compares what the modules say about themselves and about each other. */
async function agree(cortex: Cortex, { pick }: Chance): Promise<void> {
  const { conversations, total } = await cortex.conversations.list({
    limit,
    includeMessages: true,
  });
  assertEquals(
    [await cortex.conversations.count({}), total],
    [conversations.length, conversations.length],
  );
  for (const { conversationId, messageCount, messages } of conversations) {
    const history = await cortex.conversations.getHistory(conversationId, {
      limit,
    });
    assertEquals(
      [messages.length, history.total, history.messages.length],
      [messageCount, messageCount, messageCount],
    );
  }
  const inSpace = (memorySpaceId: string) =>
    conversations.filter((known) => known.memorySpaceId === memorySpaceId);
  for (const space of SPACES) await agreeIn(cortex, space, inSpace(space));
  for (const type of TYPES) {
    for (const userId of [undefined, pick(USERS)]) {
      const filter = { type, ...(userId !== undefined && { userId }) };
      const rows = await cortex.immutable.list({ ...filter, limit });
      assertEquals(await cortex.immutable.count(filter), rows.length);
    }
  }
  for (const namespace of NAMESPACES) {
    const rows = await cortex.mutable.list({ namespace, limit });
    assertEquals(await cortex.mutable.count({ namespace }), rows.length);
    for (const keyPrefix of ["a", "b"]) {
      assertEquals(
        await cortex.mutable.count({ namespace, keyPrefix }),
        rows.filter(({ key }) => key.startsWith(keyPrefix)).length,
      );
    }
  }
  const { users } = await cortex.users.list({ limit });
  assertEquals(await cortex.users.count(), users.length);
  const agents = await cortex.agents.list({ limit });
  assertEquals(await cortex.agents.count(), agents.length);
}

async function agreeIn(
  cortex: Cortex,
  memorySpaceId: string,
  conversations: { messageCount: number }[],
): Promise<void> {
  const memories = await cortex.vector.list({ memorySpaceId, limit });
  assertEquals(await cortex.vector.count({ memorySpaceId }), memories.length);
  const facts = await cortex.facts.list({ memorySpaceId, limit });
  assertEquals(await cortex.facts.count({ memorySpaceId }), facts.length);
  for (const userId of USERS) {
    assertEquals(
      [
        await cortex.vector.count({ memorySpaceId, userId }),
        await cortex.facts.count({ memorySpaceId, userId }),
      ],
      [memories, facts].map((rows) =>
        rows.filter((row) => row.userId === userId).length
      ),
    );
  }
  // Neither is a current fact tagged as archived, nor does one that is miss in the search.
  assert(facts.every(({ tags }) => !tags.includes("archived")));
  const live = memories.filter(({ tags }) => !tags.includes("archived"));
  for (const word of WORDS) {
    const hits = await cortex.vector.search(memorySpaceId, word, { limit });
    assertEquals(
      hits.map(({ memoryId }) => memoryId).sort(),
      live.filter(({ content }) => content.includes(word)).map((memory) =>
        memory.memoryId
      ).sort(),
    );
  }
  const stats = await cortex.memorySpaces.getStats(memorySpaceId);
  assertEquals(
    [
      stats.totalMemories,
      stats.totalFacts,
      stats.totalConversations,
      stats.totalMessages,
    ],
    [
      memories.length,
      facts.length,
      conversations.length,
      conversations.reduce((sum, { messageCount }) => sum + messageCount, 0),
    ],
  );
}

/** An empty engine that imports all is the same. */
async function move(
  cortex: Cortex,
  tenantId: string | undefined,
  chance: Chance,
): Promise<void> {
  await using base = new Cortex({ logger: silent });
  const copy = open(base, tenantId);
  await copy.importAll(cortex.exportAll());
  assertEquals((await rowsOf(copy)).sort(), (await rowsOf(cortex)).sort());
  await agree(copy, chance);
}

Deno.test("counts, lists, statistics, searches, erasure and exports of two tenants agree, whatever is done", async () => {
  const seed = testSeed();
  console.log(`seed ${seed}, ${STEPS} steps`);
  const random = seededRandom(seed);
  const { below, pick } = random;
  await using base = new Cortex({ logger: silent });
  const tenants = TENANTS.map((tenantId) => open(base, tenantId));
  try {
    for (const cortex of tenants) {
      for (const memorySpaceId of SPACES) {
        await cortex.memorySpaces.register({ memorySpaceId, type: "team" });
      }
    }
    for (let step = 1; step <= STEPS; step++) {
      const at = below(tenants.length);
      const cortex = tenants[at]!;
      const chance = {
        ...random,
        space: pick(SPACES),
        userId: pick(USERS),
        agentId: pick(AGENTS),
        text: `${pick(WORDS)} ${pick(WORDS)} ${below(1000)}`,
        once: (among: number) => below(among) === 0,
      };
      await pick(CHANGES)(cortex, chance).catch((error) => {
        // What is not there, archived or superseded refuses: with a code.
        if (!isCortexError(error)) throw error;
      });
      if (step % 30 === 0) await agree(cortex, chance);
      if (step % 50 === 0) await erase(cortex, tenants[1 - at]!, chance);
      if (step % 150 === 0) await move(cortex, TENANTS[at], chance);
    }
  } catch (error) {
    throw new Error(`seed ${seed}: ${error}`, { cause: error });
  }
});
