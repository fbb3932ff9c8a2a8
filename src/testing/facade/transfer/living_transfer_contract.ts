/** Exports of data that changes meanwhile, and imports into data that has changed since. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { Conversation } from "../../../cortex/types/conversations.ts";
import type { StoreFactParams } from "../../../cortex/types/fact_params.ts";
import { cortexCase, type FacadeSubject, note } from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const memorySpaceId = "space";
const WITH_CONVERSATIONS = {
  format: "json",
  includeConversations: true,
} as const;
/** Seven of these are more than one part of an export. */
const LARGE = "x".repeat(700_000);
const NUMBERS = [1, 2, 3, 4, 5, 6, 7];

/** Exports, and calls something after the first part. */
async function exported(
  cortex: Cortex,
  meanwhile?: () => Promise<unknown>,
): Promise<string> {
  let text = "";
  let happens = meanwhile;
  for await (const line of cortex.exportAll()) {
    text += line;
    if (happens === undefined || !line.startsWith('{"checkpoint"')) continue;
    await happens();
    happens = undefined;
  }
  assertEquals(happens, undefined, "it happened between two parts");
  return text;
}

async function say(
  { conversations }: Cortex,
  conversationId: string,
  contents: readonly string[],
): Promise<void> {
  await Promise.all(contents.map((content) =>
    conversations.addMessage({
      conversationId,
      message: { role: "user", content },
    })
  ));
}

async function begin(
  cortex: Cortex,
  conversationId: string,
  userId: string,
  contents: readonly string[],
): Promise<void> {
  await cortex.conversations.create({
    conversationId,
    memorySpaceId,
    type: "user-agent",
    participants: { userId, agentId: "helper" },
  });
  await say(cortex, conversationId, contents);
}

const textsOf = async ({ conversations }: Cortex, id: string) =>
  (await conversations.get(id))?.messages.map(({ content }) => content);

const factOf = (fact: string, metadata = {}): StoreFactParams => ({
  memorySpaceId,
  fact,
  factType: "knowledge",
  subject: "ada",
  confidence: 80,
  sourceType: "manual",
  metadata,
});

