import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import {
  addNote,
  assertRefused,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Vector search. */
export const engineVectorContract: ContractCase<EngineSubject>[] = [
  engineCase("vectors are found by angle, nearest first", async (engine) => {
    await addVector(engine, "x", [1, 0, 0]);
    await addVector(engine, "xy", [5, 5, 0]);
    await addVector(engine, "minus", [-2, 0, 0]);
    await addVector(engine, "zero", [0, 0, 0]);
    await addVector(engine, "short", [1, 0]);
    await addNote(engine, "none");
    const found = await near(engine, { vector: [3, 0, 0] });
    assertEquals(found.map(({ owner }) => owner), ["x", "xy", "zero", "minus"]);
    assertEquals(found.map(({ score }) => Math.round(score * 1000)), [
      1000,
      707,
      0,
      -1000,
    ]);
    assertAlmostEquals(found[1]!.score, Math.SQRT1_2, 1e-6);
    assert(found.every(({ score }) => score >= -1 && score <= 1));
  }),

  engineCase(
    "vectors keep their place when others leave and come among hundreds",
    async (engine) => {
      const ids: string[] = [];
      for (let at = 0; at < 140; at++) {
        ids.push(await addVector(engine, `v${at}`, [at + 1, 1, 0]));
      }
      const vector = [1, 0, 0];
      assertEquals((await near(engine, { vector, limit: 1 })).length, 1);
      for (let at = 126; at < 131; at++) {
        await engine.mutation("notes:remove", { id: ids[at]! });
        await addVector(engine, `again ${at}`, [0, 0, 1]);
      }
      const found = await near(engine, { vector, limit: 3 });
      assertEquals(found.map(({ owner }) => owner), ["v139", "v138", "v137"]);
    },
  ),

  engineCase(
    "vector filters join with or, over different fields, too",
    async (engine) => {
      await addVector(engine, "ada", [1, 0, 0], { pinned: true });
      await addVector(engine, "bob", [1, 0.1, 0]);
      await addVector(engine, "cyd", [1, 0.2, 0], { pinned: true });
      await addVector(engine, "dan", [1, 0.3, 0]);
      const find = async (filter: { [name: string]: unknown }) =>
        (await near(engine, { vector: [1, 0, 0], ...filter })).map((
          { owner },
        ) => owner);
      assertEquals(await find({ owners: ["bob"] }), ["bob"]);
      assertEquals(await find({ owners: ["dan", "bob"] }), ["bob", "dan"]);
      assertEquals(await find({ owners: ["bob"], pinned: true }), [
        "ada",
        "bob",
        "cyd",
      ]);
      assertEquals(await find({ owners: ["nobody"] }), []);
      assertEquals(await find({ limit: 2 }), ["ada", "bob"]);
    },
  ),

  engineCase(
    "a vector search gives ten results unless told, at most 256",
    async (engine) => {
      const notes = Array.from(
        { length: 300 },
        (_, at) => ({
          owner: "v",
          text: String(at),
          embedding: [1, at / 100, 0],
        }),
      );
      await engine.mutation("notes:addMany", { notes });
      assertEquals(
        (await near(engine, { vector: [1, 0, 0] })).map(({ text }) => text),
        Array.from({ length: 10 }, (_, at) => String(at)),
      );
      assertEquals(
        (await near(engine, { vector: [1, 0, 0], limit: 256 })).length,
        256,
      );
      await assertRefused(
        near(engine, { vector: [1, 0, 0], limit: 257 }),
        "LIMIT_EXCEEDED",
        "256",
        "257",
      );
    },
  ),

  engineCase(
    "the vector index follows patches and deletions",
    async (engine) => {
      const id = await addVector(engine, "ada", [1, 0, 0]);
      const other = await addVector(engine, "bob", [0, 1, 0]);
      const find = async (args = {}) =>
        (await near(engine, { vector: [1, 0, 0], ...args })).map(({ owner }) =>
          owner
        );
      assertEquals(await find(), ["ada", "bob"]);
      await engine.mutation("notes:patch", {
        id,
        set: { embedding: [-1, 0, 0] },
      });
      assertEquals(await find(), ["bob", "ada"]);
      await engine.mutation("notes:patch", {
        id: other,
        set: { owner: "cyd" },
      });
      assertEquals(await find({ owners: ["bob"] }), []);
      assertEquals(await find({ owners: ["cyd"] }), ["cyd"]);
      await engine.mutation("notes:patch", {
        id,
        set: {},
        unset: ["embedding"],
      });
      assertEquals(await find(), ["cyd"]);
      await engine.mutation("notes:remove", { id: other });
      assertEquals(await find(), []);
      await addVector(engine, "new", [1, 1, 1]);
      assertEquals(await find(), ["new"]);
    },
  ),

  engineCase("a wrong vector search says what is wrong", async (engine) => {
    const refuse = (
      args: { [name: string]: unknown },
      code: string,
      ...texts: string[]
    ) => assertRefused(engine.action("wrong:vector", args), code, ...texts);
    await refuse(
      { options: { vector: [1, 2] } },
      "INVALID_SEARCH",
      "2 dimensions",
      "has 3",
      "notes.by_embedding",
    );
    await refuse({ options: { vector: [] } }, "INVALID_SEARCH", "non-empty");
    await refuse({ options: {} }, "INVALID_SEARCH", "vector");
    await refuse(
      { options: { vector: [1, NaN, 0] } },
      "INVALID_SEARCH",
      "vector[1]",
      "NaN",
    );
    await refuse(
      { options: { vector: [1, 0, 0], limit: 0 } },
      "INVALID_SEARCH",
      "limit",
      "0",
    );
    await refuse(
      { options: { vector: [1, 0, 0], limit: 1.5 } },
      "INVALID_SEARCH",
      "1.5",
    );
    await refuse(
      { options: { vector: [1, 0, 0] }, index: "nothing" },
      "INDEX_NOT_FOUND",
      "notes.nothing",
    );
    await refuse(
      { options: { vector: [1, 0, 0] }, filter: "rank" },
      "INVALID_SEARCH",
      '"rank"',
    );
  }),
];

interface Near {
  owner: string;
  text: string;
  score: number;
}

function near(
  engine: Engine,
  args: { [name: string]: unknown },
): Promise<Near[]> {
  return engine.action("notes:near", args) as Promise<unknown> as Promise<
    Near[]
  >;
}

function addVector(
  engine: Engine,
  owner: string,
  embedding: number[],
  fields = {},
): Promise<string> {
  return addNote(engine, owner, { embedding, ...fields });
}
