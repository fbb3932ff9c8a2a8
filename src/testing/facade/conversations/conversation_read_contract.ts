/** `conversations`: count, getMessage, getMessagesByIds, findConversation, getHistory, search, export. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  ExportConversationsFilters,
  ListConversationsFilter,
  SearchConversationsInput,
} from "../../../cortex/types/conversations.ts";
import { assertCode, cortexCase, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Stores conversations of Ada in two spaces, one of Bob, and one of three spaces; the first has three messages. */
async function fill(cortex: Cortex): Promise<void> {
  const make = (conversationId: string, changes: object = {}) =>
    cortex.conversations.create({
      conversationId,
      memorySpaceId: "space",
      type: "user-agent",
      participants: { userId: "ada", agentId: "helper" },
      ...changes,
    });
  await make("a", { metadata: { topic: "Cats, large" } });
  await make("b", { memorySpaceId: "other" });
  await make("c", {
    participants: { userId: "bob", agentId: "helper" },
    participantId: "tool",
  });
  await make("d", {
    type: "agent-agent",
    participants: { memorySpaceIds: ["space", "other", "third"] },
  });
  const say = async (
    conversationId: string,
    id: string,
    content: string,
    role: "user" | "agent" | "system" = "user",
  ) => {
    await cortex.conversations.addMessage({
      conversationId,
      message: { id, role, content },
    });
  };
  await say("a", "a1", "The printer blinks red.");
  await say("a", "a2", "Open the PRINTER's drawer.", "agent");
  await say("a", "a3", "Thanks!");
  await say("b", "b1", "A blueprint of the house");
  await say("c", "c1", "My printer is fine, dear helper; it prints. (1+1)?");
  await say("d", "d1", "Agents speak, too.", "agent");
}

const idsOf = (rows: { conversationId: string }[]) =>
  rows.map(({ conversationId }) => conversationId).join();

