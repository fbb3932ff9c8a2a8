/** Rows and versions that are more, or larger, than one call of the backend may read. */
import { assertEquals } from "@std/assert";
import { Cortex } from "../../src/cortex/cortex.ts";
import { FactHistoryService } from "../../src/cortex/facts/mod.ts";
import { inlineClient, inlineTest } from "../support/inline_cortex.ts";

/** Of which ten take more than the 8 MiB that one call looks at. */
const LARGE = "x".repeat(900_000);

inlineTest(
  "a record of large versions is stored, shown, read back, pruned and purged",
  async (cortex) => {
    const [type, id] = ["user", "ada"];
    const text = "x".repeat(950_000);
    for (let version = 1; version <= 19; version++) {
      const stored = await cortex.immutable.store({
        type,
        id,
        data: { version, text },
      });
      assertEquals(stored.version, version);
    }
    const shown = (await cortex.immutable.get(type, id))!.previousVersions;
    assertEquals(shown.map(({ version }) => version), [14, 15, 16, 17, 18]);
    for (
      const history of [
        await cortex.immutable.getHistory(type, id),
        await cortex.users.getHistory(id),
      ]
    ) {
      assertEquals(
        history.map(({ version, data }) => [version, data.version]),
        Array.from({ length: 19 }, (_, at) => [at + 1, at + 1]),
      );
    }
    assertEquals(await cortex.immutable.purgeVersions(type, id, 8), {
      versionsPurged: 11,
      versionsRemaining: 8,
    });
    const left = await cortex.users.getHistory(id);
    assertEquals(left.map(({ version }) => version).at(0), 12);
    assertEquals(
      (await cortex.immutable.purge(type, id)).versionsDeleted,
      8,
    );
  },
);

inlineTest("all of 1,200 versions come back", async (cortex) => {
  await Promise.all(
    Array.from({ length: 1200 }, (_, at) => cortex.users.update("ada", { at })),
  );
  const history = await cortex.users.getHistory("ada");
  assertEquals(history.length, 1200);
  assertEquals(Object.keys(history[0]!).sort(), [
    "data",
    "timestamp",
    "version",
  ]);
  const record = await cortex.immutable.get("user", "ada");
  assertEquals(record?.previousVersions.length, 1000);
  assertEquals((await cortex.users.delete("ada")).totalDeleted, 1);
  assertEquals(await cortex.users.getHistory("ada"), []);
});

inlineTest(
  "rows that are together larger than one call may read are all listed, counted, exported and searched",
  async (cortex) => {
    const text = LARGE;
    const ids = Array.from({ length: 12 }, (_, at) => `id-${at + 10}`);
    const userId = "ada";
    for (const id of ids) {
      const words = { id, text };
      await cortex.immutable.store({ type: "doc", id, data: words, userId });
      await cortex.users.update(id, words);
      await cortex.agents.register({ id, name: id, metadata: words });
      await cortex.memorySpaces.register({
        memorySpaceId: id,
        type: "team",
        metadata: words,
      });
    }
    const newest = ids.toReversed();
    const records = await cortex.immutable.list({ userId });
    assertEquals(records.map(({ id }) => id), newest);
    assertEquals(await cortex.immutable.count({ userId }), 12);
    assertEquals(await cortex.immutable.count({ type: "doc" }), 12);
    const some = await cortex.immutable.list({ type: "doc", limit: 11 });
    assertEquals(some.length, 11);
    const page = await cortex.users.list({ offset: 10, limit: 5 });
    assertEquals(page.users.map(({ id }) => id), newest.slice(10));
    assertEquals([page.total, page.hasMore], [12, false]);
    const filters = { offset: 1, limit: 10, sortBy: "name", sortOrder: "asc" };
    for (const includeStats of [false, true]) {
      const { data, count } = await cortex.agents.export({
        format: "json",
        filters: filters as never,
        includeStats,
      });
      const exported: { id: string }[] = JSON.parse(data);
      assertEquals(exported.map(({ id }) => id), ids.slice(1, 11));
      assertEquals(count, 10);
    }
    const found = await cortex.memorySpaces.search("id-2");
    assertEquals(found.map(({ memorySpaceId }) => memorySpaceId), [
      "id-21",
      "id-20",
    ]);
  },
);

