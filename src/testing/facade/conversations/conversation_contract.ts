/** `conversations`: create, addMessage, get and list. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  CreateConversationInput,
  ListConversationsFilter,
} from "../../../cortex/types/conversations.ts";
import { assertCode, cortexCase, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const withAda = (
  changes: Partial<CreateConversationInput> = {},
): CreateConversationInput => ({
  memorySpaceId: "space",
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper" },
  ...changes,
});

const say = (cortex: Cortex, conversationId: string, content: string) =>
  cortex.conversations.addMessage({
    conversationId,
    message: { role: "user", content },
  });

/** Cases of `conversations`. */
export const facadeConversationContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "create() makes an id, keeps metadata and has no messages",
    async (cortex) => {
      const metadata = { topic: "printer", $meta: { _v: [1] }, "größe": 2 };
      const made = await cortex.conversations.create(withAda({ metadata }));
      assertMatch(made.conversationId, /^conv-\d+-[a-z0-9]{16,}$/);
      assertEquals(
        [made.metadata, made.messages, made.messageCount],
        [metadata, [], 0],
      );
      assertEquals(await cortex.conversations.get(made.conversationId), made);
    },
  ),
  cortexCase(
    "create() keeps the caller's id, and refuses it the second time",
    async (cortex) => {
      const input = withAda({ conversationId: "c: ä/1" });
      assertEquals(
        (await cortex.conversations.create(input)).conversationId,
        "c: ä/1",
      );
      await assertCode(
        () => cortex.conversations.create(input),
        "CONVERSATION_ALREADY_EXISTS",
      );
    },
  ),
  cortexCase(
    "create() stores the three spaces of an agent-agent conversation",
    async (cortex) => {
      const participants = { memorySpaceIds: ["a", "b", "c"] };
      const made = await cortex.conversations.create(
        withAda({ type: "agent-agent", participants }),
      );
      assertEquals(made.participants, participants);
    },
  ),
  cortexCase(
    "addMessage() appends in order with ids of its own or the caller's",
    async (cortex) => {
      const { conversationId } = await cortex.conversations.create(withAda());
      await say(cortex, conversationId, "one");
      const conversation = await cortex.conversations.addMessage({
        conversationId,
        message: {
          id: "own",
          role: "system",
          content: "two",
          participantId: "tool",
          metadata: { a: 1 },
          timestamp: new Date(Date.now() + 60_000),
        },
      });
      const { messages, messageCount } = conversation;
      assertEquals(messageCount, 2);
      assertMatch(messages[0]!.id, /^msg-\d+-[a-z0-9]{16,}$/);
      const { timestamp, ...message } = messages[1]!;
      assertEquals(message, {
        id: "own",
        role: "system",
        content: "two",
        participantId: "tool",
        metadata: { a: 1 },
      });
      assert(timestamp >= messages[0]!.timestamp);
    },
  ),
  cortexCase(
    "addMessage() repeated changes nothing, and refuses the id for another text",
    async (cortex) => {
      const { conversationId } = await cortex.conversations.create(withAda());
      const add = (content: string) =>
        cortex.conversations.addMessage({
          conversationId,
          message: { id: "m", role: "user", content },
        });
      await add("one");
      assertEquals((await add("one")).messageCount, 1);
      await assertCode(() => add("two"), "MESSAGE_ALREADY_EXISTS");
    },
  ),
  cortexCase(
    "addMessage() rejects with CONVERSATION_NOT_FOUND, and the message is what the server says",
    async (cortex) => {
      const call = () => say(cortex, "unknown", "hello");
      await assertCode(call, "CONVERSATION_NOT_FOUND");
      const error = await call().catch((error: Error) => error) as Error & {
        data: unknown;
      };
      assertEquals(error.name, "ConvexError");
      assertEquals(error.message, error.data);
      assertMatch(error.message, /^CONVERSATION_NOT_FOUND/);
    },
  ),
  cortexCase(
    "addMessage() keeps twenty messages that were started at once, in call order",
    async (cortex) => {
      const { conversationId } = await cortex.conversations.create(withAda());
      const contents = Array.from({ length: 20 }, (_, i) => `message ${i}`);
      await Promise.all(
        contents.map((content) => say(cortex, conversationId, content)),
      );
      const stored = await cortex.conversations.get(conversationId);
      assertEquals(stored?.messageCount, 20);
      assertEquals(stored?.messages.map(({ content }) => content), contents);
    },
  ),
  cortexCase(
    "get() gives null for an unknown id, no messages or the last n",
    async (cortex) => {
      assertEquals(await cortex.conversations.get("unknown"), null);
      const { conversationId } = await cortex.conversations.create(withAda());
      for (const content of ["one", "two", "three"]) {
        await say(cortex, conversationId, content);
      }
      const get = async (options: object) => {
        const found = await cortex.conversations.get(conversationId, options);
        return [
          found?.messageCount,
          found?.messages.map(({ content }) => content),
        ];
      };
      assertEquals(await get({}), [3, ["one", "two", "three"]]);
      assertEquals(await get({ messageLimit: 2 }), [3, ["two", "three"]]);
      assertEquals(await get({ includeMessages: false }), [3, []]);
    },
  ),
  cortexCase(
    "list() filters by type, user, space, participant, metadata and counts, and pages",
    async (cortex) => {
      const make = (conversationId: string, changes: object) =>
        cortex.conversations.create(withAda({ conversationId, ...changes }));
      await make("a", { metadata: { topic: "cats" } });
      await make("b", {
        participants: { userId: "bob", agentId: "helper" },
        participantId: "tool",
      });
      await make("c", {
        memorySpaceId: "other",
        type: "agent-agent",
        participants: { memorySpaceIds: ["space", "other"] },
      });
      await say(cortex, "a", "hello");
      await say(cortex, "a", "again");
      await say(cortex, "b", "hello");
      const ids = async (filter: ListConversationsFilter) =>
        (await cortex.conversations.list({
          sortBy: "createdAt",
          sortOrder: "asc",
          ...filter,
        })).conversations.map(({ conversationId }) => conversationId);
      assertEquals(await ids({}), ["a", "b", "c"]);
      assertEquals(await ids({ sortOrder: "desc" }), ["c", "b", "a"]);
      assertEquals(await ids({ userId: "ada" }), ["a"]);
      assertEquals(await ids({ memorySpaceId: "space" }), ["a", "b"]);
      assertEquals(await ids({ type: "agent-agent" }), ["c"]);
      assertEquals(await ids({ participantId: "tool" }), ["b"]);
      assertEquals(await ids({ metadata: { topic: "cats" } }), ["a"]);
      assertEquals(await ids({ messageCount: 1 }), ["b"]);
      assertEquals(await ids({ messageCount: { min: 1 } }), ["a", "b"]);
      assertEquals(await ids({ messageCount: { max: 1 } }), ["b", "c"]);
      assertEquals(
        await ids({ sortBy: "messageCount", sortOrder: "desc" }),
        ["a", "b", "c"],
      );
      assertEquals(await ids({ createdAfter: Date.now() + 1000 }), []);
      assertEquals(await ids({ createdBefore: Date.now() + 1000, limit: 1 }), [
        "a",
      ]);
      const page = await cortex.conversations.list({ limit: 1, offset: 1 });
      assertEquals(
        [page.total, page.limit, page.offset, page.hasMore],
        [3, 1, 1, true],
      );
      const bare = await cortex.conversations.list({ includeMessages: false });
      assert(bare.conversations.every(({ messages }) => messages.length === 0));
    },
  ),
  cortexCase(
    "list() goes on where one call of the backend sees no further, and shows all messages",
    async (cortex) => {
      // One call reads at most 8 MiB of rows, and returns at most 4 MiB of messages.
      const metadata = { ballast: "x".repeat(850_000) };
      const text = "y".repeat(450_000);
      for (let at = 0; at < 11; at++) {
        const conversationId = `c${at}`;
        await cortex.conversations.create(
          withAda({ conversationId, metadata, participantId: "tool" }),
        );
        if (at !== 4) await say(cortex, conversationId, text);
      }
      const pageOf = async (filter: ListConversationsFilter) => {
        const { conversations, total, hasMore } = await cortex.conversations
          .list({ includeMessages: false, limit: 2, ...filter });
        return [conversations.map((row) => row.conversationId), total, hasMore];
      };
      assertEquals(await pageOf({ offset: 8 }), [["c2", "c1"], 11, true]);
      assertEquals(await pageOf({ offset: 10 }), [["c0"], 11, false]);
      assertEquals(await pageOf({ offset: 11 }), [[], 11, false]);
      const tool = { participantId: "tool", sortOrder: "asc" } as const;
      assertEquals(await pageOf({ ...tool, offset: 9 }), [
        ["c9", "c10"],
        11,
        false,
      ]);
      const fewest = { ...tool, sortBy: "messageCount" } as const;
      assertEquals(await pageOf(fewest), [["c4", "c0"], 11, true]);
      assertEquals(
        await pageOf({ ...fewest, sortOrder: "desc", offset: 9 }),
        [["c0", "c4"], 11, false],
      );
      assertEquals(
        await pageOf({ ...tool, messageCount: 1, offset: 9 }),
        [["c10"], 10, false],
      );
      const { conversations } = await cortex.conversations.list();
      assertEquals(
        conversations.map(({ messages }) => messages.length),
        [1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1],
      );
    },
  ),
];
