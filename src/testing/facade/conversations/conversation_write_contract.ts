/** `conversations`: delete, deleteMany, getOrCreate, and the isolation of tenants. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { CreateConversationInput } from "../../../cortex/types/conversations.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  rejectionOf,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const input = (
  changes: Partial<CreateConversationInput> = {},
): CreateConversationInput => ({
  memorySpaceId: "space",
  type: "user-agent",
  participants: { userId: "ada", agentId: "helper" },
  ...changes,
});

/** Stores conversations of Ada with one message each, and one of Bob. */
async function fill(cortex: Cortex, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const conversationId = `ada-${i}`;
      await cortex.conversations.create(input({ conversationId }));
      await cortex.conversations.addMessage({
        conversationId,
        message: { role: "user", content: "hello" },
      });
    }),
  );
  await cortex.conversations.create(input({
    conversationId: "bob",
    participants: { userId: "bob", agentId: "helper" },
  }));
}

/** Cases of the methods that write. */
export const conversationWriteContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "delete() deletes conversation and messages, and keeps the memories",
    async (cortex) => {
      const { memories } = await cortex.memory.remember(exchange());
      const { deletedAt, ...result } = await cortex.conversations.delete(
        "conv-1",
      );
      assert(deletedAt > 0);
      assertEquals(result, {
        deleted: true,
        conversationId: "conv-1",
        messagesDeleted: 2,
        restorable: false,
      });
      assertEquals(await cortex.conversations.get("conv-1"), null);
      assertEquals(
        await cortex.getClient().query("conversations:get", {
          conversationId: "conv-1",
        }),
        null,
      );
      assertEquals((await cortex.conversations.list()).total, 0);
      assertEquals(await cortex.conversations.count(), 0);
      assert(await cortex.vector.get("space", memories[0]!.memoryId) !== null);
      await assertCode(
        () => cortex.conversations.delete("conv-1"),
        "CONVERSATION_NOT_FOUND",
      );
    },
  ),
  cortexCase(
    "delete() of 250 messages goes in steps, tells of them and adds up",
    async (cortex) => {
      await cortex.conversations.create(input({ conversationId: "long" }));
      await Promise.all(
        Array.from(
          { length: 250 },
          (_, i) =>
            cortex.getClient().mutation("conversations:addMessage", {
              conversationId: "long",
              messageLimit: 1,
              message: { id: `m${i}`, role: "user", content: `${i}` },
            }),
        ),
      );
      const progress: number[] = [];
      const { messagesDeleted } = await cortex.conversations.delete("long", {
        onProgress: ({ processed }) => progress.push(processed),
      });
      assertEquals(messagesDeleted, 250);
      assertEquals(progress, [200, 250]);
    },
  ),
  cortexCase(
    "deleteMany() deletes what meets all conditions",
    async (cortex) => {
      await fill(cortex, 3);
      const none = await cortex.conversations.deleteMany({
        userId: "ada",
        memorySpaceId: "space",
        type: "agent-agent",
      });
      assertEquals(none, {
        deleted: 0,
        totalMessagesDeleted: 0,
        conversationIds: [],
        dryRun: false,
      });
      const result = await cortex.conversations.deleteMany({
        userId: "ada",
        memorySpaceId: "space",
        type: "user-agent",
      });
      assertEquals(result.conversationIds.sort(), ["ada-0", "ada-1", "ada-2"]);
      assertEquals([result.deleted, result.totalMessagesDeleted], [3, 3]);
      const left = await cortex.conversations.list();
      assertEquals(
        left.conversations.map(({ conversationId }) => conversationId),
        ["bob"],
      );
    },
  ),
  cortexCase(
    "deleteMany() as a dry run counts and keeps everything",
    async (cortex) => {
      await fill(cortex, 12);
      const result = await cortex.conversations.deleteMany(
        { userId: "ada" },
        { dryRun: true },
      );
      assertEquals(result, {
        deleted: 0,
        totalMessagesDeleted: 0,
        conversationIds: [],
        wouldDelete: 12,
        wouldDeleteMessages: 12,
        dryRun: true,
      });
      assertEquals(await cortex.conversations.count(), 13);
    },
  ),
  cortexCase(
    "deleteMany() refuses more than the threshold and deletes nothing, unless told otherwise",
    async (cortex) => {
      await fill(cortex, 11);
      const error = await rejectionOf(() =>
        cortex.conversations.deleteMany({ userId: "ada" })
      );
      assertEquals(error.code, "DELETE_MANY_THRESHOLD_EXCEEDED");
      assertMatch(
        error.message,
        /^DELETE_MANY_THRESHOLD_EXCEEDED\b.*\b11\b.*\b10\b/,
      );
      assertEquals(await cortex.conversations.count(), 12);
      const bob = await cortex.conversations.deleteMany({ userId: "bob" }, {
        confirmationThreshold: 1,
      });
      assertEquals(bob.deleted, 1);
      await assertCode(
        () =>
          cortex.conversations.deleteMany({ userId: "ada" }, {
            confirmationThreshold: 3,
          }),
        "DELETE_MANY_THRESHOLD_EXCEEDED",
      );
      const all = await cortex.conversations.deleteMany({ userId: "ada" }, {
        requireConfirmation: false,
      });
      assertEquals(all.deleted, 11);
    },
  ),
  cortexCase(
    "deleteMany() of 150 conversations with messages goes in steps",
    async (cortex) => {
      await fill(cortex, 150);
      const steps: boolean[] = [];
      const result = await cortex.conversations.deleteMany(
        { userId: "ada" },
        {
          confirmationThreshold: Infinity,
          onProgress: ({ done }) => steps.push(done),
        },
      );
      assertEquals([result.deleted, result.totalMessagesDeleted], [150, 150]);
      assertEquals(new Set(result.conversationIds).size, 150);
      assertEquals(steps, [false, true]);
      assertEquals(await cortex.conversations.count(), 1);
    },
  ),
  cortexCase(
    "getOrCreate() finds by space, user and agent, and by the set of spaces",
    async (cortex) => {
      const first = await cortex.conversations.getOrCreate(
        input({ metadata: { first: true } }),
      );
      assertMatch(first.conversationId, /^conv-\d+-[a-z0-9]{16,}$/);
      const again = await cortex.conversations.getOrCreate(
        input({ metadata: { first: false } }),
      );
      assertEquals(again, first);
      for (
        const other of [
          input({ memorySpaceId: "other" }),
          input({ participants: { userId: "ada", agentId: "second" } }),
          input({ participants: { userId: "bob", agentId: "helper" } }),
        ]
      ) {
        const made = await cortex.conversations.getOrCreate(other);
        assert(made._id !== first._id);
      }
      const among = (memorySpaceIds: string[]) =>
        cortex.conversations.getOrCreate(
          input({ type: "agent-agent", participants: { memorySpaceIds } }),
        );
      const pair = await among(["x", "y|z"]);
      assertEquals((await among(["y|z", "x"]))._id, pair._id);
      assert((await among(["x|y", "z"]))._id !== pair._id);
      assert((await among(["x", "y|z", "w"]))._id !== pair._id);
    },
  ),
  cortexCase(
    "getOrCreate() uses an id that is given, and makes one row at once",
    async (cortex) => {
      const made = await cortex.conversations.getOrCreate(
        input({ conversationId: "own" }),
      );
      assertEquals(made.conversationId, "own");
      const taken = await cortex.conversations.getOrCreate(
        input({ conversationId: "own", memorySpaceId: "other" }),
      );
      assertEquals(taken._id, made._id);
      const next = await cortex.conversations.getOrCreate(
        input({ conversationId: "next" }),
      );
      assertEquals(next.conversationId, "next");
      assertEquals(
        (await cortex.conversations.getOrCreate(input())).conversationId,
        "own",
      );
      const many = await Promise.all(
        Array.from(
          { length: 10 },
          () =>
            cortex.conversations.getOrCreate(input({ memorySpaceId: "many" })),
        ),
      );
      assertEquals(new Set(many.map(({ _id }) => _id)).size, 1);
    },
  ),
  tenantsCase(
    "each method sees and touches conversations of its own tenant only",
    async (one, two) => {
      const conversationId = "same";
      await one.conversations.create(input({ conversationId }));
      await one.conversations.addMessage({
        conversationId,
        message: { id: "m", role: "user", content: "secret" },
      });
      const { conversations } = two;
      assertEquals(await conversations.get(conversationId), null);
      assertEquals((await conversations.list()).total, 0);
      assertEquals(await conversations.count({ tenantId: "a" }), 0);
      assertEquals(await conversations.getMessage(conversationId, "m"), null);
      assertEquals(
        await conversations.getMessagesByIds(conversationId, ["m"]),
        [],
      );
      assertEquals(
        await conversations.findConversation({
          memorySpaceId: "space",
          type: "user-agent",
          userId: "ada",
        }),
        null,
      );
      assertEquals(await conversations.search({ query: "secret" }), []);
      assertEquals(
        (await conversations.export({
          format: "json",
          filters: { conversationIds: [conversationId] },
        })).data,
        "[]",
      );
      for (
        const call of [
          () => conversations.getHistory(conversationId),
          () => conversations.delete(conversationId),
          () =>
            conversations.addMessage({
              conversationId,
              message: { role: "user", content: "hello" },
            }),
        ]
      ) await assertCode(call, "CONVERSATION_NOT_FOUND");
      assertEquals(
        (await conversations.deleteMany({ userId: "ada" })).deleted,
        0,
      );
      const own = await conversations.getOrCreate(input({ conversationId }));
      assertEquals([own.tenantId, own.messageCount], ["b", 0]);
      await conversations.delete(conversationId);
      const kept = await one.conversations.get(conversationId);
      assertEquals([kept?.tenantId, kept?.messageCount], ["a", 1]);
      assertEquals(await one.conversations.count(), 1);
    },
  ),
];
