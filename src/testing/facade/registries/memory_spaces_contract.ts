/** `memorySpaces`: registry, participants, archive, statistics, deletion. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  ListMemorySpacesFilter,
  MemorySpace,
  MemorySpaceType,
} from "../../../cortex/types/memory_spaces.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  rejectionOf,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const ids = (spaces: readonly MemorySpace[]) =>
  spaces.map(({ memorySpaceId }) => memorySpaceId);

const register = (
  cortex: Cortex,
  memorySpaceId: string,
  type: MemorySpaceType,
  more: object = {},
) => cortex.memorySpaces.register({ memorySpaceId, type, ...more });

const NOT_FOUND = "MEMORYSPACE_NOT_FOUND";
const why = { cascade: true, reason: "test" };

/** Cases of `memorySpaces`. */
export const memorySpacesContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "memorySpaces.register() stores every field once",
    async (cortex) => {
      for (const type of ["personal", "team", "project", "custom"] as const) {
        assertEquals((await register(cortex, type, type)).type, type);
      }
      const metadata = { region: "EU", $odd: { größe: [1] } };
      const space = await register(cortex, " s-1 ", "team", {
        name: "Support",
        metadata,
        participants: [
          { id: "ada", type: "user", role: "a member that is not known" },
          { id: "helper", type: "agent", joinedAt: 5 },
        ],
      });
      assertEquals(
        [space.memorySpaceId, space.name, space.status, space.metadata],
        ["s-1", "Support", "active", metadata],
      );
      const joinedAt = space.createdAt;
      assertEquals(space.participants, [
        { id: "ada", type: "user", joinedAt },
        { id: "helper", type: "agent", joinedAt: 5 },
      ]);
      assertEquals(space.createdAt, space.updatedAt);
      assertEquals(await cortex.memorySpaces.get("s-1"), space);
      assertEquals(await cortex.memorySpaces.get("s-2"), null);
      await assertCode(
        () => register(cortex, "s-1", "team"),
        "MEMORYSPACE_ALREADY_EXISTS",
      );
    },
  ),
  cortexCase(
    "memorySpaces.list() filters, sorts both ways and pages; count() follows",
    async (cortex) => {
      const ada = { participants: [{ id: "ada", type: "user" }] };
      await register(cortex, "a", "team", { name: "😀 Zeta", ...ada });
      await register(cortex, "b", "personal", ada);
      await register(cortex, "c", "team", { name: "～ Alpha", ...ada });
      await register(cortex, "d", "team", { name: "😁 beta" });
      await cortex.memorySpaces.archive("d");
      await cortex.memorySpaces.update("a", { metadata: { x: 1 } });
      const listed = async (filter: ListMemorySpacesFilter) =>
        ids((await cortex.memorySpaces.list(filter)).spaces);
      assertEquals(await listed({}), ["d", "c", "b", "a"]);
      assertEquals(await listed({ sortOrder: "asc" }), ["a", "b", "c", "d"]);
      assertEquals(await listed({ sortBy: "name", sortOrder: "asc" }), [
        "c",
        "a",
        "d",
        "b",
      ]);
      assertEquals(await listed({ sortBy: "name" }), ["d", "a", "c", "b"]);
      assertEquals(
        (await listed({ sortBy: "updatedAt", sortOrder: "asc" }))[0],
        "b",
      );
      assertEquals(await listed({ type: "team", status: "active" }), [
        "c",
        "a",
      ]);
      assertEquals(await listed({ status: "archived" }), ["d"]);
      assertEquals(await listed({ participant: "ada", type: "team" }), [
        "c",
        "a",
      ]);
      assertEquals(
        await listed({ participant: "ada", sortBy: "name", sortOrder: "asc" }),
        ["c", "a", "b"],
      );
      const pages = [];
      for (const offset of [0, 1, 2]) {
        const page = { participant: "ada", limit: 1, offset };
        const { spaces, total, hasMore } = await cortex.memorySpaces.list(page);
        pages.push([...ids(spaces), total, hasMore]);
      }
      assertEquals(pages, [["c", 3, true], ["b", 3, true], ["a", 3, false]]);
      const far = await cortex.memorySpaces.list({ offset: 999_999 });
      assertEquals(far, {
        spaces: [],
        total: 4,
        hasMore: false,
        offset: 999_999,
      });
      const count = (filter?: object) => cortex.memorySpaces.count(filter);
      assertEquals(
        [
          await count(),
          await count({ type: "team" }),
          await count({ status: "archived" }),
          await count({ type: "team", status: "active" }),
          await count({ participant: "ada", type: "team", limit: 1 }),
        ],
        [4, 3, 1, 2, 2],
      );
      await register(cortex, "e", "team", { tenantId: "b" });
      assertEquals([await count({ tenantId: "b" }), await count()], [1, 4]);
      await cortex.memorySpaces.delete("c", why);
      assertEquals(await count({ type: "team", status: "active" }), 1);
    },
  ),
  cortexCase(
    "memorySpaces.update() replaces name, metadata and status",
    async (cortex) => {
      await register(cortex, "s", "team", { metadata: { a: 1, b: 2 } });
      const { name, metadata } = await cortex.memorySpaces.update("s", {
        name: "New",
        metadata: { c: 3 },
      });
      assertEquals([name, metadata], ["New", { c: 3 }]);
      const archived = await cortex.memorySpaces.update("s", {
        status: "archived",
      });
      assertEquals([archived.status, archived.name], ["archived", "New"]);
      await cortex.memorySpaces.update("s", { metadata: {} });
      await assertCode(
        () => cortex.memorySpaces.update("x", { name: "x" }),
        NOT_FOUND,
      );
    },
  ),
  cortexCase(
    "memorySpaces.addParticipant(), removeParticipant() and updateParticipants() keep the others",
    async (cortex) => {
      const { memorySpaces } = cortex;
      await register(cortex, "s", "team", {
        participants: [{ id: "a", type: "user", joinedAt: 1 }],
      });
      const who = (id: string, joinedAt = 2) => ({
        id,
        type: "user",
        joinedAt,
      });
      const names = ({ participants }: MemorySpace) =>
        participants.map(({ id, joinedAt }) => `${id}${joinedAt}`);
      assertEquals(names(await memorySpaces.addParticipant("s", who("b"))), [
        "a1",
        "b2",
      ]);
      await assertCode(
        () => memorySpaces.addParticipant("s", who("b")),
        "PARTICIPANT_ALREADY_EXISTS",
      );
      assertEquals(
        names(
          await memorySpaces.updateParticipants("s", {
            remove: ["a", "z"],
            add: [who("b", 9), who("c", 3)],
          }),
        ),
        ["b2", "c3"],
      );
      assertEquals(names(await memorySpaces.removeParticipant("s", "z")), [
        "b2",
        "c3",
      ]);
      assertEquals(names(await memorySpaces.removeParticipant("s", "b")), [
        "c3",
      ]);
      await register(cortex, "t", "team", { participants: [who("c")] });
      assertEquals(ids(await memorySpaces.findByParticipant("c")), ["t", "s"]);
      assertEquals(await memorySpaces.findByParticipant("b"), []);
      for (
        const call of [
          () => memorySpaces.addParticipant("x", who("a")),
          () => memorySpaces.removeParticipant("x", "a"),
          () => memorySpaces.updateParticipants("x", { remove: ["a"] }),
        ]
      ) await assertCode(call, NOT_FOUND);
    },
  ),
  cortexCase(
    "memorySpaces.archive() refuses new data and reactivate() takes it again",
    async (cortex) => {
      const { memorySpaces } = cortex;
      await register(cortex, "space", "team", { metadata: { keep: 1 } });
      await cortex.memory.remember(exchange());
      const archived = await memorySpaces.archive("space", {
        reason: "done",
        metadata: { by: "ada" },
      });
      assertEquals(archived.status, "archived");
      const { archivedAt, ...metadata } = archived.metadata;
      assert(typeof archivedAt === "number");
      assertEquals(metadata, { keep: 1, by: "ada", archiveReason: "done" });
      await memorySpaces.archive("space");
      await assertCode(
        () => cortex.vector.store("space", note()),
        "MEMORYSPACE_ARCHIVED",
      );
      assert(await cortex.conversations.get("conv-1") !== null);
      const active = await memorySpaces.reactivate("space");
      assertEquals([active.status, active.metadata.keep], ["active", 1]);
      await memorySpaces.reactivate("space");
      await cortex.vector.store("space", note());
      await assertCode(() => memorySpaces.archive("x"), NOT_FOUND);
      await assertCode(() => memorySpaces.reactivate("x"), NOT_FOUND);
    },
  ),
  cortexCase(
    "memorySpaces.getStats() counts exactly, at once, and who is active",
    async (cortex) => {
      const { memorySpaces } = cortex;
      await register(cortex, "space", "team");
      const zero = await memorySpaces.getStats("space");
      assertEquals(
        [zero.totalMemories, zero.storage.totalBytes, zero.topTags],
        [0, 0, []],
      );
      await cortex.memory.remember(
        exchange({ importance: 95, tags: ["chat"], participantId: "tool" }),
      );
      const { memoryId } = await cortex.vector.store(
        "space",
        note({
          metadata: { importance: 5, tags: ["chat", "chat", "attic"] },
        }),
      );
      const stats = await memorySpaces.getStats("space", {
        timeWindow: "24h",
        includeParticipants: true,
      });
      assertEquals(
        [
          stats.totalMemories,
          stats.totalConversations,
          stats.totalMessages,
          stats.memoriesThisWindow,
          stats.conversationsThisWindow,
        ],
        [3, 1, 2, 3, 1],
      );
      assertEquals(stats.topTags, ["chat", "attic"]);
      assertEquals(stats.importanceBreakdown, {
        critical: 2,
        high: 0,
        medium: 0,
        low: 0,
        trivial: 1,
      });
      const { conversationsBytes, memoriesBytes, factsBytes, totalBytes } =
        stats.storage;
      assert(conversationsBytes > 0 && memoriesBytes > 0);
      assertEquals(totalBytes, conversationsBytes + memoriesBytes + factsBytes);
      const [tool, unknown] = stats.participants!;
      assertEquals(
        [
          tool?.participantId,
          tool?.memoriesStored,
          tool?.conversationsStored,
          tool?.avgImportance,
          tool?.topTags,
        ],
        ["tool", 2, 1, 95, ["chat"]],
      );
      assertEquals(
        [unknown?.participantId, unknown?.topTags],
        ["unknown", ["attic", "chat"]],
      );
      await cortex.memory.forget("space", memoryId);
      const after = await memorySpaces.getStats("space", { timeWindow: "all" });
      assertEquals(after.totalMemories, 2);
      assertEquals(after.memoriesThisWindow, undefined);
      for (const timeWindow of ["7d", "30d", "90d"] as const) {
        const { memoriesThisWindow } = await memorySpaces.getStats("space", {
          timeWindow,
        });
        assertEquals(memoriesThisWindow, 2);
      }
      await assertCode(() => memorySpaces.getStats("x"), NOT_FOUND);
    },
  ),
  cortexCase(
    "memorySpaces.search() finds parts of name, id and metadata, in that order",
    async (cortex) => {
      const { memorySpaces } = cortex;
      await register(cortex, "one", "team", {
        metadata: { motto: "Printers!" },
      });
      await register(cortex, "printer-room", "team");
      await register(cortex, "two", "project", { name: "The PRINTER people" });
      const found = async (query: string, options?: object) =>
        ids(await memorySpaces.search(query, options));
      assertEquals(await found("rinter"), ["two", "printer-room", "one"]);
      assertEquals(await found("printer", { type: "team" }), [
        "printer-room",
        "one",
      ]);
      assertEquals(await found("printer", { limit: 1 }), ["two"]);
      await memorySpaces.archive("two");
      assertEquals(await found("people", { status: "active" }), []);
      assertEquals(await found("scanner"), []);
    },
  ),
  cortexCase(
    "memorySpaces.delete() takes everything of the space and nothing of another",
    async (cortex) => {
      const { memorySpaces } = cortex;
      await register(cortex, "empty", "team");
      const empty = await memorySpaces.delete("empty", {
        ...why,
        confirmId: "empty",
      });
      assertEquals([empty.deleted, empty.reason], [true, "test"]);
      assertEquals(await memorySpaces.get("empty"), null);
      await cortex.memory.remember(exchange());
      await cortex.memory.remember(exchange({
        memorySpaceId: "other",
        conversationId: "conv-2",
      }));
      await cortex.facts.store({
        memorySpaceId: "space",
        fact: "The printer is on the second floor",
        factType: "knowledge",
        confidence: 90,
        sourceType: "manual",
      });
      const { storage } = await memorySpaces.getStats("space");
      const { cascade } = await memorySpaces.delete("space", why);
      const { totalBytes, ...counts } = cascade;
      assertEquals(counts, {
        conversationsDeleted: 1,
        memoriesDeleted: 2,
        factsDeleted: 1,
      });
      assertEquals(totalBytes, storage.totalBytes);
      assert(storage.factsBytes > 0);
      assertEquals(await cortex.conversations.get("conv-1"), null);
      assertEquals(await cortex.vector.search("space", "printer"), []);
      assert(await cortex.conversations.get("conv-2") !== null);
      assertEquals((await memorySpaces.getStats("other")).totalMemories, 2);
      const error = await rejectionOf(() => memorySpaces.delete("space", why));
      assertStringIncludes(error.message, "Memory space not found: space");
      assertEquals(error.code, NOT_FOUND);
      await cortex.memory.remember(exchange());
      assertEquals((await memorySpaces.getStats("space")).totalMemories, 2);
    },
  ),
  tenantsCase(
    "memorySpaces.* of one tenant know nothing of another's",
    async (one, two) => {
      const participants = [{ id: "ada", type: "user" }];
      await register(one, "s", "team", { name: "One", participants });
      assertEquals(await two.memorySpaces.get("s"), null);
      assertEquals((await two.memorySpaces.list()).total, 0);
      assertEquals(await two.memorySpaces.count(), 0);
      assertEquals(await two.memorySpaces.search("one"), []);
      assertEquals(await two.memorySpaces.findByParticipant("ada"), []);
      for (
        const call of [
          () => two.memorySpaces.getStats("s"),
          () => two.memorySpaces.update("s", { name: "x" }),
          () => two.memorySpaces.archive("s"),
          () => two.memorySpaces.delete("s", why),
        ]
      ) await assertCode(call, NOT_FOUND);
      await register(two, "s", "project");
      await two.vector.store("s", note());
      assertEquals((await one.memorySpaces.getStats("s")).totalMemories, 0);
      await one.memorySpaces.delete("s", why);
      assertEquals((await two.memorySpaces.get("s"))?.type, "project");
      assertEquals((await two.memorySpaces.getStats("s")).totalMemories, 1);
    },
  ),
];
