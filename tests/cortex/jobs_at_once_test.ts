/**
 * Erasures, deletions and writes of the same rows at once, in many steps: whatever comes first, all agrees in the end.
 */
import { assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { silent } from "../../src/testing/facade/subject.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { type Backend, openBackend } from "../convex/backend.ts";
import { overSeeds } from "../support/test_env.ts";

type Args = Record<string, unknown>;

/** Of which thirty are more than one step takes. */
const PAD = "p".repeat(150_000);
const SPACES = ["s", "t"];
const USERS = ["u", "v", "w"];
const AGENTS = ["a", "b"];
/** No list returns more. */
const limit = 1000;

/** What a job may be refused, for another one was faster. */
const REFUSALS =
  /CONVERSATION_NOT_FOUND|Memory space not found|MEMORYSPACE_(DELETING|ALREADY_EXISTS)/;

async function checkCounts(cortex: Cortex, backend: Backend): Promise<void> {
  const { conversations, immutable, mutable, memorySpaces } = cortex;
  const rows = await backend.rows("conversations");
  const messages = await backend.rows("messages");
  const ofUsers = USERS.map((userId) => ({ userId }));
  const ofSpaces = SPACES.map((memorySpaceId) => ({ memorySpaceId }));
  for (const { _id, messageCount } of rows) {
    const own = messages.filter((message) => message.conversationDocId === _id);
    assertEquals(own.length, messageCount);
  }
  const docs = new Set(rows.map(({ _id }) => _id));
  assertEquals(
    messages.filter(({ conversationDocId }) =>
      !docs.has(conversationDocId as string)
    ),
    [],
  );
  for (const filter of [{}, ...ofUsers, ...ofSpaces]) {
    const { total, conversations: all } = await conversations.list({
      ...filter,
      limit,
    });
    const count = await conversations.count(filter);
    assertEquals([count, total], [all.length, all.length]);
  }
  for (const filter of [{}, { type: "doc" }, ...ofUsers]) {
    const all = await immutable.list({ ...filter, limit });
    assertEquals(await immutable.count(filter), all.length);
  }
  for (const filter of [{}, ...ofUsers]) {
    const asked = { ...filter, namespace: "ns" };
    const all = await mutable.list({ ...asked, limit });
    assertEquals(await mutable.count(asked), all.length);
  }
  for (const memorySpaceId of SPACES) {
    if (await memorySpaces.get(memorySpaceId) === null) continue;
    const own = rows.filter((row) => row.memorySpaceId === memorySpaceId);
    const stats = await memorySpaces.getStats(memorySpaceId);
    assertEquals(
      [stats.totalConversations, stats.totalMessages, stats.totalFacts],
      [
        own.length,
        own.reduce((sum, row) => sum + Number(row.messageCount), 0),
        await cortex.facts.count({ memorySpaceId }),
      ],
    );
  }
  const { users, agents } = cortex;
  assertEquals(
    [await users.count(), await agents.count(), await memorySpaces.count()],
    [
      (await users.list()).users.length,
      (await agents.list()).length,
      (await memorySpaces.list()).spaces.length,
    ],
  );
}

Deno.test("jobs that delete and write the same rows at once leave correct counts, and nothing of what was erased", async () => {
  await overSeeds(20, async (seed) => {
    const { below, pick } = seededRandom(seed);
    let now = 1_700_000_000_000;
    const backend = openBackend({ now: () => now++ });
    const pause = async () => {
      for (let turns = below(6); turns > 0; turns--) await Promise.resolve();
      if (below(3) === 0) await new Promise((done) => setTimeout(done, 0));
    };
    const mutation = async (name: string, args: Args) => {
      await pause();
      return await backend.engine.mutation(name, args as never);
    };
    const client = {
      mutation,
      action: mutation,
      async query(name: string, args: Args) {
        await pause();
        return await backend.engine.query(name, args as never);
      },
    };
    const cortex = new Cortex({ client, logger: silent } as never);
    const { conversations, memorySpaces, users, agents } = cortex;
    const register = (memorySpaceId: string) =>
      memorySpaces.register({
        memorySpaceId,
        type: "team",
        participants: USERS.map((id) => ({ id, type: "user" })),
      });
    let made = 0;
    const make = async () => {
      const [memorySpaceId, userId, agentId] = [SPACES, USERS, AGENTS].map(
        pick,
      ) as [string, string, string];
      const id = `c${made++}`;
      await conversations.create({
        memorySpaceId,
        conversationId: id,
        type: "user-agent",
        participants: { userId, agentId },
        participantId: agentId,
      });
      for (let left = 1 + below(3); left > 0; left--) {
        await conversations.addMessage({
          conversationId: id,
          message: { role: "user", content: "hi", metadata: { PAD } },
        });
      }
      const data = { PAD };
      await cortex.immutable.store({ type: "doc", id, data, userId });
      await cortex.mutable.set("ns", id, PAD, userId);
      await cortex.facts.store({
        memorySpaceId,
        userId,
        participantId: agentId,
        fact: `fact ${id}`,
        factType: "knowledge",
        confidence: 50,
        sourceType: "manual",
      });
    };
    const cascade = true;
    const jobs: (() => Promise<unknown>)[] = [
      () => users.delete(pick(USERS), { cascade }),
      () => users.deleteMany(USERS.slice(below(2)), { cascade }),
      () => users.update(pick(USERS), { made }),
      () => agents.unregister(pick(AGENTS), { cascade }),
      () => memorySpaces.delete(pick(SPACES), { cascade, reason: "r" }),
      () => register(pick(SPACES)),
      () =>
        conversations.deleteMany({ userId: pick(USERS) }, {
          requireConfirmation: false,
        }),
      () => cortex.immutable.purgeMany({ userId: pick(USERS) }),
      () => cortex.mutable.purgeMany({ namespace: "ns", userId: pick(USERS) }),
      make,
      make,
      make,
    ];
    try {
      for (const id of SPACES) await register(id);
      for (const id of USERS) await users.update(id, {});
      for (const id of AGENTS) await agents.register({ id, name: id });
      for (let left = 25; left > 0; left--) await make();
      const ends = await Promise.allSettled(
        Array.from({ length: 8 }, () => pick(jobs)()),
      );
      for (const end of ends) {
        if (end.status === "fulfilled") continue;
        if (!REFUSALS.test(String(end.reason))) throw end.reason;
      }
      await checkCounts(cortex, backend);
      for (const id of USERS) await users.delete(id, { cascade });
      for (const id of AGENTS) await agents.unregister(id, { cascade });
      const tables = ["conversations", "messages", "immutable", "mutable"];
      for (const table of [...tables, "facts", "agents"] as const) {
        assertEquals(await backend.rows(table as "facts"), []);
      }
    } finally {
      await backend.engine.close();
    }
  });
});
