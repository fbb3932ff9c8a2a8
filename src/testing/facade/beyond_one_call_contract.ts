/** Lists and statistics of more rows than one call reads: they continue step by step. */
import { assert, assertEquals } from "@std/assert";
import { cortexCase, type FacadeSubject, note } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Ten of these take more than the 8 MiB that one call reads. */
const LARGE = "x".repeat(900_000);

/** Cases with many rows. */
export const beyondOneCallContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "memorySpaces.list() pages however large the spaces are",
    async (cortex) => {
      const { memorySpaces } = cortex;
      const ids = Array.from({ length: 10 }, (_, at) => `s-${at}`);
      for (const memorySpaceId of ids) {
        await memorySpaces.register({
          memorySpaceId,
          type: "team",
          participants: [{ id: "ada", type: "user" }],
          metadata: { large: LARGE },
        });
      }
      const last = await memorySpaces.list({ offset: 9, sortOrder: "asc" });
      assertEquals(
        [last.spaces[0]?.memorySpaceId, last.total, last.hasMore],
        ["s-9", 10, false],
      );
      const hers = await memorySpaces.list({ participant: "ada", offset: 8 });
      assertEquals(
        [...hers.spaces.map((one) => one.memorySpaceId), hers.total],
        ["s-1", "s-0", 10],
      );
      const found = await memorySpaces.findByParticipant("ada");
      assertEquals(found.map((space) => space.memorySpaceId), ids.reverse());
    },
  ),
  cortexCase(
    "memorySpaces.getStats() and agents.* count rows however large they are",
    async (cortex) => {
      const { agents, facts, memorySpaces, vector } = cortex;
      await memorySpaces.register({ memorySpaceId: "s", type: "team" });
      for (let at = 0; at < 10; at++) {
        await vector.store(
          "s",
          note({
            content: LARGE,
            agentId: "bot",
            ...at < 7 && { participantId: "bot" },
            metadata: { importance: at, tags: ["zoo"] },
          }),
        );
      }
      await facts.store({
        memorySpaceId: "s-2",
        participantId: "bot",
        fact: "The bot stores much",
        factType: "custom",
        confidence: 90,
        sourceType: "manual",
      });
      const space = await memorySpaces.getStats("s", {
        timeWindow: "24h",
        includeParticipants: true,
      });
      assertEquals([space.totalMemories, space.memoriesThisWindow], [10, 10]);
      const { firstActive: _, lastActive: __, ...bot } = space
        .participants![0]!;
      assertEquals(bot, {
        participantId: "bot",
        memoriesStored: 10,
        conversationsStored: 0,
        factsExtracted: 0,
        avgImportance: 5,
        topTags: ["zoo"],
      });
      assertEquals("cursor" in space || "done" in space, false);
      const { stats } = await agents.register({ id: "bot", name: "Bot" });
      assertEquals({ ...stats, lastActive: 0 }, {
        totalMemories: 10,
        totalConversations: 0,
        totalFacts: 1,
        memorySpacesActive: 2,
        lastActive: 0,
      });
      assertEquals((await agents.get("bot"))?.stats, stats);
      await agents.register({ id: "other", name: "Other" });
      const { data, count } = await agents.export({
        format: "json",
        includeStats: true,
      });
      const told = JSON.parse(data) as { id: string; stats: object }[];
      assertEquals([count, told[1]?.id, told[1]?.stats], [2, "bot", stats]);
    },
  ),
  cortexCase(
    "memorySpaces.delete() does not read the space for each of its participants",
    async ({ memorySpaces }) => {
      const participants = Array.from({ length: 1000 }, (_, at) => ({
        id: `participant-${at}`,
        type: "user",
      }));
      await memorySpaces.register({
        memorySpaceId: "s",
        type: "team",
        participants,
      });
      let steps = 0;
      await memorySpaces.delete("s", {
        cascade: true,
        reason: "closed",
        onProgress: () => steps++,
      });
      // 200 rows per step.
      assert(steps <= 6, `took ${steps} steps`);
      assertEquals(await memorySpaces.findByParticipant("participant-7"), []);
    },
  ),
  cortexCase(
    "users.exportAll() continues within what was made from one conversation or memory",
    async ({ conversations, facts, users, vector }) => {
      const count = 160;
      const each = (store: (at: number) => Promise<unknown>) =>
        Promise.all(Array.from({ length: count }, (_, at) => store(at)));
      await conversations.create({
        conversationId: "talk",
        memorySpaceId: "s",
        type: "user-agent",
        participants: { userId: "ada", agentId: "bot" },
      });
      const conversationRef = { conversationId: "talk", messageIds: [] };
      await each((at) =>
        vector.store("s", note({ content: `Said ${at}`, conversationRef }))
      );
      const { memoryId } = await vector.store("s", note({ userId: "ada" }));
      await each((at) =>
        facts.store({
          memorySpaceId: "s",
          fact: `Fact ${at}`,
          factType: "custom",
          confidence: 50,
          sourceType: "manual",
          sourceRef: { memoryId },
        })
      );
      const tables: Record<string, number> = {};
      for await (const line of users.exportAll("ada")) {
        const { table } = JSON.parse(line) as { table?: string };
        if (table !== undefined) tables[table] = (tables[table] ?? 0) + 1;
      }
      assertEquals([tables.memories, tables.facts], [count + 1, count]);
    },
  ),
  cortexCase(
    "users.updateMany() reads each profile once, so that 5 MB of them fit",
    async ({ users }) => {
      const ids = Array.from({ length: 11 }, (_, at) => `user-${at}`);
      const text = "x".repeat(480_000);
      await Promise.all(ids.map((id) => users.update(id, { text })));
      const done = await users.updateMany(ids, { data: { seen: true } });
      assertEquals(done.updated, 11);
    },
  ),
  cortexCase(
    "memory.update(), archive(), restoreFromArchive() and delete() take all facts of a memory with it, and end when called at once",
    async ({ facts, memory }) => {
      const memorySpaceId = "s";
      const count = 250;
      const stored = await memory.store(memorySpaceId, {
        content: "much",
        contentType: "raw",
        source: { type: "system" },
        metadata: { importance: 50, tags: [] },
      });
      const { memoryId } = stored.memory;
      const storeMany = () =>
        Promise.all(Array.from({ length: count }, (_, at) =>
          facts.store({
            memorySpaceId,
            fact: `Fact ${at}`,
            factType: "custom",
            confidence: 50,
            sourceType: "manual",
            sourceRef: { memoryId },
          })));
      const standing = () => facts.count({ memorySpaceId });
      await storeMany();
      const { factsReextracted, ...updated } = await memory.update(
        memorySpaceId,
        memoryId,
        { content: "little" },
        {
          reextractFacts: true,
          extractFacts: () =>
            Promise.resolve([
              { fact: "One", factType: "custom", confidence: 50 },
            ]),
        },
      );
      assertEquals(Object.keys(updated), ["memory"]);
      assertEquals([factsReextracted?.length, await standing()], [1, 1]);
      await storeMany();
      const marked = await memory.updateMany({ memorySpaceId }, {
        importance: 60,
      });
      assertEquals(marked.factsAffected, count + 1);
      const exported = await memory.export({
        memorySpaceId,
        format: "json",
        includeFacts: true,
      });
      assertEquals(JSON.parse(exported.data)[0].facts.length, count + 1);
      await Promise.allSettled([
        memory.archive(memorySpaceId, memoryId),
        memory.restoreFromArchive(memorySpaceId, memoryId),
      ]);
      await memory.archive(memorySpaceId, memoryId);
      assertEquals(await standing(), 0);
      await Promise.allSettled([
        memory.restoreFromArchive(memorySpaceId, memoryId),
        memory.restoreFromArchive(memorySpaceId, memoryId),
      ]);
      assertEquals(await standing(), count + 1);
      await Promise.allSettled([
        memory.delete(memorySpaceId, memoryId),
        memory.delete(memorySpaceId, memoryId),
      ]);
      assertEquals(await standing(), 0);
      assertEquals(await memory.get(memorySpaceId, memoryId), null);
    },
  ),
];
