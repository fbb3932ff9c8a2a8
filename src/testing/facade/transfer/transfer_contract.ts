/** Exports and imports of everything. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { RecallItem } from "../../../cortex/types/recall.ts";
import type { TransferProgress } from "../../../cortex/types/transfer.ts";
import type { MemoryEntry } from "../../../cortex/types/vector.ts";
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

async function gathered(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

const WITH_ALL = {
  format: "json",
  includeVersionHistory: true,
  includeConversations: true,
  includeMemories: true,
  filters: { sortBy: "updatedAt" },
} as const;

/** The output of `users.export` without row ids, which differ between backends. */
function withoutIds(text: string): unknown {
  return JSON.parse(
    text,
    (name, value) => name === "_id" ? undefined : value,
  );
}

const isRow = (line: string) => line.startsWith('{"table"');

/** Rows sorted by their text, because backends return them in different orders. */
async function rowsOf(cortex: Cortex): Promise<string[]> {
  return (await gathered(cortex.exportAll())).filter(isRow).sort();
}

async function fill(cortex: Cortex): Promise<void> {
  await cortex.memory.remember(exchange({
    extractFacts: () =>
      Promise.resolve([{
        fact: "Ada owns a printer.",
        factType: "knowledge",
        confidence: 90,
        subject: "ada",
      }]),
  }));
  await cortex.memory.store("space", note({ embedding: [0.6, 0.8] }));
  await cortex.users.update("ada", { displayName: "Ada", $odd: { "é": 1 } });
  await cortex.users.update("ada", { displayName: "Ada L." });
  await cortex.mutable.set("stock", "pens", [12, null, "é\u{1F600}"]);
  await cortex.agents.register({ id: "scribe", name: "Scribe" });
}

/** Cuts a text into pieces of UTF-8, also within characters. */
function* pieces(text: string, length: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += length) {
    yield bytes.subarray(at, at + length);
  }
}

