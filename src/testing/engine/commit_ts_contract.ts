import { assert, assertEquals } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import { assertRefused, engineCase, type EngineSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

type Row = { label: string; at: bigint; more?: bigint[] };
type All = { rows: Row[]; snapshotTs: bigint };

/** Fields that contain the timestamp of the commit that wrote them. */
export const engineCommitTsContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a commit timestamp counts as the greatest int64 until it comes with the commit",
    async (engine) => {
      const first = await write(engine, ["a", "b"]);
      assertEquals(first.own, [["a", true], ["b", true]]);
      assertEquals(first.filtered, 2);
      assertEquals(first.lastIsOwn, true);
      assertEquals(first.text, "[unresolved commit timestamp]");
      const second = await write(engine, ["c"]);
      assertEquals(second.own, [["c", true]]);
      assertEquals(second.lastIsOwn, true);
      const { rows, snapshotTs } = await all(engine);
      assertEquals(rows.map(({ label }) => label), ["a", "b", "c"]);
      const [a, b, c] = rows as [Row, Row, Row];
      assertEquals([a.at, b.at, c.at], [first.at, first.at, second.at]);
      assertEquals(a.more, [a.at]);
      assert(first.snapshotTs < a.at && a.at <= second.snapshotTs);
      assert(a.at < c.at && c.at <= snapshotTs);
      assertEquals(await engine.query("stamps:count", { at: a.at }), 2);
      const greatest = 2n ** 63n - 1n;
      assertEquals(await engine.query("stamps:count", { at: greatest }), 0);
    },
  ),

  engineCase(
    "the package that functions are made with knows the placeholder as its own",
    async (engine) => {
      const own = [true, 9, '{"$commitTs":null}'];
      assertEquals(await engine.mutation("stamps:known", {}), [own, own]);
    },
  ),

  engineCase(
    "a row that was written over before the commit has what was written last",
    async (engine) => {
      await engine.mutation("stamps:rewrite", { keep: true });
      await engine.mutation("stamps:rewrite", { keep: false });
      const { rows } = await all(engine);
      assertEquals(rows.map(({ label }) => label), ["c", "c"]);
      assertEquals(rows[0]!.at, 7n);
      assert(rows[1]!.at > 7n);
    },
  ),

  engineCase(
    "a commit timestamp goes through nested calls, not into later ones",
    async (engine) => {
      const [at, isSame] = await engine.mutation("stamps:nested", {}) as [
        bigint,
        boolean,
      ];
      assertEquals(isSame, true);
      const { rows } = await all(engine);
      assertEquals(rows.map(({ label }) => label), ["taken"]);
      assertEquals(rows[0]!.at, at);
      await assertRefused(
        engine.mutation("stamps:handOn", {}),
        "INVALID_VALUE",
        "unresolved",
      );
    },
  ),

  engineCase(
    "a query of an earlier state is told the timestamp of that state",
    async (engine) => {
      await write(engine, ["a"]);
      const ts = engine.holdTimestamp();
      const { at } = await write(engine, ["b"]);
      const { value } = await engine.run("query", "stamps:all", {}, { ts });
      const { rows, snapshotTs } = value as All;
      assertEquals(rows.map(({ label }) => label), ["a"]);
      assertEquals([snapshotTs, snapshotTs < at], [ts, true]);
    },
  ),
];

async function write(engine: Engine, labels: string[]) {
  return await engine.mutation("stamps:write", { labels }) as {
    own: [string, boolean][];
    filtered: number;
    lastIsOwn: boolean;
    text: string;
    snapshotTs: bigint;
    at: bigint;
  };
}

async function all(engine: Engine): Promise<All> {
  return await engine.query("stamps:all", {}) as unknown as All;
}