inlineTest(
  "users are exported by name however large those are that have another",
  async (cortex) => {
    await cortex.users.update("wanted", { displayName: "Ada" });
    for (let at = 0; at < 20; at++) {
      await cortex.users.update(`user-${at}`, { displayName: "Bob", LARGE });
    }
    await cortex.users.update("last", { displayName: "Ada" });
    const filters = { displayName: "Ada" };
    const json = await cortex.users.export({ format: "json", filters });
    assertEquals(
      (JSON.parse(json) as { id: string }[]).map(({ id }) => id),
      ["last", "wanted"],
    );
    const csv = await cortex.users.export({ format: "csv", filters });
    assertEquals(csv.split("\n").map((line) => line.split(",")[0]), [
      "id",
      "last",
      "wanted",
    ]);
  },
);

inlineTest(
  "the conversations changed last are listed by one request, however many there are, with their number",
  async (cortex, client) => {
    const { conversations } = cortex;
    const ids = Array.from({ length: 12 }, (_, at) => `c-${at + 10}`);
    for (const conversationId of ids) {
      await conversations.create({
        conversationId,
        memorySpaceId: "s",
        type: "user-agent",
        participants: { userId: "ada", agentId: "bot" },
        metadata: { LARGE },
      });
    }
    const message = { role: "user", content: "Hello" } as const;
    await conversations.addMessage({ conversationId: "c-10", message });
    for (const filter of [{}, { memorySpaceId: "s" }]) {
      const before = client.stats().requests;
      const page = await conversations.list({
        ...filter,
        sortBy: "updatedAt",
        limit: 2,
        offset: 1,
      });
      assertEquals(client.stats().requests - before, 1);
      assertEquals(
        [page.conversations.map((one) => one.conversationId), page.total],
        [["c-21", "c-20"], 12],
      );
      assertEquals(page.hasMore, true);
    }
  },
);

inlineTest(
  "a search enriches each of more hits than one call does",
  async (cortex) => {
    await Promise.all(
      Array.from({ length: 205 }, (_, at) =>
        cortex.memory.remember({
          memorySpaceId: "space",
          conversationId: `conv-${at}`,
          userId: "ada",
          userName: "Ada",
          agentId: "helper",
          userMessage: `Apples are on shelf ${at}.`,
          agentResponse: "Noted!",
        })),
    );
    const options = { enrichConversation: true, limit: 300 } as const;
    const hits = await cortex.memory.search("space", "apples", options);
    assertEquals(hits.length, 205);
    const bare = hits.filter(({ memory, conversation, sourceMessages }) =>
      conversation?.conversationId !== memory.conversationRef?.conversationId ||
      sourceMessages?.[0]?.content !== memory.content
    );
    assertEquals(bare, []);
  },
);

inlineTest(
  "recall() and search() answer however large what they find, and its surroundings, are",
  async (cortex) => {
    const memorySpaceId = "s";
    const text = "xyzzy ".repeat(45_000);
    for (let at = 0; at < 20; at++) {
      await cortex.memory.remember({
        memorySpaceId,
        conversationId: `conv-${at}`,
        userId: "ada",
        userName: "Ada",
        agentId: "helper",
        userMessage: `Apple ${at} ${text}`,
        agentResponse: `An apple ${text}`,
      });
      await cortex.facts.store({
        memorySpaceId,
        fact: `Apple ${at} is red`,
        factType: "custom",
        confidence: 90,
        sourceType: "manual",
        metadata: { text },
      });
    }
    const asked = { memorySpaceId, query: "apple" };
    for (
      const more of [
        {},
        { createdAfter: new Date(1) },
        { limit: 100 },
        { userId: "ada", minConfidence: 50, minImportance: 10 },
      ]
    ) {
      const { items } = await cortex.memory.recall({ ...asked, ...more });
      assertEquals(items.length >= 10, true);
    }
    const hits = await cortex.memory.search(memorySpaceId, "apple", {
      enrichConversation: true,
    });
    assertEquals(hits.length, 20);
    const [first] = hits;
    assertEquals(
      first?.conversation?.conversationId,
      first?.memory.conversationRef?.conversationId,
    );
    assertEquals(first?.sourceMessages?.length, 1);
  },
);

