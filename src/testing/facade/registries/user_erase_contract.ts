/** `users.delete`: nothing of the user is left, and nothing of anybody else is touched. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { Progress } from "../../../cortex/types/common.ts";
import { CascadeDeletionError } from "../../../errors.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  record,
  rejectionOf,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { failedErasure } from "./failed_erasure.ts";

/** Stores data of Ada in every layer. */
async function live(cortex: Cortex): Promise<void> {
  const extractFacts = () =>
    Promise.resolve([{
      fact: "Ada has a printer",
      factType: "knowledge" as const,
      subject: "ada",
      predicate: "has",
      object: "printer",
      confidence: 90,
    }]);
  await cortex.memory.remember(exchange({ extractFacts }));
  await cortex.vector.store("lonely", note({ userId: "ada" }));
  await cortex.immutable.store({
    type: "note",
    id: "n",
    data: { text: "printer" },
    userId: "ada",
  });
  await cortex.mutable.set("user-sessions", "ada", { open: true }, "ada");
  await cortex.memorySpaces.register({
    memorySpaceId: "team",
    type: "team",
    participants: [{ id: "ada", type: "user" }],
  });
}

/** Cases of `users.delete`. */
export const userEraseContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "users.delete() leaves no text of a user's fact in the history of somebody else's",
    async ({ facts, users }) => {
      const memorySpaceId = "space";
      const storeFact = async (userId: string) =>
        (await facts.store({
          memorySpaceId,
          userId,
          fact: `${userId} likes tea`,
          factType: "preference",
          confidence: 80,
          sourceType: "manual",
        })).factId;
      const merged = await storeFact("bob");
      const keepFactId = await storeFact("ada");
      const factIds = [merged, keepFactId];
      await facts.consolidate({ memorySpaceId, factIds, keepFactId });
      const told = async () => JSON.stringify(await facts.history(merged));
      assertStringIncludes(await told(), "ada likes tea");
      await users.delete("ada", { cascade: true });
      assert(!(await told()).includes("ada likes tea"));
      assertStringIncludes(await told(), "bob likes tea");
    },
  ),
  cortexCase(
    "users.delete() spares what has the ids of the user's rows in another space, or is of a similar user",
    async ({ facts, memory, users }) => {
      const store = (userId: string) =>
        memory.store(
          userId,
          note({
            memoryId: "m",
            userId,
            source: { type: "system", timestamp: 0 },
            extractFacts: () =>
              Promise.resolve([{
                fact: `${userId} likes tea`,
                factType: "preference" as const,
                confidence: 80,
              }]),
          }),
          { idempotencyKey: userId },
        );
      const tell = () =>
        facts.store({
          memorySpaceId: "Ada",
          fact: "Ada likes tea",
          factType: "preference",
          userId: "Ada",
          subject: "Ada",
          confidence: 80,
          sourceType: "manual",
        }, { idempotencyKey: "tell" });
      await store("ada");
      const kept = [await store("Ada"), await tell()];
      const rowsOf = async (memorySpaceId: string) => [
        await memory.list({ memorySpaceId }),
        await facts.list({ memorySpaceId }),
        await facts.getChanges({ memorySpaceId }),
      ];
      const before = await rowsOf("Ada");
      assertEquals(before.map((rows) => rows.length), [1, 2, 2]);
      const told = await users.delete("ada", { cascade: true, dryRun: true });
      assertEquals([told.factsDeleted, told.factHistoryDeleted], [1, 1]);
      const gone = await users.delete("ada", { cascade: true });
      assertEquals([gone.factsDeleted, gone.factHistoryDeleted], [1, 1]);
      assertEquals(await rowsOf("ada"), [[], [], []]);
      assertEquals(await rowsOf("Ada"), before);
      assertEquals([await store("Ada"), await tell()], kept);
    },
  ),
  cortexCase(
    "users.delete() without cascade removes the profile and nothing else",
    async (cortex) => {
      await cortex.memory.remember(exchange());
      const dry = await cortex.users.delete("ada", { dryRun: true });
      assertEquals([dry.totalDeleted, dry.deletedLayers], [0, []]);
      const { deletedAt, ...result } = await cortex.users.delete("ada");
      assert(deletedAt > 0);
      assertEquals(result, {
        userId: "ada",
        conversationsDeleted: 0,
        conversationMessagesDeleted: 0,
        immutableRecordsDeleted: 0,
        mutableKeysDeleted: 0,
        vectorMemoriesDeleted: 0,
        factsDeleted: 0,
        graphNodesDeleted: 0,
        contextsDeleted: 0,
        sessionsDeleted: 0,
        factHistoryDeleted: 0,
        verification: { complete: true, issues: [] },
        totalDeleted: 1,
        deletedLayers: ["user-profile"],
      });
      assertEquals(await cortex.users.get("ada"), null);
      assert(await cortex.conversations.get("conv-1") !== null);
      await assertCode(
        () => cortex.users.delete("ada"),
        "IMMUTABLE_ENTRY_NOT_FOUND",
      );
      await cortex.users.delete("ada", { dryRun: true });
    },
  ),
  cortexCase(
    "users.delete() with cascade leaves nothing that any search finds",
    async (cortex) => {
      await live(cortex);
      await cortex.memory.remember(exchange({
        conversationId: "conv-bob",
        userId: "bob",
        userName: "Bob",
        userMessage: "My printer is blue.",
      }));
      // Ada speaks in a conversation of Bob.
      await cortex.memory.remember(exchange({ conversationId: "conv-bob" }));
      const dry = await cortex.users.delete("ada", {
        cascade: true,
        dryRun: true,
      });
      assertStringIncludes(dry.verification.issues[0]!, "DRY RUN");
      assert(await cortex.users.exists("ada"));
      const result = await cortex.users.delete("ada", { cascade: true });
      assertEquals(
        { ...dry, deletedAt: 0, verification: 0 },
        { ...result, deletedAt: 0, verification: 0 },
      );
      assertEquals(result.verification, { complete: true, issues: [] });
      assertEquals(
        [
          result.conversationsDeleted,
          result.conversationMessagesDeleted,
          result.immutableRecordsDeleted,
          result.mutableKeysDeleted,
          result.vectorMemoriesDeleted,
          result.factsDeleted,
          result.factHistoryDeleted,
          result.graphNodesDeleted,
        ],
        [1, 4, 1, 1, 5, 1, 1, 0],
      );
      assertEquals(result.totalDeleted, 16);
      assertEquals(result.deletedLayers, [
        "conversations",
        "immutable",
        "mutable",
        "vector",
        "facts",
        "fact-history",
        "space-participants",
        "user-profile",
      ]);
      assertEquals(await cortex.users.get("ada"), null);
      assertEquals(
        (await cortex.conversations.list({ userId: "ada" })).total,
        0,
      );
      const bobs = (await cortex.conversations.get("conv-bob"))!;
      assertEquals(
        [bobs.messages[0]?.content, bobs.messageCount],
        ["My printer is blue.", 2],
      );
      assertEquals(await cortex.immutable.count({ userId: "ada" }), 0);
      assertEquals(await cortex.mutable.get("user-sessions", "ada"), null);
      assertEquals(await cortex.memorySpaces.findByParticipant("ada"), []);
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "printer Brother drum",
      });
      assert(items.length > 0);
      assertEquals(
        items.filter(({ content }) => /Brother|Ada/.test(content)),
        [],
      );
      assertEquals(await cortex.vector.search("lonely", "spare key"), []);
      const again = await cortex.users.delete("ada", { cascade: true });
      assertEquals([again.totalDeleted, again.deletedLayers], [0, []]);
      assert(await cortex.users.exists("bob"));
    },
  ),
  cortexCase(
    "users.delete() goes in steps, tells how far it came, and can be given up and gone on with",
    async (cortex) => {
      await Promise.all(
        Array.from(
          { length: 60 },
          (_, n) =>
            cortex.memory.remember(exchange({ conversationId: `conv-${n}` })),
        ),
      );
      const giveUp = new AbortController();
      const error = await rejectionOf(() =>
        cortex.users.delete("ada", {
          cascade: true,
          signal: giveUp.signal,
          onProgress: () => giveUp.abort(new Error("enough")),
        })
      );
      assertEquals(error.message, "enough");
      const left = (await cortex.conversations.list({ userId: "ada" })).total;
      assert(left > 0 && left < 60, `${left} left`);
      const told: Progress[] = [];
      const result = await cortex.users.delete("ada", {
        cascade: true,
        onProgress: (progress) => told.push(progress),
      });
      assertEquals(result.conversationsDeleted, 60);
      assertEquals(result.vectorMemoriesDeleted, 120);
      assertEquals(result.verification, { complete: true, issues: [] });
      assertEquals(told.at(-1)?.done, true);
      assert(
        told.every(({ processed }, at) =>
          at === 0 || processed >= told[at - 1]!.processed
        ),
      );
    },
  ),
  tenantsCase(
    "users.delete() leaves the same user's rows of another tenant",
    async (one, two) => {
      await live(one);
      await live(two);
      await one.users.delete("ada", { cascade: true });
      assertEquals(await one.users.get("ada"), null);
      const dry = await two.users.delete("ada", {
        cascade: true,
        dryRun: true,
      });
      assertEquals(dry.totalDeleted, 12);
      assertEquals(await two.mutable.get("user-sessions", "ada"), {
        open: true,
      });
    },
  ),
  cortexCase(
    "users.delete() erases whole what conversations the user began, and the user's exchanges in others",
    async (cortex) => {
      const bob = { userId: "bob", userName: "Bob" };
      const both = async (conversationId: string, first: object) => {
        await cortex.memory.remember(exchange({ conversationId, ...first }));
        const second = first === bob ? {} : bob;
        await cortex.memory.remember(exchange({ conversationId, ...second }));
      };
      await both("ada-began", {});
      await both("bob-began", bob);
      await cortex.users.delete("ada", { cascade: true });
      const { conversations } = await cortex.conversations.list({});
      assertEquals(
        conversations.map(({ conversationId, messageCount }) => [
          conversationId,
          messageCount,
        ]),
        [["bob-began", 2]],
      );
      const left = await cortex.memory.list({ memorySpaceId: "space" });
      assertEquals(
        left.map(({ userId, conversationRef }) => [
          userId,
          conversationRef?.conversationId,
        ]),
        [["bob", "bob-began"], ["bob", "bob-began"]],
      );
    },
  ),
  cortexCase(
    "users.delete() of an unknown user deletes nothing, verify: false asks nothing",
    async (cortex) => {
      const options = { cascade: true, verify: false };
      const result = await cortex.users.delete("nobody", options);
      assertEquals(result.totalDeleted, 0);
      assertEquals(result.verification, { complete: true, issues: [] });
    },
  ),
];

