/** Mistakes of callers and backends. Over a recording client; none needs a backend. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ClientError } from "../../errors.ts";
import type { RememberParams } from "../../cortex/types/memory.ts";
import {
  assertCode,
  emptyAnswer,
  exchange,
  note,
  record,
  rejectionOf,
  silent,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

const later = () =>
  new Promise<null>((resolve) => setTimeout(resolve, 1, null));

/** Arguments with names that the types lack. */
const more = (...names: string[]): Record<never, never> =>
  Object.fromEntries(names.map((name) => [name, "x"]));

async function collected(lines: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const line of lines) text += line;
  return text;
}

/** Cases of arguments that change, lie or are missing, and of invalid answers. */
export const facadeInputContract: ContractCase<void>[] = [
  {
    name:
      "a name that is almost an argument's is refused, others are passed over",
    async run() {
      const { cortex, client } = record({}, emptyAnswer);
      const { memory, users } = cortex;
      const at = { memorySpaceId: "space" };
      const refused: [string, () => Promise<unknown>][] = [
        [
          "userID",
          () => memory.recall({ ...at, query: "a", ...more("userID") }),
        ],
        ["userids", () => memory.search("space", "a", more("userids"))],
        ["UserId", () => memory.deleteMany({ ...at, ...more("UserId") })],
        ["uesrId", () => cortex.conversations.deleteMany(more("uesrId"))],
        ["user", () => cortex.conversations.deleteMany(more("user"))],
        ["agentID", () => {
          const { agentId: _, ...rest } = exchange(more("agentID"));
          return memory.remember(rest as typeof rest & { agentId: string });
        }],
        ["casade", () => users.delete("ada", more("casade"))],
        ["limits", () => users.list(more("limits"))],
        ["userI", () => collected(cortex.exportAll(more("userI")))],
        ["timeout", () => memory.get("space", "mem-1", more("timeout"))],
        ["timeout", () => memory.count(at, more("timeout"))],
        ["idempotency", () => memory.remember(exchange(), more("idempotency"))],
      ];
      for (const [name, call] of refused) {
        assertStringIncludes(
          (await rejectionOf(call)).message,
          `unknown ${name}: did you mean`,
        );
      }
      const asked = client.calls.length;
      assertEquals(asked, 0);
      await assertCode(
        () => users.get("ada", "soon" as never),
        "INVALID_ARGUMENT",
      );
      await assertCode(
        () => collected(cortex.exportAll(more("userId"))),
        "INVALID_ARGUMENT",
      );
      const key = more("idempotencyKey");
      for (
        const call of [
          () => memory.remember(exchange(key)),
          () => memory.store("space", note(key)),
          () => cortex.vector.store("space", note(key)),
          () =>
            cortex.conversations.create({
              ...at,
              type: "user-agent",
              participants: { userId: "ada", agentId: "bot" },
              ...key,
            }),
          () =>
            cortex.facts.store({
              ...at,
              fact: "Ada likes tea",
              factType: "preference",
              confidence: 90,
              sourceType: "manual",
              ...key,
            }),
          () =>
            cortex.immutable.store({ type: "note", id: "1", data: {}, ...key }),
        ]
      ) {
        assertStringIncludes(
          (await rejectionOf(call)).message,
          "last argument",
        );
      }
      for (const name of ["signal", "timeoutMs", "idempotencyKey", "dryRun"]) {
        const ofAda = { userId: "ada", ...more(name) };
        for (
          const call of [
            () => cortex.conversations.deleteMany(ofAda),
            () => memory.deleteMany({ ...at, ...ofAda }),
            () => cortex.vector.deleteMany({ ...at, ...ofAda }),
            () => cortex.facts.deleteMany({ ...at, ...ofAda }),
            () => users.deleteMany(more(name)),
            () => cortex.agents.unregisterMany(more(name)),
          ]
        ) {
          assertStringIncludes(
            (await rejectionOf(call)).message,
            `${name} must be in the options, the last argument`,
          );
        }
      }
      assertEquals(client.calls.length, 0);
      await memory.recall({
        ...at,
        query: "a",
        userId: "ada",
        ...more("mood", "user", "fact"),
      });
      await memory.count(at, more("traceId"));
      const metadata = {
        importance: 5,
        tags: [],
        ...more("tag", "Importance"),
      };
      await cortex.vector.store("space", note({ metadata }));
      assertEquals(client.calls.length, 3);
    },
  },
  {
    name: "a dryRun of a method that has none changes nothing",
    async run() {
      const { cortex, client } = record({}, () => ({ deleted: 0 }));
      const dry: object = more("dryRun");
      const at = { memorySpaceId: "space", userId: "ada" };
      for (
        const call of [
          () => cortex.memory.deleteMany(at, dry),
          () => cortex.memory.delete("space", "mem-1", dry),
          () => cortex.memory.forget("space", "mem-1", dry),
          () => cortex.vector.deleteMany(at, dry),
          () => cortex.facts.deleteMany(at, dry),
          () => cortex.conversations.delete("conv-1", dry),
          () => cortex.immutable.purge("note", "1", dry),
          () => cortex.memory.remember(exchange(), dry),
        ]
      ) await assertCode(call, "INVALID_ARGUMENT");
      assertEquals(client.calls.length, 0);
      await cortex.facts.deleteMany(at, { dryRun: false } as object);
      assertEquals(client.calls.length, 1);
    },
  },
  {
    name: "what changes in the arguments after the call is not seen",
    async run() {
      const { cortex, client } = record(
        {},
        (call) =>
          call.name.endsWith(":store") ? { ...call.args } : emptyAnswer(call),
      );
      const tags = { remember: ["one"], store: ["home"] };
      const params = exchange({ tags: tags.remember, extractFacts: later });
      const input = note({
        memoryId: "mem-1",
        metadata: { importance: 80, tags: tags.store },
        extractFacts: async () => {
          await later();
          return [{ fact: "a", factType: "custom", confidence: 50 }];
        },
      });
      const question = { memorySpaceId: "space", query: "key", tags: ["one"] };
      const done = Promise.all([
        cortex.memory.remember(params),
        cortex.memory.store("space", input),
        cortex.memory.recall(question),
      ]);
      Object.assign(params, { userMessage: 5, memorySpaceId: "other" });
      tags.remember.push("two");
      Object.assign(input, { content: 5, memoryId: "mem-2" });
      tags.store.push("two");
      Object.assign(question, { memorySpaceId: 5 });
      question.tags.push("two");
      await done;
      const argsOf = (wanted: string) =>
        client.calls.find(({ name }) => name === wanted)!.args;
      const remembered = argsOf("memory:remember");
      assertEquals(remembered.memorySpaceId, "space");
      assertEquals(remembered.tags, ["one"]);
      assertEquals(
        (remembered.userMessage as { content: string }).content,
        exchange().userMessage,
      );
      assertEquals(argsOf("facts:store").tags, note().metadata.tags);
      assertEquals(argsOf("memories:store").memoryId, "mem-1");
      assertEquals(argsOf("memory:recall").memorySpaceId, "space");
      assertEquals(argsOf("memory:recall").tags, ["one"]);
    },
  },
  {
    name: "recall() with an embedder asks what was given at the call",
    async run() {
      const { cortex, client } = record({
        embedder: async (texts) => {
          await later();
          return texts.map(() => [1]);
        },
      });
      const question = { memorySpaceId: "space", query: "key", tags: ["one"] };
      const done = cortex.memory.recall(question);
      Object.assign(question, { memorySpaceId: 5, limit: "many" });
      question.tags.push("two");
      await done;
      const { args } = client.only();
      assertEquals([args.memorySpaceId, args.limit], ["space", 20]);
      assertEquals(args.tags, ["one"]);
    },
  },
  {
    name: "each argument is read once, and what was checked is what is sent",
    async run() {
      const { cortex, client } = record();
      let reads = 0;
      const params = Object.defineProperty(exchange(), "userMessage", {
        enumerable: true,
        get: () => reads++ === 0 ? "A question" : 5,
      }) as RememberParams;
      await cortex.memory.remember(params);
      const { userMessage } = client.only().args;
      assertEquals((userMessage as { content: unknown }).content, "A question");
      const boom = new RangeError("boom");
      const throwing = Object.defineProperty(exchange(), "tags", {
        enumerable: true,
        get: () => {
          throw boom;
        },
      });
      assertEquals(
        await rejectionOf(() => cortex.memory.remember(throwing)),
        boom as Error,
      );
      assertEquals(client.calls.length, 1);
    },
  },
  {
    name: "frozen arguments and arguments without a prototype are taken",
    async run() {
      const { cortex, client } = record();
      await cortex.memory.remember(
        Object.freeze(exchange({ tags: Object.freeze(["a"]) as string[] })),
      );
      await cortex.memory.remember(
        Object.assign(Object.create(null), exchange()),
      );
      assertEquals(client.calls.length, 2);
    },
  },
  {
    name: "null in place of options means none",
    async run() {
      const { cortex } = record();
      const none = null as unknown as undefined;
      await cortex.memory.remember(exchange(), none);
      await cortex.memory.recall({ memorySpaceId: "s", query: "q" }, none);
      await cortex.memory.search("s", "q", none);
      await cortex.memory.get("s", "m", none);
      await cortex.vector.search("s", "q", none);
      await cortex.conversations.get("c", none);
      // The answers do not matter: if something was sent, the arguments were accepted.
      const { cortex: other, client } = record({}, () => {
        throw new Error("sent");
      });
      const fact = {
        memorySpaceId: "s",
        fact: "f",
        factType: "custom",
        confidence: 1,
        sourceType: "manual",
      } as const;
      for (
        const call of [
          () => other.facts.search("s", "q", none),
          () => other.facts.storeWithDedup(fact, none),
          () => other.conversations.list(none, none),
          () => other.immutable.list(none),
          () => other.immutable.count(none),
          () => other.memorySpaces.list(none),
          () => other.memorySpaces.count(none),
          () => other.memorySpaces.getStats("s", none),
          () => other.memorySpaces.search("q", none),
          () => other.memorySpaces.archive("s", none),
          () => other.agents.list(none),
          () => other.agents.count(none),
          () => other.agents.unregister("a", none),
          () => other.agents.unregisterMany({}, none),
          () => other.agents.export({ format: "json", filters: none }),
        ]
      ) assertEquals((await rejectionOf(call)).message, "sent");
      assertEquals(client.calls.length, 15);
    },
  },
  {
    name: "timeoutMs must be a number over 0, and a time one that a Date holds",
    async run() {
      const { cortex, client } = record();
      for (const timeoutMs of ["5", 0, -1, NaN, {}, null]) {
        const options = { timeoutMs: timeoutMs as number };
        await assertCode(
          () => cortex.memory.remember(exchange(), options),
          "INVALID_ARGUMENT",
        );
      }
      for (const timestamp of [8.64e15 + 1, Number.MAX_VALUE, NaN, -1]) {
        await assertCode(
          () => cortex.memory.remember(exchange({ timestamp })),
          "INVALID_TIMESTAMP",
        );
      }
      assertEquals(client.calls, []);
      await cortex.memory.remember(exchange({ timestamp: 8.64e15 }));
    },
  },
  {
    name:
      "an extracted fact with half a character is refused, the others are kept",
    async run() {
      const { cortex, client } = record({ logger: silent });
      const fact = { factType: "custom" as const, confidence: 50 };
      const { refusedFacts } = await cortex.memory.remember(exchange({
        extractFacts: () =>
          Promise.resolve([
            { ...fact, fact: "Ada likes \ud83d" },
            { ...fact, fact: "Ada owns a cat", object: "\udc08" },
            { ...fact, fact: "Ada likes \ud83d\udc08" },
          ]),
      }));
      assertEquals(refusedFacts?.map(({ code }) => code), [
        "INVALID_FORMAT",
        "INVALID_FORMAT",
      ]);
      assertEquals((client.only().args.facts as unknown[]).length, 1);
    },
  },
  {
    name: "an answer that is not of Cortex's backend is BAD_RESPONSE",
    async run() {
      for (const answer of [undefined, null, 5, "<html>", {}, { items: 5 }]) {
        const { cortex } = record({}, () => answer);
        for (
          const call of [
            () => cortex.memory.remember(exchange()),
            () => cortex.memory.recall({ memorySpaceId: "s", query: "q" }),
          ]
        ) {
          const error = await rejectionOf(call);
          assert(error instanceof ClientError, `${error}`);
          assertEquals(error.code, "BAD_RESPONSE");
          assertStringIncludes(error.message, "memory:re");
        }
      }
    },
  },
  {
    name:
      "close() does not wait for callbacks: their calls reject, and nothing of them is sent",
    async run() {
      const { cortex, client } = record();
      let extracted = (_: null) => {};
      const waiting = cortex.memory.remember(exchange({
        extractFacts: () => new Promise((resolve) => extracted = resolve),
      }));
      const sent = cortex.memory.remember(exchange({ conversationId: "c-2" }));
      await cortex.close();
      extracted(null);
      await assertCode(() => waiting, "CLIENT_CLOSED");
      assertEquals((await sent).memories.length, 2);
      assertEquals(client.calls.length, 1);
    },
  },
  {
    name: "forget() of a backend that does not say whether it is done ends",
    async run() {
      const { cortex, client } = record({}, () => ({
        messagesDeleted: 0,
        factIds: [],
      }));
      await cortex.memory.forget("space", "mem-1");
      assertEquals(client.calls.length, 1);
    },
  },
];
