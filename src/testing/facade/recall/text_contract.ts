/** Texts that are cut, quoted or long: they stay intact however they are found. */
import { assertEquals } from "@std/assert";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  note,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Texts of characters with two UTF-16 units, so that cutting by units leaves half a character. */
const shifted = (length: number) =>
  ["", "a"].map((first) => first + "🎉".repeat(length));

const TALK = {
  memorySpaceId: "space",
  type: "user-agent" as const,
  participants: { userId: "ada", agentId: "helper" },
};

/** Cases of texts. */
export const facadeTextContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "what is cut to be found is not cut inside of a character",
    async (cortex) => {
      for (const [at, text] of shifted(20_000).entries()) {
        const id = `id-${at}`;
        await cortex.users.update(id, { text });
        await cortex.memorySpaces.register({
          memorySpaceId: id,
          type: "team",
          metadata: { text },
        });
        await cortex.facts.store({
          memorySpaceId: "space",
          fact: text,
          factType: "custom",
          subject: text,
          confidence: 50,
          sourceType: "manual",
        });
        await cortex.vector.store("space", note({ content: text }));
        await assertCode(
          () => cortex.vector.delete("space", `mem-${text}`),
          "MEMORY_NOT_FOUND",
        );
      }
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 2);
      for (const text of shifted(30)) {
        const data = { text: `${text}needle${text}` };
        await cortex.immutable.store({ type: "note", id: text, data });
      }
      const found = await cortex.immutable.search({ query: "needle" });
      assertEquals(
        found.flatMap(({ highlights }) => highlights)
          .filter((text) => !text.isWellFormed() || !text.includes("needle")),
        [],
      );
      assertEquals(found.length, 2);
    },
  ),
  cortexCase(
    "memorySpaces.search() and immutable.search() find the end of long metadata and data",
    async (cortex) => {
      const long = { notes: "🎉".repeat(20_000), theme: "a Teapot" };
      await cortex.immutable.store({ type: "note", id: "n", data: long });
      await cortex.memorySpaces.register({
        memorySpaceId: "s",
        type: "team",
        metadata: long,
      });
      for (const [query, hits] of [["teapot", 1], ["kettle", 0]] as const) {
        const records = await cortex.immutable.search({ query });
        const spaces = await cortex.memorySpaces.search(query);
        assertEquals([records.length, spaces.length], [hits, hits], query);
      }
    },
  ),
  cortexCase(
    "part of a name in Greek capitals is found, whichever letter follows",
    async (cortex) => {
      const name = "ΝΊΚΟΣΤΡΑΤΟΣ";
      await cortex.users.update("u", { displayName: name, email: name });
      await cortex.agents.register({ id: "a", name });
      await cortex.memorySpaces.register({
        memorySpaceId: "s",
        type: "team",
        name,
      });
      for (const part of ["ΝΊΚΟΣ", "νίκος", "νίκοσ", "στρατος", name]) {
        const { total } = await cortex.users.list({ displayName: part });
        const counts = [
          total,
          await cortex.users.count({ email: part }),
          await cortex.agents.count({ name: part }),
          (await cortex.memorySpaces.search(part)).length,
        ];
        assertEquals(counts, [1, 1, 1, 1], part);
      }
      assertEquals(await cortex.users.count({ displayName: "ΝΊΚΑ" }), 0);
    },
  ),
  cortexCase(
    "texts in data and metadata are found as they read",
    async (cortex) => {
      const data = { said: 'She said "hi"\nand left C:\\home' };
      await cortex.immutable.store({ type: "note", id: "1", data });
      await cortex.memorySpaces.register({
        memorySpaceId: "s",
        type: "team",
        metadata: data,
      });
      await cortex.conversations.create({ ...TALK, metadata: data });
      for (const query of ['said "HI"', '"hi"\nand', "c:\\home", '\\"hi']) {
        const records = await cortex.immutable.search({ query });
        const spaces = await cortex.memorySpaces.search(query);
        const talks = await cortex.conversations.search({
          query,
          options: { searchIn: "metadata" },
        });
        assertEquals([records, spaces, talks].map((found) => found.length), [
          1,
          1,
          1,
        ], query);
      }
    },
  ),
  cortexCase(
    "a letter whose lower case is two characters is found in either case",
    async (cortex) => {
      const content = "Yarın İstanbul'a gidiyoruz.";
      const { conversationId } = await cortex.conversations.create(TALK);
      await cortex.conversations.addMessage({
        conversationId,
        message: { role: "user", content },
      });
      const data = { said: content };
      await cortex.immutable.store({ type: "note", id: "1", data });
      await cortex.memorySpaces.register({
        memorySpaceId: "s",
        type: "team",
        metadata: data,
      });
      const talks = async (
        query: string,
        matchMode: "contains" | "exact" | "fuzzy",
      ) =>
        (await cortex.conversations.search({ query, options: { matchMode } }))
          .flatMap(({ highlights }) => highlights);
      for (const city of ["İSTANBUL", "i\u0307stanbul", "I\u0307stanbul"]) {
        assertEquals(await talks(city, "contains"), [content], city);
        assertEquals(await talks(`gidiyoruz. ${city}`, "fuzzy"), [content]);
        const [record] = await cortex.immutable.search({ query: city });
        assertEquals(record?.highlights, [content], city);
        assertEquals((await cortex.memorySpaces.search(city)).length, 1, city);
      }
      assertEquals(await talks(content.toLowerCase(), "exact"), [content]);
      // Its dot is an accent where a part of a text is searched for.
      assertEquals(await talks("istanbul", "contains"), [content]);
      assertEquals(await talks("istanbol", "contains"), []);
    },
  ),
  cortexCase("lists ask for metadata of any form", async (cortex) => {
    const metadata = {
      größe: 1,
      $set: { b: [1, { c: null }], a: "x" },
      plain: true,
    };
    await cortex.conversations.create({ ...TALK, metadata });
    await cortex.conversations.create(TALK);
    await cortex.agents.register({ id: "one", name: "One", metadata });
    await cortex.agents.register({ id: "two", name: "Two" });
    const counts = async (metadata: Record<string, unknown>) => [
      (await cortex.conversations.list({ metadata })).total,
      await cortex.agents.count({ metadata }),
    ];
    assertEquals(await counts({ größe: 1 }), [1, 1]);
    assertEquals(await counts({ $set: { a: "x", b: [1, { c: null }] } }), [
      1,
      1,
    ]);
    assertEquals(await counts({ plain: true, größe: 2 }), [0, 0]);
    assertEquals(await counts({ größe: undefined }), [2, 2]);
    assertEquals(await counts({ other: undefined, plain: true }), [1, 1]);
  }),
  cortexCase(
    "long facts that begin alike are not taken for one another",
    async (cortex) => {
      const store = (end: string) =>
        cortex.facts.storeWithDedup({
          memorySpaceId: "space",
          fact: `${"The report says much and ".repeat(40)} ends ${end}`,
          factType: "knowledge",
          confidence: 80,
          sourceType: "manual",
        }, { deduplication: "exact" });
      const [first, second] = [await store("well"), await store("badly")];
      assertEquals(second.deduplication?.matchedExisting, false);
      assertEquals((await store("Well.")).fact.factId, first.fact.factId);
    },
  ),
  cortexCase(
    "a question of nothing but stop words finds what has all of them",
    async (cortex) => {
      const store = (content: string) =>
        cortex.vector.store("space", note({ content }));
      const asked = await store("Ada asked at the door: who is it?");
      await store("Ada said that it is late");
      const { factId } = await cortex.facts.store({
        memorySpaceId: "space",
        fact: "Nobody knows who it is",
        factType: "knowledge",
        confidence: 80,
        sourceType: "manual",
      });
      const query = "Who is it";
      const memories = await cortex.vector.search("space", query);
      assertEquals(memories, [asked]);
      const facts = await cortex.facts.search("space", query);
      assertEquals(facts.map((fact) => fact.factId), [factId]);
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query,
      });
      assertEquals(
        items.map(({ id }) => id).sort(),
        [asked.memoryId, factId].sort(),
      );
      assertEquals((await cortex.vector.search("space", "it")).length, 2);
      assertEquals(await cortex.vector.search("space", "why me"), []);
    },
  ),
  cortexCase(
    "a word that is only begun finds those that begin so, the whole first",
    async (cortex) => {
      const store = (content: string) =>
        cortex.vector.store("space", note({ content }));
      const begun = await store("Ada drew a lanternfish");
      const whole = await store("Bob lit the lantern");
      await store("Nobody read by lamplight");
      const { factId } = await cortex.facts.store({
        memorySpaceId: "space",
        fact: "Lanternfish live in the deep",
        factType: "knowledge",
        confidence: 80,
        sourceType: "manual",
      });
      const query = "lantern";
      assertEquals(
        (await cortex.vector.search("space", query)).map((m) => m.memoryId),
        [whole.memoryId, begun.memoryId],
      );
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query,
      });
      assertEquals(items[0]?.id, whole.memoryId);
      assertEquals(
        items.map(({ id }) => id).sort(),
        [whole.memoryId, begun.memoryId, factId].sort(),
      );
    },
  ),
  cortexCase(
    "a record of which a document holds no more is refused by its code",
    async (cortex) => {
      const metadata = { more: "y".repeat(100_000) };
      const text = "x".repeat(990_000);
      await cortex.immutable.store({ type: "t", id: "1", data: { text } });
      await assertCode(
        () =>
          cortex.immutable.store({ type: "t", id: "1", data: {}, metadata })
            .then(() =>
              cortex.immutable.store({ type: "t", id: "1", data: { text } })
            ),
        "VALUE_TOO_LARGE",
      );
      const wide = { text: "漢".repeat(330_000) };
      await cortex.immutable.store({ type: "t", id: "2", data: wide });
      await assertCode(
        () => cortex.mutable.set("n", "k", text, "ada", metadata),
        "VALUE_TOO_LARGE",
      );
    },
  ),
];