/** Cases that need a place where a `Cortex` runs. */
export const transferContract: ContractCase<FacadeSubject>[] = [
  {
    name: "what exportAll() yields is all there after importAll() elsewhere",
    async run(subject) {
      await using small = subject.open();
      await using large = subject.open();
      await fill(small);
      const told: TransferProgress[] = [];
      const { imported, skipped, tables, complete } = await large.importAll(
        small.exportAll(),
        { onProgress: (progress) => told.push(progress) },
      );
      const rows = await rowsOf(small);
      assertEquals([imported, skipped, complete], [rows.length, 0, true]);
      assertEquals(tables.memories, 3);
      assertEquals(told.at(-1), { processed: imported, done: true });
      assertEquals(await rowsOf(large), rows);
      const question = { memorySpaceId: "space", query: "Which printer?" };
      const [there, here] = await Promise.all(
        [large, small].map((cortex) => cortex.memory.recall(question)),
      );
      // The time of a question affects scores a little, so nearly equal items may swap.
      const scores = (items: RecallItem[]) =>
        items.map(({ content, score }) => `${content} ${score.toFixed(4)}`)
          .sort();
      assertEquals(scores(there!.items), scores(here!.items));
      assertEquals(
        await large.users.getHistory("ada"),
        await small.users.getHistory("ada"),
      );
      assertEquals(await large.users.get("ada"), await small.users.get("ada"));
      assertEquals(
        await large.memorySpaces.getStats("space"),
        await small.memorySpaces.getStats("space"),
      );
      const goesOn = await large.memory.remember(exchange({
        userMessage: "And its toner?",
      }));
      assertEquals(goesOn.conversation.conversationId, "conv-1");
    },
  },
  {
    name:
      "importAll() reads text in pieces of any length, and a second time changes nothing",
    async run(subject) {
      await using small = subject.open();
      await using large = subject.open();
      await fill(small);
      const text = (await gathered(small.exportAll())).join("");
      await large.importAll(pieces(text, 7));
      const rows = await rowsOf(large);
      assertEquals(rows, await rowsOf(small));
      const bytes = new TextEncoder().encode(text);
      const spaced = [text.replaceAll("\n", "\r\n\r\n")];
      for (const source of [text, bytes, spaced]) {
        const again = await large.importAll(source);
        assertEquals(again, {
          imported: 0,
          skipped: rows.length,
          conflicting: 0,
          conflicts: [],
          tables: {},
          complete: true,
        });
      }
      assertEquals(await rowsOf(large), rows);
      const half = text.slice(0, text.lastIndexOf("{"));
      assertEquals((await large.importAll(half)).complete, false);
    },
  },
  {
    name: "an export that is given up continues after its last checkpoint",
    async run(subject) {
      await using small = subject.open();
      await using large = subject.open();
      const rows = 1100;
      const numbers = Array.from({ length: rows }, (_, at) => at);
      for (let at = 0; at < rows; at += 400) {
        await small.mutable.transaction(
          numbers.slice(at, at + 400).map((value) => ({
            op: "set",
            namespace: "stock",
            key: `k-${value}`,
            value,
          })),
        );
      }
      const given = new AbortController();
      let from: string | undefined;
      const rejected = await rejectionOf(() =>
        large.importAll(small.exportAll({ signal: given.signal }), {
          onProgress({ checkpoint }) {
            from = checkpoint;
            if (from !== undefined) given.abort(new RangeError("enough"));
          },
        })
      );
      assertEquals(rejected.message, "enough");
      const before = await large.mutable.count({ namespace: "stock" });
      assert(from !== undefined && before > 0 && before < rows);
      const rest = await large.importAll(small.exportAll({ from }));
      assertEquals(rest.complete, true);
      assertEquals(before + rest.imported, rows, "the rest alone");
      assertEquals(await rowsOf(large), await rowsOf(small));
    },
  },
  tenantsCase(
    "rows go to the tenant that imports them, and only a tenant's own are exported",
    async (one, two) => {
      await fill(one);
      assertEquals(await rowsOf(two), []);
      await two.importAll(one.exportAll());
      assertEquals(await rowsOf(two), await rowsOf(one));
      assertEquals(
        (await two.conversations.get("conv-1"))?.tenantId,
        "b",
      );
    },
  ),
  cortexCase(
    "users.exportAll() is all that is held on a user, and brings it back after an erasure",
    async (cortex) => {
      await fill(cortex);
      await cortex.memory.remember(
        exchange({ userId: "bob", userName: "Bob", conversationId: "conv-2" }),
      );
      // Ada speaks in a conversation of Bob.
      await cortex.memory.remember(exchange({ conversationId: "conv-2" }));
      const spoken = async () => {
        const bobs = (await cortex.conversations.get("conv-2"))!;
        assertEquals(bobs.messages.length, bobs.messageCount);
        return bobs.messageCount;
      };
      const before = (await rowsOf(cortex)).length;
      const bundle = await gathered(cortex.users.exportAll("ada"));
      const { totalDeleted } = await cortex.users.delete("ada", {
        cascade: true,
      });
      assert(totalDeleted > 5);
      assertEquals(await spoken(), 2);
      assertEquals(
        (await gathered(cortex.users.exportAll("ada"))).filter(isRow),
        [],
      );
      const { imported } = await cortex.users.importAll(bundle);
      assertEquals(imported, bundle.filter(isRow).length);
      // The record of the erasure stays.
      assertEquals((await rowsOf(cortex)).length, before + 1);
      assertEquals((await cortex.users.get("ada"))?.version, 3);
      assertEquals(
        (await cortex.conversations.get("conv-1"))?.messages.length,
        2,
      );
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 1);
      assertEquals(await spoken(), 4);
      await cortex.users.delete("ada", { cascade: true });
      assertEquals(await spoken(), 2);
    },
  ),
  cortexCase(
    "users.export() with everything it includes comes back through importAll(), also after an erasure",
    async (cortex, subject) => {
      await using other = subject.open();
      await fill(cortex);
      await cortex.users.update("bob", { exact: 9_007_199_254_740_993n });
      const mine = { ...note({ embedding: [0.6, 0.8] }), userId: "ada" };
      const { memoryId } = await cortex.vector.store("other", {
        ...mine,
        metadata: { ...mine.metadata, $odd: [1] },
        mutableRef: {
          namespace: "stock",
          key: "pens",
          snapshotValue: { $odd: 1 },
          snapshotAt: 5,
        },
      });
      await cortex.vector.update("other", memoryId, {
        content: "A pot",
        embedding: [0, 1],
      });
      await cortex.vector.archive("other", memoryId);
      const text = await cortex.users.export(WITH_ALL);
      const [ada] =
        (JSON.parse(text) as { id: string; memories: MemoryEntry[] }[])
          .filter(({ id }) => id === "ada");
      const told = ada?.memories.find((memory) => memory.memoryId === memoryId);
      assertEquals(
        told?.previousVersions.map(({ content }) => content),
        [mine.content],
      );
      assertEquals(text.includes('"embedding"'), false);
      await cortex.users.delete("ada", { cascade: true });
      for (const place of [cortex, other]) {
        const { skipped, complete } = await place.users.importAll(text);
        // In the original place, Bob still exists.
        assertEquals([skipped > 0, complete], [place === cortex, true]);
        assertEquals(
          withoutIds(await place.users.export(WITH_ALL)),
          withoutIds(text),
        );
        assertEquals(
          await place.users.getVersion("bob", 1),
          await cortex.users.getVersion("bob", 1),
        );
        const question = { memorySpaceId: "other", query: "pot" };
        assertEquals((await place.memory.recall(question)).items, []);
        const { memory } = await place.memory.restoreFromArchive(
          "other",
          memoryId,
        );
        assertEquals([memory.version, memory.content], [2, "A pot"]);
        const { items } = await place.memory.recall(question);
        assertEquals(items.map(({ id }) => id), [memoryId]);
        for (const same of [pieces(text, 999), `\uFEFF\r\n\n${text}`]) {
          assertEquals((await place.importAll(same)).imported, 0);
        }
        const { verification } = await place.users.delete("ada", {
          cascade: true,
        });
        assertEquals(verification, { complete: true, issues: [] });
        assertEquals(await place.vector.count({ memorySpaceId: "other" }), 0);
      }
    },
  ),
  cortexCase(
    "an export of users that was written by hand is refused, and says why",
    async (cortex) => {
      const bad: [string, string, string][] = [
        ["[{", "INVALID_ARGUMENT", "it is not JSON"],
        ["[5]", "INVALID_ARGUMENT", "it has no list of objects"],
        ['[{"memories":5}]', "INVALID_ARGUMENT", "user 1 has no list"],
        ["[{}]", "INVALID_LINE", "does not fit the table immutable"],
        [
          '[{"id":"a","data":{},"version":1,"createdAt":"x","updatedAt":1}]',
          "INVALID_LINE",
          "line 1 ",
        ],
      ];
      for (const [source, code, words] of bad) {
        const error = await rejectionOf(() => cortex.users.importAll(source));
        assertEquals(error.code, code, source);
        assertStringIncludes(error.message, words);
      }
      assertEquals(await cortex.users.count(), 0);
      assertEquals((await cortex.users.importAll("[]")).complete, true);
    },
  ),
  {
    name:
      "lines that no export wrote are refused by number; those before are kept",
    async run(subject) {
      await using small = subject.open();
      await using large = subject.open();
      await small.mutable.set("stock", "pens", 1);
      await small.mutable.set("stock", "pins", 2);
      const [head, first, second] = await gathered(small.exportAll());
      const odd = second!.replace('"namespace"', '"namespase"');
      const oddly = [head!, "\n", `  ${first}`, odd];
      const wrongRow = await rejectionOf(() => large.importAll(oddly));
      assertEquals(wrongRow.code, "INVALID_LINE");
      assertStringIncludes(wrongRow.message, "line 4 ");
      assertEquals((await rowsOf(large)).length, 1);
      for (
        const line of ["zebra", "[]", "{}", '{"cortex":"export","version":2}']
      ) {
        const wrong = await rejectionOf(() => large.importAll([head!, line]));
        assertEquals(wrong.code, "INVALID_ARGUMENT", line);
        assertStringIncludes(wrong.message, "line 2 ");
      }
      const bare = large.importAll([head!.trimEnd(), first!]);
      const { message } = await rejectionOf(() => bare);
      assertStringIncludes(message, "the line ends are missing");
    },
  },
];

