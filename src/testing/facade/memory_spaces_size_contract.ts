/** `memorySpaces` where one call does not see everything: lists and statistics go on step by step. */
import { assertEquals } from "@std/assert";
import { type FacadeSubject, note } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Of which ten take more than the 8 MiB that one call looks at. */
const LARGE = "x".repeat(900_000);

/** Cases of `memorySpaces` with much in it. */
export const memorySpacesSizeContract: ContractCase<FacadeSubject>[] = [
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
];
