import { assertEquals } from "@std/assert";
import { backendTest, SPACE } from "./backend.ts";

/** More than one text search of Convex may read. */
const ROWS = 1030;

backendTest(
  "a word that over 1,024 rows have is searched for all the same",
  async (backend) => {
    const named = { memorySpaceId: SPACE };
    for (let at = 0; at < ROWS; at++) {
      const place = at === 0 ? "harbour" : "hill";
      await backend.mutation("facts:store", {
        ...named,
        fact: `Lamp ${at} stands on the ${place}`,
        factType: "knowledge",
        confidence: 80,
        sourceType: "manual",
        tags: [at % 2 === 0 ? "even" : "odd"],
      });
      await backend.mutation("memories:store", {
        ...named,
        content: `Lamp ${at} stands on the ${place}`,
        contentType: "raw",
        sourceType: "system",
        importance: 50,
        tags: [],
      });
    }
    const search = async (name: string, query: string, more: object = {}) =>
      await backend.query<{ fact?: string; content?: string }[]>(
        `${name}:search`,
        { ...named, query, ...more },
      );
    const facts = await search("facts", "lamp");
    assertEquals(facts.length, 1000);
    const even = await search("facts", "lamp", { tags: ["even"] });
    assertEquals(even.length > 400, true);
    const memories = await search("memories", "lamp", { limit: 2000 });
    assertEquals(memories.length, 1000);
    const best = "Lamp 0 stands on the harbour";
    assertEquals((await search("facts", "harbour lamp"))[0]?.fact, best);
    assertEquals((await search("memories", "harbour lamp"))[0]?.content, best);
  },
);

backendTest(
  "records that with their search texts are more than a query may read are searched",
  async (backend) => {
    const body = "boat ".repeat(6200);
    for (let at = 0; at < 280; at++) {
      const data = { body };
      await backend.mutation("immutable:store", {
        type: "doc",
        id: `${at}`,
        data,
      });
    }
    for (const [query, count] of [["boat", 10], ["oat b", 10], ["ship", 0]]) {
      const found = await backend.query<unknown[]>("immutable:search", {
        query,
      });
      assertEquals(found.length, count);
    }
  },
);

backendTest(
  "a part of a word in a user's record is found, however much others hold",
  async (backend) => {
    const search = async (args: object) =>
      (await backend.query<{ entry: { id: string } }[]>("immutable:search", {
        query: "arbou",
        ...args,
      })).map(({ entry }) => entry.id);
    for (const id of ["old", "ada", "new", "newest"]) {
      await backend.mutation("immutable:store", {
        type: "note",
        id,
        userId: id === "ada" ? "ada" : "ben",
        data: { text: id === "ada" ? "harbour" : "hill" },
      });
    }
    // More than one search examines.
    await backend.patchAll("immutable", { bytes: 5 * 1024 * 1024 });
    assertEquals(await search({ userId: "ada" }), ["ada"]);
    assertEquals(await search({ userId: "ada", type: "note" }), ["ada"]);
    assertEquals(await search({ userId: "ben" }), []);
  },
);
