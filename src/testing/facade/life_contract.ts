/** Many calls at once, tenants, aborting and closing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  rejectionOf,
  tenantsCase,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

const contents = (messages: { content: string }[] | undefined) =>
  messages?.map(({ content }) => content);

/** Cases of the whole facade. */
export const facadeLifeContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "a hundred remembers at once all arrive, in call order within each conversation",
    async (cortex) => {
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          cortex.memory.remember(exchange({
            conversationId: `conv-${i % 5}`,
            userMessage: `question ${i}`,
            agentResponse: `answer ${i}`,
          }))),
      );
      assertEquals(results.length, 100);
      for (let c = 0; c < 5; c++) {
        const { messages } = (await cortex.conversations.get(`conv-${c}`))!;
        assertEquals(
          contents(messages),
          Array.from({ length: 20 }, (_, n) => 5 * n + c).flatMap((i) => [
            `question ${i}`,
            `answer ${i}`,
          ]),
        );
      }
    },
  ),
  cortexCase(
    "calls of one conversation keep call order though an earlier one waits for its callbacks",
    async (cortex) => {
      let ready = (_: null) => {};
      const waiting = new Promise<null>((resolve) => ready = resolve);
      const first = cortex.memory.remember(exchange({
        userMessage: "first",
        generateEmbedding: () => waiting,
      }));
      const second = cortex.memory.remember(
        exchange({ userMessage: "second" }),
      );
      const third = cortex.conversations.addMessage({
        conversationId: "conv-1",
        message: { role: "user", content: "third" },
      });
      ready(null);
      await Promise.all([first, second, third]);
      const stored = await cortex.conversations.get("conv-1");
      const { agentResponse } = exchange();
      assertEquals(contents(stored?.messages), [
        "first",
        agentResponse,
        "second",
        agentResponse,
        "third",
      ]);
    },
  ),
  cortexCase(
    "shutdown() refuses further calls, and lets those in flight end with their callbacks and steps",
    async (cortex) => {
      await cortex.mutable.transaction(
        Array.from({ length: 201 }, (_, n) => ({
          op: "set",
          namespace: "stock",
          key: `pens-${n}`,
          value: n,
        })),
      );
      let ready = (_: null) => {};
      const waiting = new Promise<null>((resolve) => ready = resolve);
      const remembered = cortex.memory.remember(
        exchange({ generateEmbedding: () => waiting }),
      );
      const purged = cortex.mutable.purgeNamespace("stock");
      const closing = cortex.shutdown();
      assert(!cortex.isHealthy());
      const late = () => cortex.conversations.get("conv-1");
      await assertCode(late, "CLIENT_CLOSED");
      ready(null);
      await closing;
      assertEquals((await purged).deleted, 201);
      assertEquals((await remembered).memories.length, 2);
    },
  ),
  cortexCase(
    "shutdown() lets an export that is being read end, and refuses further ones",
    async (cortex) => {
      await cortex.memory.remember(exchange());
      const read = cortex.exportAll();
      const left = cortex.users.exportAll("ada");
      const lines = [(await read.next()).value];
      await left.next();
      let isShut = false;
      const closing = cortex.shutdown().then(() => isShut = true);
      await assertCode(() => cortex.exportAll().next(), "CLIENT_CLOSED");
      await left.return();
      for await (const line of read) {
        assert(!isShut);
        lines.push(line);
      }
      assert(lines.at(-1)!.includes('"end":true'));
      await closing;
    },
  ),
  cortexCase("a call that fails among many fails alone", async (cortex) => {
    await cortex.memory.remember(
      exchange({ conversationId: "taken", memorySpaceId: "other" }),
    );
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        cortex.memory.remember(
          exchange({ conversationId: i === 7 ? "taken" : `conv-${i}` }),
        )),
    );
    assertEquals(
      outcomes.map(({ status }) => status === "fulfilled"),
      Array.from({ length: 20 }, (_, i) => i !== 7),
    );
    const { total } = await cortex.conversations.list({
      memorySpaceId: "space",
      limit: 1,
    });
    assertEquals(total, 19);
  }),
  cortexCase(
    "parallel calls on a new conversation all succeed, callbacks or not",
    async (cortex) => {
      await Promise.all([
        cortex.memory.remember(exchange()),
        cortex.memory.remember(
          exchange({ extractContent: () => Promise.resolve(null) }),
        ),
        cortex.memory.remember(exchange()),
      ]);
      const stored = await cortex.conversations.get("conv-1");
      assertEquals(stored?.messageCount, 6);
    },
  ),
  tenantsCase(
    "a tenant sees nothing of another, not even under the same ids",
    async (one, two) => {
      const { memories } = await one.memory.remember(exchange());
      assertEquals(memories[0]?.tenantId, "a");
      const { memoryId } = memories[0]!;
      assertEquals(await two.memory.get("space", memoryId), null);
      assertEquals(await two.conversations.get("conv-1"), null);
      assertEquals((await two.conversations.list()).total, 0);
      assertEquals(await two.memory.search("space", "printer"), []);
      const recalled = await two.memory.recall({
        memorySpaceId: "space",
        query: "printer",
        tenantId: "a",
      });
      assertEquals(recalled.items, [], "auth's tenant wins");
      await assertCode(
        () => two.memory.forget("space", memoryId),
        "MEMORY_NOT_FOUND",
      );
      const own = await two.memory.remember(exchange({ userMessage: "Mine." }));
      assertEquals(own.memories[0]?.tenantId, "b");
      assertEquals((await two.conversations.get("conv-1"))?.messageCount, 2);
      const { items } = await one.memory.recall({
        memorySpaceId: "space",
        query: "printer",
      });
      assertEquals(items[0]?.tenantId, "a");
    },
  ),
  cortexCase(
    "without auth an explicit tenantId scopes a call, and no tenant sees rows without one only",
    async (cortex) => {
      await cortex.memory.remember(exchange({ tenantId: "a" }));
      await cortex.memory.store("space", note({ tenantId: "a" }));
      await cortex.conversations.create({
        memorySpaceId: "space",
        tenantId: "a",
        type: "user-agent",
        participants: { userId: "ada", agentId: "helper" },
      });
      assertEquals((await cortex.conversations.list()).total, 0);
      assertEquals(
        (await cortex.conversations.list({ tenantId: "a" })).total,
        2,
      );
      const recall = async (tenantId?: string) =>
        (await cortex.memory.recall({
          memorySpaceId: "space",
          query: "printer key",
          tenantId,
        })).items.length;
      assertEquals(await recall(), 0);
      assert(await recall("a") >= 2);
    },
  ),
  cortexCase(
    "a signal that is aborted already rejects with its reason and nothing is stored",
    async (cortex) => {
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      const calls: (() => Promise<unknown>)[] = [
        () => cortex.memory.remember(exchange(), { signal }),
        () =>
          cortex.memory.recall({ memorySpaceId: "s", query: "q" }, { signal }),
        () => cortex.memory.search("s", "q", { signal }),
        () => cortex.memory.store("s", note(), { signal }),
        () => cortex.memory.get("s", "m", { signal }),
        () => cortex.memory.forget("s", "m", { signal }),
        () => cortex.vector.store("s", note(), { signal }),
        () => cortex.vector.get("s", "m", { signal }),
        () => cortex.vector.search("s", "q", { signal }),
        () => cortex.conversations.get("c", { signal }),
        () => cortex.conversations.list({}, { signal }),
      ];
      for (const call of calls) assertEquals(await rejectionOf(call), reason);
      assertEquals((await cortex.conversations.list()).total, 0);
    },
  ),
  cortexCase(
    "timeoutMs and an abort end a remember whose callback hangs, and free its conversation",
    async (cortex) => {
      const hang = () => new Promise<null>(() => {});
      await assertCode(
        () =>
          cortex.memory.remember(exchange({ generateEmbedding: hang }), {
            timeoutMs: 5,
          }),
        "TIMEOUT",
      );
      const controller = new AbortController();
      const hanging = cortex.memory.remember(
        exchange({ extractFacts: hang }),
        { signal: controller.signal },
      );
      controller.abort(new Error("enough"));
      assertEquals((await rejectionOf(() => hanging)).message, "enough");
      const { memories } = await cortex.memory.remember(exchange(), {
        timeoutMs: 60_000,
      });
      assertEquals(memories.length, 2);
      await assertCode(
        () => cortex.conversations.get("c", { timeoutMs: 0 }),
        "INVALID_ARGUMENT",
      );
    },
  ),
  {
    name:
      "close() lets calls of one request finish that were started just before it",
    async run(subject) {
      const cortex = subject.open();
      const { memories } = await cortex.memory.remember(exchange());
      const { memoryId, memorySpaceId, content: query } = memories[0]!;
      const [{ items }, { memory }, found] = await Promise.all([
        cortex.memory.recall({ memorySpaceId, query }),
        cortex.memory.update(memorySpaceId, memoryId, { importance: 7 }),
        cortex.memory.search(memorySpaceId, query),
        cortex.close(),
      ]);
      assert(items.length > 0);
      assertEquals(memory.importance, 7);
      assert(found.length > 0);
    },
  },
  {
    name:
      "close() lets calls in flight finish, refuses later ones, and may be repeated",
    async run(subject) {
      const cortex = subject.open();
      const [{ memories }] = await Promise.all([
        cortex.memory.remember(exchange()),
        cortex.close(),
        cortex.close(),
      ]);
      assertEquals(memories.length, 2);
      const calls: (() => Promise<unknown>)[] = [
        () => cortex.memory.remember(exchange()),
        () => cortex.memory.recall({ memorySpaceId: "s", query: "q" }),
        () => cortex.memory.search("s", "q"),
        () => cortex.memory.store("s", note()),
        () => cortex.memory.get("s", "m"),
        () => cortex.memory.forget("s", "m"),
        () => cortex.vector.get("s", "m"),
        () => cortex.conversations.get("c"),
        () => cortex.conversations.list(),
        () => cortex.exportAll().next(),
        () => cortex.users.exportAll("ada").next(),
      ];
      for (const call of calls) {
        const error = await rejectionOf(call);
        assertEquals(error.code, "CLIENT_CLOSED");
        assertStringIncludes(error.message, "closed");
      }
      await cortex[Symbol.asyncDispose]();
    },
  },
  cortexCase(
    "stats() counts calls, and no more requests than calls",
    async (cortex) => {
      assertEquals(cortex.stats(), { calls: 0, requests: 0 });
      await Promise.all(
        Array.from(
          { length: 30 },
          (_, i) =>
            cortex.memory.remember(exchange({ conversationId: `conv-${i}` })),
        ),
      );
      const { calls, requests } = cortex.stats();
      assertEquals(calls, 30);
      assert(requests >= 1 && requests <= 30, `requests are ${requests}`);
    },
  ),
  {
    name: "two instances know nothing of each other",
    async run(subject) {
      await using first = subject.open();
      await using second = subject.open();
      await first.memory.remember(exchange());
      assertEquals(await second.conversations.get("conv-1"), null);
    },
  },
];
