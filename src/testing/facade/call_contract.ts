/** The calls that reach a client: names, arguments, options and timing. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { ConvexError as OurConvexError } from "../../errors.ts";
import { Cortex } from "../../cortex/cortex.ts";
import {
  exchange,
  note,
  record,
  RecordingClient,
  rejectionOf,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** An error as Convex's own clients throw it. */
class ForeignConvexError extends Error {
  override name = "ConvexError";
  readonly data: unknown;
  constructor(data: unknown) {
    super(`[CONVEX M(memory:forget)] ${data}\n  Called by client`);
    this.data = data;
    Object.defineProperty(this, Symbol.for("ConvexError"), { value: true });
  }
}

/** Cases over a client that records; none needs a backend. */
export const facadeCallContract: ContractCase<void>[] = [
  {
    name:
      "remember() is one mutation, issued in the tick of the call when there are no callbacks",
    async run() {
      const { cortex, client } = record();
      await cortex.load();
      cortex.memory.remember(exchange({ timestamp: 1000 }));
      const { kind, name, args, options } = client.only();
      assertEquals([kind, name], ["mutation", "memory:remember"]);
      const { userMessage, agentMessage, memories, ...rest } = args as {
        userMessage: { id: string };
        agentMessage: { id: string };
        memories: { memoryId: string }[];
      };
      assertEquals(rest as object, {
        memorySpaceId: "space",
        conversationId: "conv-1",
        userId: "ada",
        userName: "Ada",
        agentId: "helper",
        skipLayers: [],
        importance: 50,
        tags: [],
        facts: [],
        factMode: "revise",
      });
      assertMatch(userMessage.id, /^msg-/);
      assertMatch(agentMessage.id, /^msg-/);
      assertEquals(memories.length, 2);
      const { batch, skipQueue } = options as {
        batch: { orderKey: string; cost: object };
        skipQueue: boolean;
      };
      assertEquals(skipQueue, true);
      assertEquals(batch.orderKey, '[null,"conv-1"]');
      // Tests of the backend compare the costs with what its functions really read and write.
      assertEquals(Object.keys(batch.cost).sort(), [
        "ranges",
        "reads",
        "writes",
      ]);
    },
  },
  {
    name: "a hundred remembers are issued in one tick, in call order",
    async run() {
      const { cortex, client } = record();
      await cortex.load();
      for (let i = 0; i < 100; i++) {
        cortex.memory.remember(exchange({ userMessage: `question ${i}` }));
      }
      assertEquals(
        client.calls.map(({ args }) =>
          (args.userMessage as { content: string }).content
        ),
        Array.from({ length: 100 }, (_, i) => `question ${i}`),
      );
    },
  },
  {
    name:
      "remember() starts its callbacks at once, side by side, and waits for those that need each other",
    async run() {
      const { cortex, client } = record();
      await cortex.load();
      const started: string[] = [];
      let extracted = (_: string) => {};
      const remembering = cortex.memory.remember(exchange({
        extractContent: () => {
          started.push("content");
          return new Promise((resolve) => extracted = resolve);
        },
        extractFacts: () => {
          started.push("facts");
          return Promise.resolve(null);
        },
        generateEmbedding: (text) => {
          started.push(`embedding of ${text}`);
          return Promise.resolve([1]);
        },
      }));
      await Promise.resolve();
      const before = [...started];
      extracted("the gist");
      await remembering;
      assertEquals(before.sort(), [
        "content",
        `embedding of ${exchange().agentResponse}`,
        "facts",
      ]);
      assertEquals(started.at(-1), "embedding of the gist");
      client.only();
    },
  },
  {
    name: "remember() passes on how the backend is to treat facts",
    async run() {
      const embed = () => Promise.resolve([1]);
      // deno-fmt-ignore
      const modes = [
        [{}, {}, "revise"],
        [{}, { beliefRevision: { enabled: true } }, "revise"],
        [{ factDeduplication: false as const }, {}, "plain"],
        [{}, { beliefRevision: false as const }, "structural"],
        [{}, { beliefRevision: { enabled: false } }, "structural"],
        [{ generateEmbedding: embed }, { beliefRevision: false as const }, "semantic"],
        [{ factDeduplication: "exact" as const }, { beliefRevision: false as const }, "exact"],
      ] as const;
      for (const [params, options, mode] of modes) {
        const { cortex, client } = record();
        await cortex.memory.remember(exchange(params), options);
        assertEquals(client.only().args.factMode, mode);
      }
    },
  },
  {
    name:
      "remember() gives facts embeddings where they are compared by meaning",
    async run() {
      const fact = { fact: "f", factType: "custom" as const, confidence: 50 };
      const embedded = async (changes: object, options?: object) => {
        const { cortex, client } = record();
        await cortex.memory.remember(
          exchange({
            extractFacts: () => Promise.resolve([fact]),
            generateEmbedding: () => Promise.resolve([1, 2]),
            ...changes,
          }),
          options,
        );
        const { name, args } = client.calls.at(-1)!;
        assertEquals(name, "memory:remember");
        const [first] = args.facts as { embedding?: number[] }[];
        return first?.embedding;
      };
      assertEquals(await embedded({}), undefined);
      assertEquals(await embedded({ factDeduplication: "semantic" }), [1, 2]);
      assertEquals(await embedded({}, { beliefRevision: false }), [1, 2]);
    },
  },
  {
    name:
      "recall() is a query without an embedding and an action with one, each one call",
    async run() {
      const words = record();
      const createdAfter = new Date(5);
      await words.cortex.memory.recall({
        memorySpaceId: "s",
        query: "q",
        createdAfter,
      });
      const { kind, name, args } = words.client.only();
      assertEquals([kind, name], ["query", "memory:recall"]);
      assertEquals(args, {
        memorySpaceId: "s",
        query: "q",
        sources: { vector: true, facts: true },
        createdAfter: 5,
        limit: 20,
        includeConversation: true,
      });
      const vectors = record();
      await vectors.cortex.memory.recall({
        memorySpaceId: "s",
        query: "q",
        embedding: [1],
      });
      assertEquals(
        [vectors.client.only().kind, vectors.client.only().name],
        ["action", "memory:recallWithEmbedding"],
      );
    },
  },
  {
    name:
      "every call carries the tenant of auth, which wins over an explicit one",
    async run() {
      const { cortex, client } = record({
        auth: { userId: "x", tenantId: "acme", organizationId: "org" },
      }, ({ name, args }) =>
        name === "memory:remember"
          ? {
            conversation: {
              conversationId: args.conversationId,
              messageIds: [],
            },
            memories: [],
            facts: [],
            repeated: false,
          }
          : name === "memory:recall"
          ? {
            items: [],
            vector: [],
            facts: [],
            conversations: [],
            totalResults: 0,
          }
          : name === "memory:forget"
          ? { done: true, messagesDeleted: 0, factIds: [] }
          : name === "conversations:page"
          ? { done: true, conversations: [], rest: [], matched: 0 }
          : []);
      const tenantId = "other";
      await cortex.memory.remember(exchange({ tenantId }));
      assertEquals(client.only().args.organizationId, "org");
      await cortex.memory.recall({ memorySpaceId: "s", query: "q", tenantId });
      await cortex.memory.search("s", "q");
      await cortex.memory.store("s", note({ tenantId }));
      await cortex.memory.get("s", "m");
      await cortex.memory.get("s", "m", { includeConversation: true });
      await cortex.memory.forget("s", "m");
      await cortex.vector.store("s", note({ tenantId }));
      await cortex.vector.get("s", "m");
      await cortex.vector.search("s", "q", { embedding: [1] });
      await cortex.conversations.create({
        memorySpaceId: "s",
        tenantId,
        type: "user-agent",
        participants: { userId: "u", agentId: "a" },
      });
      await cortex.conversations.addMessage({
        conversationId: "c",
        message: { role: "user", content: "hello" },
      });
      await cortex.conversations.get("c");
      await cortex.conversations.list({ tenantId });
      assertEquals(client.calls.length, 14);
      for (const { name, args } of client.calls) {
        assertEquals(args.tenantId, "acme", name);
      }
    },
  },
  {
    name:
      "a refusal by another client's ConvexError becomes ours: its message is the server's string, with code",
    async run() {
      const { cortex } = record({}, () => {
        throw new ForeignConvexError("MEMORY_NOT_FOUND: mem-1");
      });
      const error = await rejectionOf(() => cortex.memory.forget("s", "mem-1"));
      assert(error instanceof OurConvexError);
      assertEquals(
        [error.message, error.code, error.data],
        [
          "MEMORY_NOT_FOUND: mem-1",
          "MEMORY_NOT_FOUND",
          "MEMORY_NOT_FOUND: mem-1",
        ],
      );
      assert(error.cause instanceof ForeignConvexError);
    },
  },
  {
    name: "another error of the client's reaches the caller as it is",
    async run() {
      const failure = new TypeError("network down");
      const { cortex } = record({}, () => {
        throw failure;
      });
      assertEquals(
        await rejectionOf(() => cortex.conversations.get("c")),
        failure,
      );
    },
  },
  {
    name: "the stack of an error that was made elsewhere names who asked",
    async run() {
      const failure = new OurConvexError("MEMORY_NOT_FOUND: mem-1");
      const { cortex } = record({}, () => Promise.reject(failure));
      async function firstAsker() {
        await cortex.memory.forget("s", "mem-1");
      }
      async function secondAsker() {
        await Promise.all([cortex.memory.forget("s", "mem-1")]);
      }
      const { stack: first = "" } = await rejectionOf(firstAsker);
      assertMatch(first, /awaited by[^]*firstAsker/);
      const { stack: second = "" } = await rejectionOf(secondAsker);
      assertMatch(second, /awaited by[^]*secondAsker/);
      assert(!second.includes("firstAsker"), second);
    },
  },
  {
    name:
      "close() leaves the application's client open, and timeoutMs bounds a client that hangs",
    async run() {
      let closed = false;
      const client = Object.assign(
        new RecordingClient(() => new Promise(() => {})),
        { close: () => closed = true },
      );
      const cortex = new Cortex({ client });
      const error = await rejectionOf(() =>
        cortex.conversations.get("c", { timeoutMs: 5 })
      );
      assertEquals(error.code, "TIMEOUT");
      assertStringIncludes(error.message, "than its timeoutMs of 5 ms");
      await cortex.close();
      assertEquals(closed, false);
      assertEquals(cortex.getClient(), client);
    },
  },
  {
    name: "timeoutMs is the time of a whole call, however many it makes",
    async run() {
      const ids = Array.from({ length: 100 }, (_, at) => `id-${at}`);
      let steps = 0;
      const client = new RecordingClient(async ({ name }) => {
        await pause(10);
        if (name === "agents:page") {
          const agents = ids.map((agentId) => ({ agentId }));
          return { agents, matched: 100, done: true };
        }
        const done = ++steps % 100 === 0 || name.includes(":erase");
        const counted = { counts: {}, memorySpaceIds: [], issues: [] };
        return { ...counted, users: [], spaces: [], matched: 1, done };
      });
      const { users, agents, memorySpaces } = new Cortex({ client });
      const soon = { timeoutMs: 30 };
      for (
        const call of [
          () => users.list({}, soon),
          () => memorySpaces.list({}, soon),
          () => users.deleteMany(ids, { cascade: true, ...soon }),
          () => agents.unregisterMany({}, { cascade: true, ...soon }),
        ]
      ) assertEquals((await rejectionOf(call)).code, "TIMEOUT");
    },
  },
  {
    name:
      "metadata that Convex cannot carry travels as text and comes back as it was",
    async run() {
      const metadata = { $set: { _id: 1 }, when: new Date(0), none: undefined };
      const { cortex, client } = record({}, ({ args }) => ({
        memoryId: "m",
        metadataJson: args.metadataJson,
      }));
      const stored = await cortex.vector.store(
        "s",
        note({ metadata: { importance: 1, tags: [], ...metadata } }),
      );
      const plain = { $set: { _id: 1 }, when: "1970-01-01T00:00:00.000Z" };
      const { args } = client.only();
      assertEquals(args.metadataJson, JSON.stringify(plain));
      assertEquals("metadata" in args, false);
      assertEquals(stored as object, { memoryId: "m", metadata: plain });
    },
  },
];