/** Cases of the methods that read. */
export const conversationReadContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "count() counts by space, user and type, as list() does",
    async (cortex) => {
      assertEquals(await cortex.conversations.count(), 0);
      await fill(cortex);
      for (
        const [filter, expected] of [
          [{}, 4],
          [{ userId: "ada" }, 2],
          [{ memorySpaceId: "space" }, 3],
          [{ type: "agent-agent" }, 1],
          [{ type: "user-agent", userId: "ada", memorySpaceId: "other" }, 1],
          [{ type: "agent-agent", userId: "ada" }, 0],
          [{ userId: "nobody" }, 0],
          [{ tenantId: "elsewhere" }, 0],
        ] as const
      ) {
        assertEquals(await cortex.conversations.count(filter), expected);
        assertEquals((await cortex.conversations.list(filter)).total, expected);
      }
      const filters: ListConversationsFilter[] = [
        { participantId: "nobody" },
        { createdAfter: Date.now() + 1e9 },
        { metadata: { nothing: "of this" } },
        { messageCount: 99 },
        { limit: 1, offset: 1 },
      ];
      for (const filter of filters) {
        assertEquals(
          await cortex.conversations.count(filter),
          (await cortex.conversations.list(filter)).total,
        );
      }
      await cortex.conversations.delete("a");
      assertEquals(await cortex.conversations.count({ userId: "ada" }), 1);
    },
  ),
  cortexCase(
    "getMessage() and getMessagesByIds() find messages by their ids",
    async (cortex) => {
      await fill(cortex);
      const { conversations } = cortex;
      const message = await conversations.getMessage("a", "a2");
      assertEquals(
        [message?.role, message?.content],
        ["agent", "Open the PRINTER's drawer."],
      );
      assertEquals(await conversations.getMessage("a", "b1"), null);
      assertEquals(await conversations.getMessage("x", "a1"), null);
      const some = await conversations.getMessagesByIds("a", ["a3", "x", "a1"]);
      assertEquals(some.map(({ id }) => id), ["a1", "a3"]);
      assertEquals(await conversations.getMessagesByIds("x", ["a1"]), []);
    },
  ),
  cortexCase(
    "findConversation() finds the oldest of a user, and agents' by their spaces in any order",
    async (cortex) => {
      await fill(cortex);
      const find = async (changes: object) =>
        (await cortex.conversations.findConversation({
          memorySpaceId: "space",
          type: "user-agent",
          ...changes,
        }))?.conversationId;
      assertEquals(await find({ userId: "ada" }), "a");
      assertEquals(await find({ userId: "bob" }), "c");
      assertEquals(
        await find({ userId: "ada", memorySpaceId: "x" }),
        undefined,
      );
      const among = (memorySpaceIds: string[], memorySpaceId = "space") =>
        find({ type: "agent-agent", memorySpaceId, memorySpaceIds });
      assertEquals(await among(["third", "space", "other"]), "d");
      assertEquals(await among(["third", "space", "other"], "third"), "d");
      assertEquals(await among(["third", "space", "other"], "x"), undefined);
      assertEquals(await among(["third", "space"]), undefined);
      const found = await cortex.conversations.findConversation({
        memorySpaceId: "space",
        type: "user-agent",
        userId: "ada",
      });
      assertEquals(found?.messages.length, 3);
    },
  ),
  cortexCase(
    "getHistory() pages through ten messages both ways",
    async (cortex) => {
      const { conversationId } = await cortex.conversations.create({
        memorySpaceId: "space",
        type: "user-agent",
        participants: { userId: "ada", agentId: "helper" },
      });
      const start = 1_000_000;
      for (let at = 0; at < 10; at++) {
        await cortex.conversations.addMessage({
          conversationId,
          message: {
            id: `m${at}`,
            role: at % 2 === 0 ? "user" : "agent",
            content: `message ${at}`,
            timestamp: start + at,
          },
        });
      }
      const page = async (options?: object) => {
        const history = await cortex.conversations.getHistory(
          conversationId,
          options,
        );
        assertEquals(history.conversationId, conversationId);
        return [
          history.messages.map(({ id }) => id).join(""),
          history.total,
          history.hasMore,
        ];
      };
      assertEquals(await page(), ["m0m1m2m3m4m5m6m7m8m9", 10, false]);
      assertEquals(await page({ limit: 3 }), ["m0m1m2", 10, true]);
      assertEquals(await page({ limit: 3, offset: 9 }), ["m9", 10, false]);
      assertEquals(await page({ offset: 50 }), ["", 10, false]);
      assertEquals(await page({ limit: 3, sortOrder: "desc", offset: 1 }), [
        "m8m7m6",
        10,
        true,
      ]);
      assertEquals(await page({ since: start + 8 }), ["m8m9", 2, false]);
      assertEquals(await page({ until: start }), ["m0", 1, false]);
      assertEquals(
        await page({ since: start + 1, until: start + 4, roles: ["agent"] }),
        ["m1m3", 2, false],
      );
      assertEquals(await page({ roles: [], limit: 1 }), ["m0", 10, true]);
      await assertCode(
        () => cortex.conversations.getHistory("unknown"),
        "CONVERSATION_NOT_FOUND",
      );
    },
  ),
  cortexCase(
    "search() finds parts of words whatever their case, and scores",
    async (cortex) => {
      await fill(cortex);
      const hits = await cortex.conversations.search({ query: "Printer" });
      assertEquals(idsOf(hits.map(({ conversation }) => conversation)), "c,a");
      assertEquals(hits.map(({ score }) => score), [1, 2 / 3]);
      assertEquals(
        hits.map(({ matchedMessages }) => matchedMessages.map(({ id }) => id)),
        [["c1"], ["a1", "a2"]],
      );
      for (const { highlights } of hits) {
        assert(highlights.length > 0);
        for (const text of highlights) {
          assertStringIncludes(text.toLowerCase(), "printer");
        }
      }
      assertEquals(hits[0]?.highlights, [
        "My printer is fine, dear helper; it prin",
      ]);
      await cortex.conversations.addMessage({
        conversationId: "d",
        message: { role: "agent", content: "zebra" },
      });
      const [fresh] = await cortex.conversations.search({ query: "ZEBRA" });
      assertEquals(fresh?.conversation.conversationId, "d");
      assertEquals(fresh?.conversation.messages.length, 2);
    },
  ),
  cortexCase(
    "search() compares as a part, as a whole or word by word, with filters",
    async (cortex) => {
      await fill(cortex);
      const find = async (
        query: string,
        rest: Omit<SearchConversationsInput, "query"> = {},
      ) =>
        (await cortex.conversations.search({ query, ...rest }))
          .map(({ conversation }) => conversation.conversationId).sort().join();
      assertEquals(await find("print"), "a,b,c");
      assertEquals(await find("(1+1)?"), "c");
      assertEquals(await find("nothing"), "");
      assertEquals(await find("print", { filters: { userId: "bob" } }), "c");
      assertEquals(
        await find("print", { filters: { type: "agent-agent" } }),
        "",
      );
      assertEquals(
        await find("print", { filters: { memorySpaceId: "other" } }),
        "b",
      );
      assertEquals(
        (await find("print", { filters: { limit: 1 } })).length,
        1,
      );
      assertEquals(
        await find("print", { filters: { dateRange: { start: 0, end: 5 } } }),
        "",
      );
      assertEquals(
        await find("print", { filters: { dateRange: { start: 0 } } }),
        "a,b,c",
      );
      const mode = (matchMode: "exact" | "fuzzy") => ({
        options: { matchMode },
      });
      assertEquals(await find("thanks!", mode("exact")), "a");
      assertEquals(await find("thanks", mode("exact")), "");
      assertEquals(await find("red  PRINTER", mode("fuzzy")), "a");
      const [fuzzy] = await cortex.conversations.search({
        query: "fine printer",
        ...mode("fuzzy"),
      });
      assertEquals(fuzzy?.highlights, [
        "My printer is fine, dear helper; it prints. (1+1)?",
      ]);
      const long = "Wood ".repeat(20_000);
      await cortex.conversations.addMessage({
        conversationId: "b",
        message: { role: "user", content: `${long}end` },
      });
      assertEquals(await find(long.toUpperCase()), "b");
      assertEquals(await find(long, mode("exact")), "");
      assertEquals(await find(`${long}END`, mode("exact")), "b");
    },
  ),
  cortexCase("search() looks into metadata when asked", async (cortex) => {
    await fill(cortex);
    const find = async (query: string, searchIn: "metadata" | "both") =>
      (await cortex.conversations.search({ query, options: { searchIn } }))
        .map(({ conversation, score, matchedMessages, highlights }) => [
          conversation.conversationId,
          score,
          matchedMessages.length,
          highlights.length,
        ]);
    assertEquals(await find("cats", "metadata"), [["a", 0.5, 0, 0]]);
    assertEquals(await find("printer", "metadata"), []);
    assertEquals(await find("cats", "both"), [["a", 0.5, 0, 0]]);
    const capped = await find("a", "both");
    assertEquals(capped.find(([id]) => id === "a"), ["a", 1, 2, 2]);
  }),
  cortexCase(
    "export() writes JSON with messages, of what the filters select",
    async (cortex) => {
      await fill(cortex);
      const read = async (
        filters?: ExportConversationsFilters,
        includeMetadata?: boolean,
      ) => {
        const { format, data, count, exportedAt } = await cortex.conversations
          .export({ format: "json", filters, includeMetadata });
        assertEquals(format, "json");
        assert(exportedAt > 0);
        const records = JSON.parse(data);
        assertEquals(records.length, count);
        assertEquals(data, JSON.stringify(records, null, 2));
        return records;
      };
      const all = await read();
      assertEquals(idsOf(all), "a,b,c,d");
      assertEquals(Object.keys(all[0]), [
        "conversationId",
        "type",
        "participants",
        "messages",
        "messageCount",
        "createdAt",
        "updatedAt",
      ]);
      const stored = await cortex.conversations.get("a");
      assertEquals(all[0].messages, stored?.messages);
      assertEquals(all[0].messageCount, 3);
      assertEquals((await read({}, true))[0].metadata, {
        topic: "Cats, large",
      });
      assertEquals(idsOf(await read({ userId: "ada" })), "a,b");
      assertEquals(idsOf(await read({ participantId: "tool" })), "c");
      assertEquals(idsOf(await read({ memorySpaceId: "space" })), "a,c,d");
      assertEquals(idsOf(await read({ type: "agent-agent" })), "d");
      assertEquals(
        idsOf(await read({ conversationIds: ["d", "x", "a"] })),
        "d,a",
      );
      assertEquals(
        await read({ dateRange: { start: 0, end: stored!.createdAt - 1 } }),
        [],
      );
      assertEquals(
        idsOf(await read({ dateRange: { end: stored!.createdAt } }))[0],
        "a",
      );
    },
  ),
  cortexCase(
    "export() writes CSV with a line for each conversation",
    async (cortex) => {
      const empty = await cortex.conversations.export({ format: "csv" });
      const header =
        "conversationId,type,participants,messageCount,createdAt,updatedAt";
      assertEquals([empty.data, empty.count], [header, 0]);
      await fill(cortex);
      const plain = await cortex.conversations.export({ format: "csv" });
      assertEquals(plain.data.split("\n").length, plain.count + 1);
      const { data } = await cortex.conversations.export({
        format: "csv",
        includeMetadata: true,
        filters: { conversationIds: ["a"] },
      });
      const { createdAt, updatedAt } = (await cortex.conversations.get("a"))!;
      assertEquals(
        data,
        `${header},metadata\na,user-agent,"{""agentId"":""helper"",""userId"":""ada""}",3,${
          new Date(createdAt).toISOString()
        },${new Date(updatedAt).toISOString()},"{""topic"":""Cats, large""}"`,
      );
    },
  ),
  cortexCase(
    "export() of 105 conversations is complete in both formats",
    async (cortex) => {
      await Promise.all(
        Array.from({ length: 105 }, (_, i) =>
          cortex.conversations.create({
            conversationId: `conv-${i}`,
            memorySpaceId: "space",
            type: "user-agent",
            participants: { userId: "ada", agentId: "helper" },
          })),
      );
      const json = await cortex.conversations.export({ format: "json" });
      assertEquals(
        new Set(
          JSON.parse(json.data).map((row: { conversationId: string }) =>
            row.conversationId
          ),
        ).size,
        105,
      );
      const csv = await cortex.conversations.export({ format: "csv" });
      assertEquals([json.count, csv.count], [105, 105]);
      assertEquals(csv.data.split("\n").length, 106);
    },
  ),
];
