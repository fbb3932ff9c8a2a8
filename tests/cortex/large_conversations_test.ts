/** Conversations whose metadata, or that of their messages, is together more than one call of the backend may read. */
import { assertEquals } from "@std/assert";
import type { CreateConversationInput } from "../../src/cortex/types/conversations.ts";
import { inlineTest } from "../support/inline_cortex.ts";

type Kind = Omit<CreateConversationInput, "conversationId">;

const memorySpaceId = "space";
/** Of which twenty take more than the 16 MiB that one call may read. */
const LARGE = "x".repeat(900_000);
const ofAda: Kind = {
  memorySpaceId,
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper" },
};
const ofAgents: Kind = {
  memorySpaceId,
  type: "agent-agent",
  participants: { memorySpaceIds: [memorySpaceId, "other"] },
};

inlineTest(
  "a conversation continues, and is read, listed, found and exported, however large its messages' metadata",
  async (cortex) => {
    const { conversations } = cortex;
    await conversations.create({ ...ofAda, conversationId: "large" });
    const ids = Array.from({ length: 20 }, (_, at) => `m-${at + 10}`);
    for (const id of ids) {
      const { messageCount } = await conversations.addMessage({
        conversationId: "large",
        message: {
          id,
          role: "user",
          content: `zebra ${id}`,
          metadata: { large: LARGE },
        },
      });
      assertEquals(messageCount, ids.indexOf(id) + 1);
    }
    const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);
    const shown = idsOf((await conversations.get("large"))!.messages);
    assertEquals(shown, ids.slice(-shown.length));
    const history = await conversations.getHistory("large");
    assertEquals([idsOf(history.messages), history.total], [ids, 20]);
    const backwards = [...ids.toReversed(), "unknown"];
    const named = await conversations.getMessagesByIds("large", backwards);
    assertEquals(idsOf(named), ids);
    await conversations.create({ ...ofAda, conversationId: "next" });
    await conversations.addMessage({
      conversationId: "next",
      message: { role: "user", content: "A zebra" },
    });
    const { conversations: listed } = await conversations.list();
    assertEquals(listed.map(({ messages }) => messages.length), [
      1,
      shown.length,
    ]);
    const found = await conversations.search({ query: "zebra" });
    assertEquals(
      found.map(({ conversation }) => conversation.conversationId),
      [
        "next",
        "large",
      ],
    );
    const { data } = await conversations.export({ format: "json" });
    assertEquals(
      (JSON.parse(data) as typeof listed).map(({ messages }) =>
        messages.length
      ),
      [20, 1],
    );
  },
);

inlineTest(
  "conversations are searched, exported and counted for deletion however large their metadata",
  async (cortex) => {
    const { conversations } = cortex;
    const ids = Array.from({ length: 20 }, (_, at) => `c-${at + 10}`);
    for (const conversationId of ids) {
      await conversations.create({
        conversationId,
        ...conversationId === "c-10" ? ofAgents : ofAda,
        metadata: { conversationId, large: LARGE },
      });
    }
    const few = { memorySpaceId, type: "agent-agent" } as const;
    const searched = async (query: string, rest: object) =>
      (await conversations.search({ query, ...rest })).length;
    assertEquals(await searched("zebra", { filters: few }), 0);
    const options = { searchIn: "metadata" };
    assertEquals(await searched("c-29", { options }), 1);
    for (const format of ["json", "csv"] as const) {
      const { count } = await conversations.export({
        format,
        includeMetadata: true,
      });
      assertEquals(count, 20);
      const some = await conversations.export({ format, filters: few });
      assertEquals(some.count, 1);
    }
    const dry = { dryRun: true };
    assertEquals((await conversations.deleteMany(few, dry)).wouldDelete, 1);
    const all = await conversations.deleteMany({ memorySpaceId }, dry);
    assertEquals(all.wouldDelete, 20);
  },
);
