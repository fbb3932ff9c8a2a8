/** Lists and statistics of more than one call looks at: they go on step by step. */
import { assertEquals } from "@std/assert";
import { type FacadeSubject, note } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Of which ten take more than the 8 MiB that one call looks at. */
const LARGE = "x".repeat(900_000);

/** Cases in which there is much. */
export const beyondOneCallContract: ContractCase<FacadeSubject>[] = [
  {
    name: "memorySpaces.list() pages however large the spaces are",
    async run(subject) {
      await using cortex = subject.open();
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
      for (const participant of [undefined, "ada"]) {
        const filter = {
          sortOrder: "asc",
          ...participant !== undefined && { participant },
        } as const;
        const { spaces, total, hasMore } = await memorySpaces.list(filter);
        assertEquals(spaces.map((space) => space.memorySpaceId), ids);
        assertEquals([total, hasMore], [10, false]);
        const last = await memorySpaces.list({ ...filter, offset: 9 });
        assertEquals(
          [last.spaces[0]?.memorySpaceId, last.total, last.hasMore],
          ["s-9", 10, false],
        );
      }
      const found = await memorySpaces.findByParticipant("ada");
      assertEquals(found.map((space) => space.memorySpaceId), ids.reverse());
    },
  },
  {
    name: "memorySpaces.getStats() counts rows and tags however many there are",
    async run(subject) {
      await using cortex = subject.open();
      const { memorySpaces } = cortex;
      await memorySpaces.register({ memorySpaceId: "s", type: "team" });
      const metadata = (at: number) => ({
        importance: at,
        tags: [
          ...Array.from({ length: 450 }, (_, tag) => `a-${at}-${tag}`),
          "zoo",
        ],
      });
      await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          cortex.vector.store(
            "s",
            note({
              content: LARGE,
              participantId: at < 7 ? "ada" : "bob",
              metadata: metadata(at),
            }),
          )),
      );
      const stats = await memorySpaces.getStats("s", {
        timeWindow: "24h",
        includeParticipants: true,
      });
      assertEquals(
        [stats.topTags[0], stats.topTags[1], stats.topTags.length],
        ["zoo", "a-0-0", 10],
      );
      assertEquals(
        [stats.totalMemories, stats.memoriesThisWindow],
        [10, 10],
      );
      assertEquals(
        stats.participants?.map((one) => [
          one.participantId,
          one.memoriesStored,
          one.avgImportance,
          one.topTags[0],
        ]),
        [["ada", 7, 3, "zoo"], ["bob", 3, 8, "zoo"]],
      );
      assertEquals("cursor" in stats || "done" in stats, false);
    },
  },
  {
    name: "agents.* count what an agent did however large it is",
    async run(subject) {
      await using cortex = subject.open();
      const { agents, facts, vector } = cortex;
      for (let at = 0; at < 10; at++) {
        const whose = at % 2 === 0
          ? { agentId: "bot" }
          : { agentId: "bot", participantId: "bot" };
        await vector.store(`s-${at % 3}`, note({ content: LARGE, ...whose }));
      }
      await facts.store({
        memorySpaceId: "s-4",
        participantId: "bot",
        fact: "The bot stores much",
        factType: "custom",
        confidence: 90,
        sourceType: "manual",
      });
      const { stats } = await agents.register({ id: "bot", name: "Bot" });
      assertEquals({ ...stats, lastActive: 0 }, {
        totalMemories: 10,
        totalConversations: 0,
        totalFacts: 1,
        memorySpacesActive: 4,
        lastActive: 0,
      });
      assertEquals((await agents.get("bot"))?.stats, stats);
      await agents.register({ id: "other", name: "Other" });
      const { data, count } = await agents.export({
        format: "json",
        includeStats: true,
      });
      const told = JSON.parse(data) as { id: string; stats: object }[];
      assertEquals(count, 2);
      assertEquals(told.map(({ id }) => id), ["other", "bot"]);
      assertEquals(told[1]?.stats, stats);
    },
  },
];