/** Failures, which need no backend. */
export const userEraseFailures: ContractCase<void>[] = [
  failedErasure({
    method: "users.delete",
    erase: (cortex) => cortex.users.delete("ada", { cascade: true }),
    Class: CascadeDeletionError,
    name: "CascadeDeletionError",
    whom: "user ada",
  }),
  {
    name: "users.deleteMany() that fails names every user that is left",
    async run() {
      const cause = new Error("the line is dead");
      const { cortex } = record({}, () => Promise.reject(cause));
      const many = await rejectionOf(() =>
        cortex.users.deleteMany(["ada", "bob"], { cascade: true })
      );
      assertStringIncludes(many.message, "ada");
      assertStringIncludes(many.message, "bob");
    },
  },
  {
    name:
      "users.delete() tells what its steps did though another call ended their job",
    async run() {
      const job = (requestId: string, memories: number, done: boolean) => ({
        requestId,
        counts: { memories },
        memorySpaceIds: ["s"],
        issues: [],
        done,
      });
      const answers = [
        job("one", 20, false),
        job("one", 50, false),
        job("two", 3, true),
      ];
      const { cortex } = record({}, () => answers.shift());
      const told: number[] = [];
      const { vectorMemoriesDeleted, totalDeleted } = await cortex.users.delete(
        "ada",
        { cascade: true, onProgress: ({ processed }) => told.push(processed) },
      );
      assertEquals([vectorMemoriesDeleted, totalDeleted], [53, 53]);
      assertEquals(told, [20, 50, 53]);
    },
  },
  {
    name: "users.deleteMany() ends once, with the rows of all users",
    async run() {
      const step = (memories: number, done: boolean) => ({
        requestId: "one",
        counts: { memories },
        memorySpaceIds: [],
        issues: [],
        done,
      });
      const answers = [step(20, false), step(50, true), step(3, true)];
      const { cortex } = record({}, () => answers.shift());
      const told: unknown[] = [];
      await cortex.users.deleteMany(["ada", "ben"], {
        cascade: true,
        onProgress: ({ processed, done }) => told.push([processed, done]),
      });
      assertEquals(told, [[20, false], [50, false], [53, true]]);
    },
  },
];
