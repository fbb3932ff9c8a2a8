/** Calls that are all or nothing, of as much as one transaction may read or write, and more. */
import { assertEquals, assertRejects } from "@std/assert";
import { inlineTest } from "../support/inline_cortex.ts";

const SPACE = "space";
const LARGE = "x".repeat(900_000);
const TEXT = LARGE.slice(0, 300_000);

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

async function assertTooLarge(
  call: () => Promise<unknown>,
  message: RegExp,
): Promise<void> {
  const error = await assertRejects(call, Error);
  assertEquals((error as { code?: string }).code, "LIMIT_EXCEEDED");
  if (!message.test(error.message)) assertEquals(error.message, `${message}`);
}

const known = (at: number) => ({
  memorySpaceId: SPACE,
  fact: `${at} ${TEXT}`,
  factType: "knowledge" as const,
  confidence: 80,
  sourceType: "manual" as const,
});

const found = (at: number, text = "") => ({
  fact: `Shelf ${at} holds tea ${text}`,
  factType: "knowledge" as const,
  subject: `shelf ${at}`,
  predicate: "holds",
  object: "tea",
  confidence: 80,
});

const exchange = (name: string) => ({
  memorySpaceId: SPACE,
  conversationId: "conv",
  userId: "ann",
  userName: "Ann",
  agentId: "bot",
  userMessage: `Where is the tea of ${name}?`,
  agentResponse: "On the shelves.",
});

inlineTest(
  "users.updateMany() says how many profiles it can change at once, and changes none",
  async ({ users }) => {
    const ids = upTo(20).map((at) => `user-${at}`);
    for (const id of ids) await users.update(id, { LARGE });
    const data = { plan: "pro" };
    for (const options of [{}, { skipVersioning: true }]) {
      await assertTooLarge(
        () => users.updateMany(ids, { data }, options),
        /: userIds has 20 items, of which 8 fit into one transaction: give fewer \(bytes read: at most 16777216\)$/,
      );
    }
    assertEquals((await users.get("user-0"))?.data.plan, undefined);
    const { updated } = await users.updateMany(ids.slice(0, 8), { data });
    assertEquals(updated, 8);
  },
);

inlineTest(
  "facts.consolidate() says how many facts it can consolidate at once, and consolidates none",
  async ({ facts }) => {
    const factIds: string[] = [];
    for (const at of upTo(40)) {
      factIds.push((await facts.store(known(at))).factId);
    }
    const [keepFactId = ""] = factIds;
    const of = { memorySpaceId: SPACE, keepFactId };
    for (const count of [40, 20]) {
      await assertTooLarge(
        () => facts.consolidate({ ...of, factIds: factIds.slice(0, count) }),
        RegExp(`: factIds has ${count} items, of which 1\\d fit into one`),
      );
    }
    assertEquals(await facts.count({ memorySpaceId: SPACE }), 40);
  },
);

inlineTest(
  "mutable.transaction() says how many operations fit, and runs none",
  async ({ mutable }) => {
    const namespace = "n";
    const keys = upTo(20).map((at) => `key-${at}`);
    const [key = ""] = keys;
    for (const key of keys) await mutable.set(namespace, key, LARGE);
    await assertTooLarge(
      () =>
        mutable.transaction(
          keys.map((key) => ({ op: "delete", namespace, key })),
        ),
      /: operations has 20 items, of which \d+ fit into one transaction: give fewer \(bytes read: /,
    );
    await assertTooLarge(
      () =>
        mutable.transaction(
          keys.slice(8)
            .map(() => ({ op: "update", namespace, key, value: LARGE })),
        ),
      /: operations has 12 items, of which \d+ fit into/,
    );
    assertEquals(await mutable.count({ namespace }), 20);
  },
);

inlineTest(
  "memory.update() says how many facts it can store at once, and changes nothing",
  async ({ memory, facts }) => {
    const { memories: [made] } = await memory.remember(exchange("Ann"));
    await assertTooLarge(
      () =>
        memory.update(SPACE, made!.memoryId, {
          content: "Tea is on every shelf",
        }, {
          reextractFacts: true,
          extractFacts: () =>
            Promise.resolve(upTo(30).map((at) => found(at, TEXT))),
        }),
      /: facts has 30 items, of which \d+ fit into one transaction: give fewer \(bytes written: /,
    );
    assertEquals(
      (await memory.get(SPACE, made!.memoryId) as { version: number }).version,
      1,
    );
    assertEquals(await facts.count({ memorySpaceId: SPACE }), 0);
  },
);

inlineTest(
  "memory.remember() says how many facts fit, with their kept result, and remembers nothing",
  async (cortex) => {
    const { memory } = cortex;
    const remember = (count: number, idempotencyKey?: string) =>
      memory.remember({
        ...exchange("Ann"),
        extractFacts: () =>
          Promise.resolve(upTo(count).map((at) => found(at, TEXT))),
      }, { idempotencyKey });
    await assertTooLarge(
      () => remember(30),
      /: facts has 30 items, of which \d+ fit into one transaction: give fewer/,
    );
    await assertTooLarge(
      () => remember(20, "key"),
      /: what memory:remember wrote, and its result of \d+ characters, which is kept for the idempotencyKey "key", do not fit into one transaction \(bytes written: /,
    );
    assertEquals(await cortex.conversations.count(), 0);
  },
);
