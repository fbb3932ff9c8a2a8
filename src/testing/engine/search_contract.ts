import { assertEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import type { Engine } from "../../engine/engine.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

const tags = {
  add: mutationGeneric(async ({ db }, { count }: { count: number }) => {
    for (let at = 10; at < 10 + count; at++) {
      await db.insert("notes", { owner: "ada", text: `tag${at}` });
    }
  }),
  /** Removes what a search finds, some at a time. */
  clear: mutationGeneric(async ({ db }) => {
    const removed: number[] = [];
    while (true) {
      const some = await db.query("notes")
        .withSearchIndex("search_text", (q) => q.search("text", "tag"))
        .take(10);
      if (some.length === 0) return removed;
      for (const { _id } of some) await db.delete(_id);
      removed.push(some.length);
    }
  }),
};

/** Text search. */
export const engineSearchContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "words are found in any case, whole, between any marks",
    async (engine) => {
      await addText(engine, "one", "The Quick-Brown fox; jumps!");
      await addText(engine, "two", "foxes and ÜBUNG, naïve 日本語 2024");
      assertEquals(await owners(engine, "QUICK,"), ["one"]);
      assertEquals((await owners(engine, "fox and nothing")).toSorted(), [
        "one",
        "two",
      ]);
      assertEquals(await owners(engine, "übung"), ["two"]);
      assertEquals(await owners(engine, "2024"), ["two"]);
      assertEquals(await owners(engine, "日本語"), ["two"]);
      assertEquals(await owners(engine, "ox"), []);
      assertEquals(await owners(engine, "  ...  "), []);
      assertEquals(await owners(engine, ""), []);
    },
  ),

  engineCase(
    "only the last word stands for longer ones, which count half",
    async (engine) => {
      await addText(engine, "long", "foxes");
      await addText(engine, "exact", "fox");
      assertEquals(await owners(engine, "fox"), ["exact", "long"]);
      assertEquals(await owners(engine, "fox zebra"), ["exact"]);
      assertEquals(await owners(engine, "zebra fo"), ["exact", "long"]);
    },
  ),

  engineCase(
    "rare words, repeated words and short texts rank higher",
    async (engine) => {
      await addText(engine, "common", "apple apple filler filler");
      await addText(engine, "rare", "apple quince filler filler");
      await addText(engine, "short", "apple");
      await addText(engine, "none", "pear");
      assertEquals(await owners(engine, "apple quince x"), [
        "rare",
        "short",
        "common",
      ]);
      assertEquals((await owners(engine, "apple x"))[0], "short");
      assertEquals(await owners(engine, "quince pear x"), ["none", "rare"]);
    },
  ),

  engineCase("equal scores order newest first", async (engine) => {
    for (const owner of ["a", "b", "c"]) {
      await addText(engine, owner, "same words here");
    }
    assertEquals(await owners(engine, "same x"), ["c", "b", "a"]);
    assertEquals(await owners(engine, "same x", { take: 2 }), ["c", "b"]);
  }),

  engineCase(
    "texts of nearly equal length tie, because their length is kept in a byte",
    async (engine) => {
      // Lengths are stored rounded: 55 and 54 words as 54, 53 as 52; 39 and 40 stay distinct.
      for (const words of [54, 55, 53, 39, 40]) {
        const rest = new Array(words - 1).fill("filler").join(" ");
        await addText(engine, String(words), `needle ${rest}`);
      }
      assertEquals(await owners(engine, "needle x"), [
        "39",
        "40",
        "53",
        "55",
        "54",
      ]);
    },
  ),

  engineCase("filters keep exact values, also missing ones", async (engine) => {
    await addText(engine, "ada", "word", { pinned: true });
    await addText(engine, "bob", "word", { pinned: false });
    await addText(engine, "cyd", "word");
    assertEquals(await owners(engine, "word", { owner: "bob" }), ["bob"]);
    assertEquals(await owners(engine, "word", { pinned: true }), ["ada"]);
    assertEquals(await owners(engine, "word", { pinned: "missing" }), ["cyd"]);
    assertEquals(
      await owners(engine, "word", { owner: "ada", pinned: false }),
      [],
    );
    assertEquals(await owners(engine, "word", { owner: "nobody" }), []);
  }),

  engineCase(
    "the index follows patches, deletions and rolled back writes",
    async (engine) => {
      const id = await addText(engine, "ada", "before");
      assertEquals(await owners(engine, "before"), ["ada"]);
      await engine.mutation("notes:patch", { id, set: { text: "after" } });
      assertEquals(await owners(engine, "before"), []);
      assertEquals(await owners(engine, "after"), ["ada"]);
      await engine.mutation("notes:patch", { id, set: { owner: "bob" } });
      assertEquals(await owners(engine, "after", { owner: "bob" }), ["bob"]);
      assertEquals(await owners(engine, "after", { owner: "ada" }), []);
      await engine.mutation("flow:failAfterWriting", { owner: "x" }).catch(
        () => {},
      );
      assertEquals(await owners(engine, "never"), []);
      await engine.mutation("notes:remove", { id });
      assertEquals(await owners(engine, "after"), []);
    },
  ),

  engineCase(
    "a mutation finds its own writes and not what it deleted",
    async (engine) => {
      await addText(engine, "old", "unusual word");
      await addText(engine, "other", "something else");
      const steps = await engine.mutation("notes:searchOwnWrites", {
        text: "unusual",
        changed: "unusually changed",
      });
      assertEquals(steps, [["old"], ["own", "old"], ["own", "old"], []]);
      assertEquals(await owners(engine, "something"), ["other"]);
    },
  ),

  engineCase(
    "words of 32 bytes and more are left out, and words after the sixteenth",
    async (engine) => {
      await addText(
        engine,
        "long",
        `${"x".repeat(32)} ${"y".repeat(31)} ${"ü".repeat(16)} ${
          "ä".repeat(15)
        }z`,
      );
      assertEquals(await owners(engine, "x".repeat(32)), []);
      assertEquals(await owners(engine, "y".repeat(31)), ["long"]);
      assertEquals(await owners(engine, "ü".repeat(16)), []);
      assertEquals(await owners(engine, `${"Ä".repeat(15)}Z`), ["long"]);
      await addText(engine, "late", "seventeenth");
      const sixteen = Array.from({ length: 16 }, (_, at) => `w${at}`).join(" ");
      assertEquals(await owners(engine, `${sixteen} seventeenth`), []);
      assertEquals(await owners(engine, `${sixteen.slice(3)} seventeenth`), [
        "late",
      ]);
    },
  ),

  engineCase(
    "collecting 1024 matches is refused, 1023 pass, and take is fine",
    async (engine) => {
      const note = { owner: "many", text: "common" };
      await engine.mutation("notes:addMany", {
        notes: new Array(1023).fill(note),
      });
      assertEquals((await owners(engine, "common")).length, 1023);
      await engine.mutation("notes:add", note);
      await assertRefused(
        engine.query("notes:search", { text: "common" }),
        "LIMIT_EXCEEDED",
        "too many documents",
        "1024",
      );
      assertEquals(
        (await owners(engine, "common", { take: 1024 })).length,
        1024,
      );
      await assertRefused(
        engine.query("notes:search", { text: "common", take: 1025 }),
        "LIMIT_EXCEEDED",
      );
      const page = async (numItems: number, cursor: string | null = null) =>
        await engine.query("notes:searchPage", {
          text: "common",
          paginationOpts: { numItems, cursor },
        }) as { page: Doc[]; isDone: boolean; continueCursor: string };
      assertEquals((await page(1024)).page.length, 1024);
      await assertRefused(page(1025), "LIMIT_EXCEEDED", "too many documents");
      const { continueCursor } = await page(1000);
      const rest = await page(100, continueCursor);
      assertEquals([rest.page.length, rest.isDone], [24, true]);
    },
  ),

  engineCase(
    "the last word stands for the first sixteen words that begin with it, by code points",
    async (engine) => {
      // UTF-16 has the letters from U+FF41 on after those of two units.
      const letters = [0xff41, 0x10428].flatMap((first) =>
        Array.from({ length: 10 }, (_, at) => String.fromCodePoint(first + at))
      );
      for (const letter of letters) await addText(engine, letter, `x${letter}`);
      assertEquals(
        (await owners(engine, "x")).sort(),
        letters.slice(0, 16).sort(),
      );
    },
  ),

  engineCase(
    "a word counts as often as a text has it, also if that is more than a byte holds",
    async (engine) => {
      const note = { owner: "short", text: "dog dog" };
      await engine.mutation("notes:addMany", {
        notes: new Array(200).fill(note),
      });
      // Once before the index is read, once after.
      for (const word of ["cat", "cow"]) {
        await addText(engine, "few", `${word} `.repeat(3) + "x y z");
        await addText(engine, "many", `${word} `.repeat(1000));
        assertEquals(await owners(engine, word), ["many", "few"]);
      }
    },
  ),

  engineCase(
    "a search is read page by page without repeating",
    async (engine) => {
      for (let at = 0; at < 7; at++) {
        await addText(
          engine,
          `o${at}`,
          "paged ".repeat(at + 1),
        );
      }
      const whole = await owners(engine, "paged x");
      const seen: unknown[] = [];
      let cursor: string | null = null;
      for (let count = 0; count < 5; count++) {
        const page = await engine.query("notes:searchPage", {
          text: "paged x",
          paginationOpts: { numItems: 3, cursor },
        }) as unknown as {
          page: Doc[];
          isDone: boolean;
          continueCursor: string;
        };
        seen.push(...page.page.map((note) => note.owner));
        cursor = page.continueCursor;
        if (page.isDone) break;
      }
      assertEquals(seen, whole);
      assertEquals(seen.length, 7);
    },
  ),

  engineCase(
    "a mutation finds whatever begins with a word, also when all of the first such words are gone",
    async (engine) => {
      await engine.mutation("tags:add", { count: 40 });
      // Each time, the words of the next documents must be found.
      assertEquals(await engine.mutation("tags:clear", {}), [10, 10, 10, 10]);
    },
    { modules: { tags } },
  ),

  engineCase(
    "a search that the index cannot serve says why",
    async (engine) => {
      const refuse = (what: string, code: string, ...texts: string[]) =>
        assertRefused(engine.query("wrong:read", { what }), code, ...texts);
      await refuse("unknownSearchIndex", "INDEX_NOT_FOUND", "notes.nothing");
      await refuse("searchOtherField", "INVALID_SEARCH", '"owner"', '"text"');
      await refuse(
        "searchTwice",
        "INVALID_SEARCH",
        "notes.search_text contains multiple search filters",
      );
      await refuse(
        "searchNothing",
        "INVALID_SEARCH",
        "does not contain any search filters",
      );
      await refuse(
        "searchNineFilters",
        "LIMIT_EXCEEDED",
        "too many filter conditions. Max: 8 Actual: 9",
      );
      await refuse(
        "searchUnfilterable",
        "INVALID_SEARCH",
        '"rank"',
        "notes.search_text",
      );
    },
  ),
];

function addText(
  engine: Engine,
  owner: string,
  text: string,
  fields = {},
): Promise<string> {
  return addNote(engine, owner, { text, ...fields });
}

async function owners(
  engine: Engine,
  text: string,
  args = {},
): Promise<unknown[]> {
  const notes = await engine.query("notes:search", { text, ...args }) as Doc[];
  return notes.map((note) => note.owner);
}