inlineTest(
  "mutable.list() by accessCount looks at all keys of a namespace",
  async (cortex) => {
    const { mutable } = cortex;
    for (let at = 0; at < 10; at++) {
      await mutable.set("n", `k-${at}`, LARGE);
    }
    await mutable.set("n", "z", 0);
    for (const key of ["z", "z", "k-3"]) await mutable.set("n", key, 1);
    const listed = async (more: object) =>
      (await mutable.list({ namespace: "n", sortBy: "accessCount", ...more }))
        .map(({ key }) => key);
    const most = { sortOrder: "desc", limit: 3 };
    assertEquals(await listed(most), ["z", "k-3", "k-9"]);
    assertEquals(await listed({ ...most, offset: 1, limit: 1 }), ["k-3"]);
    assertEquals(await listed({ offset: 8 }), ["k-9", "k-3", "z"]);
    assertEquals(await listed({ offset: 11 }), []);
  },
);

inlineTest(
  "the history of facts is counted and paged however large its events",
  async (cortex) => {
    const history = new FactHistoryService(cortex.getClient());
    for (let at = 0; at < 10; at++) {
      await history.log({
        memorySpaceId: "s",
        factId: `fact-${at % 9}`,
        action: at < 1 ? "CREATE" : "UPDATE",
        newValue: LARGE,
        userId: `user-${at % 2}`,
      });
    }
    const actionCounts = { CREATE: 1, UPDATE: 9, SUPERSEDE: 0, DELETE: 0 };
    assertEquals(await history.countByAction("s"), {
      ...actionCounts,
      total: 10,
    });
    const { timeRange: _, ...summary } = await cortex.facts
      .getActivitySummary("s");
    assertEquals(summary, {
      totalEvents: 10,
      actionCounts,
      uniqueFactsModified: 9,
      activeParticipants: 2,
    });
    const paging = { limit: 9_000, offset: 9 };
    const last = await cortex.facts.getChanges({
      memorySpaceId: "s",
      ...paging,
    });
    assertEquals(last.map(({ action }) => action), ["CREATE"]);
  },
);

inlineTest(
  "agents with large metadata are changed and unregistered together",
  async (cortex) => {
    const { agents } = cortex;
    for (let at = 0; at < 20; at++) {
      await agents.register({ id: `a-${at}`, name: "A", metadata: { LARGE } });
    }
    const { updated } = await agents.updateMany({ status: "active" }, {
      metadata: { LARGE },
      name: "B",
    });
    assertEquals(updated, 20);
    assertEquals((await agents.get("a-19"))?.name, "B");
    const { deleted } = await agents.unregisterMany({ status: "active" });
    assertEquals(deleted, 20);
    assertEquals(await agents.count(), 0);
  },
);

inlineTest(
  "what is in a space with large metadata is imported",
  async (cortex) => {
    const memorySpaceId = "s";
    await cortex.memorySpaces.register({
      memorySpaceId,
      type: "team",
      metadata: { LARGE },
    });
    for (let at = 0; at < 20; at++) {
      await cortex.facts.store({
        memorySpaceId,
        fact: `Apple ${at} is red`,
        factType: "custom",
        confidence: 90,
        sourceType: "manual",
      });
    }
    await using otherClient = inlineClient();
    await using other = new Cortex({ client: otherClient });
    const { imported } = await other.importAll(cortex.exportAll());
    assertEquals(imported, 41);
    assertEquals(await other.facts.count({ memorySpaceId }), 20);
  },
);