/** Exports and imports while others write. */
export const livingTransferContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "exportAll() keeps every conversation but that which is deleted while its messages are read",
    async (cortex, subject) => {
      await using copy = subject.open();
      await begin(cortex, "first", "ada", NUMBERS.map(() => LARGE));
      await begin(cortex, "second", "bob", ["a", "b", "c"]);
      await copy.importAll(
        await exported(cortex, () => cortex.conversations.delete("first")),
      );
      assertEquals(await textsOf(copy, "second"), ["a", "b", "c"]);
    },
  ),
  cortexCase(
    "users.export() gives no user what is another's when one is deleted while it is read",
    async (cortex) => {
      for (const userId of ["bob", "ada"]) {
        await cortex.users.update(userId, { displayName: userId });
        const contents = NUMBERS.map((at) => `${userId} ${at} ${LARGE}`);
        await begin(cortex, `of ${userId}`, userId, contents);
      }
      let deleted: Promise<unknown> | undefined;
      const text = await cortex.users.export({
        format: "json",
        filters: { sortBy: "createdAt", sortOrder: "desc" },
        includeConversations: true,
      }, {
        onProgress() {
          deleted ??= cortex.users.delete("ada");
        },
      });
      await deleted;
      const users: { id: string; conversations: Conversation[] }[] = JSON
        .parse(text);
      for (const { id, conversations } of users) {
        for (const { conversationId, messages } of conversations) {
          assertEquals(conversationId, `of ${id}`);
          assert(
            messages.every(({ content }) => content.startsWith(id)),
          );
        }
      }
      const bob = users.find(({ id }) => id === "bob");
      assertEquals(bob?.conversations[0]?.messages.length, 7);
    },
  ),
  cortexCase(
    "users.export() by time of update tells each user once, whoever is updated while it is read",
    async (cortex) => {
      const ids = NUMBERS.map((at) => `user-${at}`);
      for (const id of ids) await cortex.users.update(id, { LARGE });
      for (const sortOrder of ["asc", "desc"] as const) {
        let updated: Promise<unknown> | undefined;
        const text = await cortex.users.export({
          format: "json",
          filters: { sortBy: "updatedAt", sortOrder },
        }, {
          onProgress() {
            updated ??= Promise.all(
              [ids[0]!, ids[6]!].map((id) =>
                cortex.users.update(id, { sortOrder })
              ),
            );
          },
        });
        await updated;
        const users: { id: string; updatedAt: number }[] = JSON.parse(text);
        assertEquals(users.map(({ id }) => id).sort(), ids);
        const times = users.map(({ updatedAt }) => updatedAt);
        const sorted = times.toSorted((a, b) => a - b);
        if (sortOrder === "desc") sorted.reverse();
        assertEquals(times, sorted);
      }
    },
  ),
  cortexCase(
    "exportAll() tells no version twice of a record that is stored again while its versions are read",
    async (cortex, subject) => {
      await using copy = subject.open();
      const store = (at: number) =>
        cortex.immutable.store({ type: "log", id: "one", data: { LARGE, at } });
      for (const at of NUMBERS) await store(at);
      await copy.importAll(await exported(cortex, () => store(8)));
      const history = await copy.immutable.getHistory("log", "one");
      assertEquals(history.map(({ version }) => version), NUMBERS);
    },
  ),
  cortexCase(
    "exportAll() of a fact that is superseded meanwhile brings one that stands, not two",
    async (cortex, subject) => {
      await using copy = subject.open();
      const berlin = await cortex.facts.store(factOf("Ada lives in Berlin"));
      for (const at of NUMBERS) {
        await cortex.facts.store(factOf(`Ada knows number ${at}`, { LARGE }));
      }
      const text = await exported(cortex, async () => {
        const lisbon = await cortex.facts.store(factOf("Ada lives in Lisbon"));
        await cortex.facts.supersede({
          memorySpaceId,
          oldFactId: berlin.factId,
          newFactId: lisbon.factId,
        });
      });
      await copy.importAll(text);
      const lives = await copy.facts.search(memorySpaceId, "lives");
      assertEquals(lives.map(({ fact }) => fact), ["Ada lives in Lisbon"]);
      assertEquals(await copy.facts.count({ memorySpaceId }), 8);
    },
  ),
  cortexCase(
    "importAll() of a later state keeps rows as they are, and gives them no versions of the later one",
    async (cortex, subject) => {
      await using copy = subject.open();
      const { memory: { memoryId } } = await cortex.memory.store(
        memorySpaceId,
        note({ content: "1" }),
      );
      await cortex.users.update("ada", { at: 1 });
      await copy.importAll(await exported(cortex));
      for (const at of [2, 3, 4]) {
        await cortex.memory.update(memorySpaceId, memoryId, {
          content: `${at}`,
        });
        await cortex.users.update("ada", { at });
      }
      await copy.importAll(await exported(cortex));
      const seen = async () => [
        (await copy.memory.getHistory(memorySpaceId, memoryId))
          .map(({ version, content }) => `${version}: ${content}`),
        (await copy.users.getHistory("ada"))
          .map(({ version, data }) => `${version}: ${data.at}`),
      ];
      assertEquals(await seen(), [["1: 1"], ["1: 1"]]);
      await copy.memory.update(memorySpaceId, memoryId, { content: "own" });
      await copy.users.update("ada", { at: "own" });
      const own = ["1: 1", "2: own"];
      assertEquals(await seen(), [own, own]);
    },
  ),
  cortexCase(
    "importAll() of a later state supersedes the facts that are superseded there",
    async (cortex, subject) => {
      await using copy = subject.open();
      const [one, two] = await Promise.all([
        cortex.facts.store(factOf("Ada lives in Berlin")),
        cortex.facts.store(factOf("Ada dwells in Berlin")),
      ]);
      await copy.importAll(await exported(cortex));
      const lisbon = await cortex.facts.update(memorySpaceId, one.factId, {
        fact: "Ada lives in Lisbon",
      });
      await cortex.facts.supersede({
        memorySpaceId,
        oldFactId: two.factId,
        newFactId: lisbon.factId,
      });
      await copy.importAll(await exported(cortex));
      const standing = await copy.facts.list({ memorySpaceId });
      assertEquals(standing.map(({ factId }) => factId), [lisbon.factId]);
      assertEquals(await copy.facts.count({ memorySpaceId }), 1);
      for (const { factId } of [one, two]) {
        const old = await copy.facts.get(memorySpaceId, factId);
        assertEquals(old?.supersededBy, lisbon.factId);
        assert(old?.validUntil !== undefined);
      }
    },
  ),
  cortexCase(
    "a conversation that an import made longer goes on at its end",
    async (cortex, subject) => {
      await using copy = subject.open();
      await begin(cortex, "talk", "ada", ["begin"]);
      await copy.importAll(await exported(cortex));
      await say(cortex, "talk", ["a", "b", "c"]);
      await copy.importAll(await exported(cortex));
      await say(copy, "talk", ["own", "last"]);
      assertEquals(
        await textsOf(copy, "talk"),
        ["begin", "a", "b", "c", "own", "last"],
      );
    },
  ),
  cortexCase(
    "importAll() puts messages after those that have taken their places",
    async (cortex, subject) => {
      await using copy = subject.open();
      await begin(cortex, "talk", "ada", ["begin"]);
      await copy.importAll(await exported(cortex));
      await say(cortex, "talk", ["a", "b", "c"]);
      await say(copy, "talk", ["own", "mine"]);
      await copy.importAll(await exported(cortex));
      const all = ["begin", "own", "mine", "a", "b", "c"];
      assertEquals(await textsOf(copy, "talk"), all);
      const paged: string[] = [];
      for (const offset of [0, 2, 4]) {
        const { messages } = await copy.conversations.getHistory("talk", {
          limit: 2,
          offset,
          sortOrder: "asc",
        });
        paged.push(...messages.map(({ content }) => content));
      }
      assertEquals(paged, all);
    },
  ),
  cortexCase(
    "importAll() gives what is here in another state no embedding of the one that it had there",
    async (cortex, subject) => {
      await using copy = subject.open();
      const { memory: { memoryId } } = await cortex.memory.store(
        memorySpaceId,
        note({ content: "old" }),
      );
      await copy.importAll(await exported(cortex));
      const embedding = [1, 0, 0];
      await cortex.vector.update(memorySpaceId, memoryId, {
        content: "new",
        embedding,
      });
      const { skipped } = await copy.importAll(await exported(cortex));
      // The memory, its version, its embedding.
      assertEquals(skipped, 3);
      const search = { embedding };
      const [there, here] = await Promise.all([cortex, copy].map(
        ({ vector }) => vector.search(memorySpaceId, "", search),
      ));
      assertEquals(there!.map(({ content }) => content), ["new"]);
      assertEquals(here, []);
    },
  ),
  cortexCase(
    "importAll() names what it leaves out although it is not here",
    async (cortex, subject) => {
      await using copy = subject.open();
      await cortex.mutable.set("stock", "pens", 1);
      await cortex.users.update("ada", { at: 1 });
      await copy.importAll(await exported(cortex));
      await copy.users.update("ada", { at: 2 });
      // A former version of a row here is nothing new, nor is data derived from messages.
      const none = await copy.importAll(await exported(cortex));
      assertEquals([none.conflicting, none.conflicts], [0, []]);
      await cortex.mutable.set("stock", "pens", 2);
      await begin(cortex, "talk", "ada", ["theirs"]);
      await begin(copy, "talk", "bob", ["own"]);
      const [message] = (await cortex.conversations.get("talk"))!.messages;
      const text = await exported(cortex);
      const lineOf = (table: string) =>
        text.split("\n").findIndex((line) =>
          line.startsWith(`{"table":"${table}"`)
        ) + 1;
      const result = await copy.importAll(text);
      assertEquals([result.imported, result.conflicting], [0, 3]);
      assertEquals(
        result.conflicts.map(({ line, table, key, reason }) => [
          ...[line, table, reason],
          key.key ?? key.id ?? key.conversationId,
        ]),
        [
          [lineOf("mutable"), "mutable", "differs", "pens"],
          [lineOf("conversations"), "conversations", "differs", "talk"],
          [lineOf("messages"), "messages", "owner", message!.id],
        ],
      );
      assertEquals(await textsOf(copy, "talk"), ["own"]);
      const bundle = await cortex.users.export(WITH_CONVERSATIONS);
      const shown = await copy.users.importAll(bundle);
      assertEquals(
        shown.conflicts.map(({ line, table, reason }) => [line, table, reason]),
        [[2, "conversations", "differs"], [3, "messages", "owner"]],
      );
    },
  ),
  cortexCase(
    "a profile that was changed without a new version is no conflict when it comes again as it was",
    async (cortex) => {
      const data = { plan: "pro" };
      await cortex.users.update("ada", data);
      const text = await exported(cortex);
      const skip = { skipVersioning: true };
      await cortex.users.updateMany(["ada"], { data }, skip);
      assertEquals((await cortex.importAll(text)).conflicts, []);
    },
  ),
  cortexCase(
    "-0, which a vector may hold, survives an export, and is no conflict when it comes again",
    async (cortex, subject) => {
      await using copy = subject.open();
      const minus = { type: "system", timestamp: -0 } as const;
      const stored = await cortex.vector.store(
        memorySpaceId,
        note({ userId: "ada", source: minus, embedding: [-0, 0.6, 0.8] }),
      );
      const text = await exported(cortex);
      for (const imported of [2, 0]) {
        const result = await copy.importAll(text);
        assertEquals([result.imported, result.conflicts], [imported, []]);
      }
      const { memoryId } = stored;
      const there = await copy.vector.get(memorySpaceId, memoryId);
      assert(Object.is(there?.embedding?.[0], -0));
      assertEquals(there?.sourceTimestamp, stored.sourceTimestamp);
      await cortex.users.delete("ada", { cascade: true });
      await cortex.importAll(copy.users.exportAll("ada"));
      assertEquals(await cortex.memory.count({ memorySpaceId }), 1);
    },
  ),
];