/** Cases that need no backend. */
export const transferRefusals: ContractCase<void>[] = [
  {
    name:
      "users.exportAll() refuses what is no user id before anything is sent",
    async run() {
      const { cortex, client } = record();
      await assertCode(
        () => gathered(cortex.users.exportAll(7 as never)),
        "INVALID_USER_ID_FORMAT",
      );
      assertEquals(client.calls.length, 0);
    },
  },
  {
    name: "importAll() refuses what holds no text",
    async run() {
      const { cortex, client } = record();
      for (const source of [null, 7, {}, [5], [null], [{}]]) {
        const error = await rejectionOf(() =>
          cortex.importAll(source as never)
        );
        assertEquals(error.code, "INVALID_ARGUMENT");
        assertStringIncludes(error.message, "must be text or UTF-8");
      }
      const latin = Uint8Array.of(91, 0xe9, 93);
      await assertCode(() => cortex.importAll(latin), "INVALID_ARGUMENT");
      await assertCode(
        () => cortex.importAll([], { onProgress: 5 as never }),
        "INVALID_ARGUMENT",
      );
      assertEquals(client.calls.length, 0);
    },
  },
  {
    name: "exportAll() and importAll() refuse a timeoutMs that is no time",
    async run() {
      const { cortex, client } = record();
      for (const timeoutMs of ["5", 0, -1, NaN, null] as never[]) {
        const calls = [
          () => gathered(cortex.exportAll({ timeoutMs })),
          () => gathered(cortex.users.exportAll("ada", { timeoutMs })),
          () => cortex.importAll("", { timeoutMs }),
          () => cortex.users.importAll("[]", { timeoutMs }),
        ];
        for (const call of calls) await assertCode(call, "INVALID_ARGUMENT");
      }
      assertEquals(client.calls.length, 0);
    },
  },
];
