import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import { type GenericId, v } from "convex/values";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ContractCase } from "../types.ts";

type Args = Parameters<Engine["query"]>[1];

/** Validation of documents before they are stored. */
export const engineCheckContract: ContractCase<EngineSubject>[] = [
  {
    name: "a nested or scheduled call takes an object of arguments, or none",
    async run(subject) {
      interface Ctx {
        runMutation(name: string, args?: unknown): Promise<unknown>;
        scheduler: {
          runAfter(ms: number, name: string, args?: unknown): Promise<unknown>;
        };
      }
      const inner = { isMutation: true, _handler: () => "called" };
      const outer = {
        isMutation: true,
        isPublic: true,
        _handler: async (ctx: Ctx) => {
          const calls = [undefined, {}, null, []].flatMap((args) => [
            () => ctx.runMutation("a:inner", args),
            () => ctx.scheduler.runAfter(0, "a:inner", args),
          ]);
          const outcomes: boolean[] = [];
          for (const call of calls) {
            outcomes.push(await call().then(() => true, () => false));
          }
          return outcomes;
        },
      };
      const engine = subject.open({ modules: { a: { inner, outer } } });
      assertEquals(await engine.mutation("a:outer", {}), [
        ...[true, true, true, true],
        ...[false, false, false, false],
      ]);
      await engine.close();
    },
  },

  {
    name:
      "a document's fields and those of the system are not too many together",
    async run(subject) {
      type Call = { id: GenericId<"free">; set: object };
      const free = {
        add: mutationGeneric(({ db }, fields: { [name: string]: number }) =>
          db.insert("free", fields)
        ),
        // The document itself, which has no more fields than a result may have.
        get: queryGeneric(({ db }, { id }: Call) => db.get(id)),
        patch: mutationGeneric(({ db }, { id, set }: Call) =>
          db.patch(id, set)
        ),
        replace: mutationGeneric(({ db }, { id, set }: Call) =>
          db.replace(id, set)
        ),
      };
      const limits = { objectFields: 5 };
      const engine = subject.open({
        schema: undefined,
        modules: { free },
        limits,
      });
      const id = await engine.mutation("free:add", { a: 1, b: 2 });
      const patch = (set: object) => engine.mutation("free:patch", { id, set });
      await assertRefused(
        patch({ c: 3, d: 4 }),
        "INVALID_VALUE",
        "Object has too many fields (6 > maximum number 5)",
      );
      await patch({ c: 3 });
      await assertRefused(patch({ d: 4 }), "INVALID_VALUE");
      await patch({ b: 5 });
      const get = async () => {
        const { _id, _creationTime, ...own } = await engine.query("free:get", {
          id,
        }) as Doc;
        return own;
      };
      assertEquals(await get(), { a: 1, b: 5, c: 3 });
      const four = { a: 1, b: 2, c: 3, d: 4 };
      await assertRefused(engine.mutation("free:add", four), "INVALID_VALUE");
      await assertRefused(
        engine.mutation("free:replace", { id, set: four }),
        "INVALID_VALUE",
      );
      assertEquals(await get(), { a: 1, b: 5, c: 3 });
      await engine.close();
    },
  },

  {
    name: "a document of a table that there is not is not there",
    async run(subject) {
      type Call = { id: GenericId<"one">; table?: string };
      const free = {
        add: mutationGeneric(({ db }, { table = "" }: { table?: string }) =>
          db.insert(table, {})
        ),
        get: queryGeneric(async ({ db }, { id, table }: Call) => [
          await (table === undefined ? db.get(id) : db.get(table, id)),
          db.normalizeId("one", id),
        ]),
        drop: mutationGeneric(({ db }, { id, table = "" }: Call) =>
          db.delete(table, id)
        ),
      };
      const open = () => subject.open({ modules: { free } });
      const add = (engine: Engine, table: string) =>
        engine.mutation("free:add", { table });
      const other = open();
      await add(other, "one");
      const id = await add(other, "two");
      await other.close();
      const engine = open();
      await add(engine, "one");
      for (const table of [undefined, "one", "three"]) {
        const args = { id, ...table !== undefined && { table } };
        assertEquals(await engine.query("free:get", args), [null, null]);
      }
      await assertRefused(
        engine.mutation("free:drop", { id, table: "one" }),
        "INVALID_ID",
        'expected to be an Id<"one">',
      );
      await engine.close();
    },
  },

  {
    name: "records and function handles among arguments are checked",
    async run(subject) {
      const take = queryGeneric({
        args: {
          counts: v.record(v.string(), v.number()),
          then: v.optional(v.function()),
        },
        handler: () => "taken",
      });
      const engine = subject.open({ modules: { a: { take } } });
      const call = (args: Record<string, unknown>) =>
        engine.query("a:take", args as Args);
      assertEquals(await call({ counts: { a: 1 } }), "taken");
      await assertRefused(
        call({ counts: { a: "b" } }),
        "ARGUMENT_VALIDATION",
        ".counts.values()",
      );
      await assertRefused(
        call({ counts: {}, then: "no handle" }),
        "ARGUMENT_VALIDATION",
        ".then",
      );
      await engine.close();
    },
  },

  engineCase(
    "a document is checked against its table's type",
    async (engine) => {
      const insert = (table: string, value: unknown) =>
        engine.mutation("wrong:insert", { table, value });
      await assertRefused(
        insert("notes", { owner: 3, text: "x" }),
        "DOCUMENT_VALIDATION",
        '"notes"',
        ".owner",
        "v.string()",
      );
      await assertRefused(
        insert("notes", { owner: "a" }),
        "DOCUMENT_VALIDATION",
        "missing the required field `text`",
      );
      await assertRefused(
        insert("notes", { owner: "a", text: "b", extra: 1 }),
        "DOCUMENT_VALIDATION",
        "extra field `extra`",
      );
      // Convex: "your schema will only validate documents in the tables listed in the schema".
      assertEquals(
        typeof await insert("nowhere", { any: [1n, null] }),
        "string",
      );
      await assertRefused(
        insert("_storage", {}),
        "DOCUMENT_VALIDATION",
        "System tables",
      );
      await assertRefused(
        insert("notes", [1]),
        "DOCUMENT_VALIDATION",
        "must be an object",
        "[1]",
      );
      await assertRefused(
        insert("notes", { _id: "x", owner: "a", text: "b" }),
        "DOCUMENT_VALIDATION",
        "_id",
      );
      await assertRefused(
        insert("things", { _own: 1 }),
        "DOCUMENT_VALIDATION",
        "_own",
      );
      await insert("shapes", { kind: "circle", radius: 1 });
      await assertRefused(
        insert("shapes", { kind: "circle", side: 1 }),
        "DOCUMENT_VALIDATION",
        '"shapes"',
      );
      const note = await addNote(engine, "ada");
      await insert("links", { note, label: "right" });
      const thing =
        (await engine.mutation("flow:insertMany", { count: 1 }) as string[])[0];
      await assertRefused(
        insert("links", { note: thing, label: "wrong" }),
        "DOCUMENT_VALIDATION",
        "`things`",
        'v.id("notes")',
      );
      await assertRefused(
        engine.mutation("wrong:insertUnsupported", {}),
        "INVALID_VALUE",
        "Date",
        ".value",
      );
    },
  ),

  engineCase(
    "patch and replace are checked, too, and a refused write changes nothing",
    async (engine) => {
      const id = await addNote(engine, "ada", { rank: 1 });
      await assertRefused(
        engine.mutation("notes:patch", { id, set: { rank: "high" } }),
        "DOCUMENT_VALIDATION",
        ".rank",
      );
      await assertRefused(
        engine.mutation("notes:patch", { id, set: {}, unset: ["owner"] }),
        "DOCUMENT_VALIDATION",
        "`owner`",
      );
      await assertRefused(
        engine.mutation("notes:replace", { id, value: { owner: "x" } }),
        "DOCUMENT_VALIDATION",
        "`text`",
      );
      assertEquals((await engine.query("notes:get", { id }) as Doc).rank, 1);
    },
  ),

  engineCase(
    "a document over 1 MiB or nested over 16 levels is refused with the bound and the value",
    async (engine) => {
      const put = (value: unknown) =>
        engine.mutation("things:put", { values: [value] });
      await put("x".repeat(1_000_000));
      await assertRefused(
        put("x".repeat(1_048_577)),
        "DOCUMENT_TOO_LARGE",
        "1048576",
        '"things"',
      );
      const nested = (depth: number): unknown =>
        depth === 0 ? 1 : [nested(depth - 1)];
      await put(nested(15));
      await assertRefused(
        put(nested(16)),
        "LIMIT_EXCEEDED",
        "17",
        "16",
        '"things"',
      );
      await put(new Array(8192).fill(0));
      await assertRefused(
        put(new Array(8193).fill(0)),
        "INVALID_VALUE",
        "8193",
        "8192",
      );
    },
  ),

  {
    name:
      "without a schema every table and document is allowed, and tables keep their numbers",
    async run(subject) {
      const store = subject.openStore();
      const engine = subject.open({ schema: undefined, store });
      try {
        const insert = (table: string, value: unknown) =>
          engine.mutation("wrong:insert", { table, value }) as Promise<string>;
        const one = await insert("anything", { at: { all: 1n } });
        const two = await insert("other", {});
        assertNotEquals(one.slice(0, 4), two.slice(0, 4));
        assertEquals(
          await engine.query("notes:normalize", { table: "anything", id: one }),
          one,
        );
        assertEquals((await engine.query("notes:get", { id: one }) as Doc).at, {
          all: 1n,
        });
        await assertRefused(insert("1st", {}), "INVALID_NAME", "1st", "letter");
        assertEquals(
          await engine.query("things:filter", {
            expression: { literal: true },
          }),
          [],
        );
      } finally {
        await engine.close();
      }
    },
  },
  {
    name: "a result that is nested too deep is not read again at each level",
    async run(subject) {
      let reads = 0;
      const around = (inner: object, levels: number): object =>
        levels === 0 ? inner : {
          get list() {
            reads++;
            return [around(inner, levels - 1)];
          },
        };
      const deep = {
        isQuery: true,
        isPublic: true,
        _handler: () => around({}, 40),
      };
      const engine = subject.open({ modules: { a: { deep } } });
      try {
        await assertRefused(engine.query("a:deep", {}), "INVALID_VALUE");
        assert(reads < 1000, `read ${reads} times`);
      } finally {
        await engine.close();
      }
    },
  },
];
