/** Forged cursors, which contain the ids of another tenant's documents. */
import { assert, assertEquals } from "@std/assert";
import type { TableName } from "../../src/convex/lib/model.ts";
import { type Backend, NOW, openBackend, TABLES } from "./backend.ts";
import {
  callsOf,
  type PublicFunction,
  publicFunctions,
  seed,
} from "./tenant_calls.ts";

/** Tables whose documents are linked to others. */
const NAMED: readonly TableName[] = [
  "agents",
  "immutable",
  "conversations",
  "messages",
  "memories",
  "facts",
];

/** Where a walk begins. */
const START = "[0,0,0]";

/** Forged cursors of every form that name a document. */
function cursorsTo(id: string): unknown[] {
  const stats = JSON.stringify({ kind: 0, rows: 0, spaces: [] });
  return [
    ...[0, 2, 4, 5, 6].map((at) => [{ at, row: id }, { at: 0 }]),
    [{ at: 4, after: START, row: id }, { at: 1, after: START }],
    { place: [{ at: 0, row: id }, { at: 0 }], users: 0 },
    { hasBegun: true, before: 0, open: { id, agentId: "helper", stats } },
    { any: true, open: { id, sent: 0 } },
    [id, START],
  ];
}

/** Cursors that name nothing. */
const BLIND: unknown[] = [
  [0, 0, 0],
  [0, "", 0],
  [0, 1e300, 1e300],
  ["conv-1", START],
  { seen: [], at: START },
  { seen: [], isAgain: true },
  { counted: 0 },
  { until: NOW, at: START },
  { upTo: NOW, kept: [], at: START },
  { kind: "length", spaces: [] },
  { kind: 0, rows: 0, spaces: [], totalMemories: "x" },
  { counts: null, memorySpaceIds: [] },
  { counts: { a: "x" }, memorySpaceIds: [] },
  { counts: {}, memorySpaceIds: [5] },
  [{ at: -1 }],
  [{ at: "length" }],
  [{ at: 0, after: 5 }],
  [{ at: 0, row: {} }],
  [null],
  { place: [{ at: -1 }], users: 0 },
  { inner: "[]", open: {} },
  { any: true, at: {}, open: 5 },
];

Deno.test("no cursor leads to another tenant's rows; one that is none is refused by its code", async () => {
  const [full, empty] = [openBackend(), openBackend()];
  try {
    await seed(full, "acme");
    const before = await rowsOf(full);
    const ids = NAMED.flatMap((table) =>
      [...before].find(([, row]) => row.table === table)?.[0] ?? []
    );
    const cursors = [...ids.flatMap(cursorsTo), ...BLIND]
      .map((cursor) => JSON.stringify(cursor));
    let called = 0;
    for (const one of publicFunctions.filter(({ args }) => "cursor" in args)) {
      const args = callsOf(one, "fh-1").at(-1);
      for (const cursor of cursors) {
        called++;
        const given = { ...args, cursor };
        const context = `${one.name} ${JSON.stringify(given)}`;
        const answered = await answer(full, one, given);
        assertEquals(answered, await answer(empty, one, given), context);
      }
    }
    assert(called > 1000, String(called));
    const after = await rowsOf(full);
    for (const [id, row] of before) assertEquals(after.get(id), row);
  } finally {
    await full.engine.close();
    await empty.engine.close();
  }
});

async function rowsOf(
  backend: Backend,
): Promise<Map<string, { table: string; text: string }>> {
  const rows = await Promise.all(
    TABLES.map(async (table) =>
      (await backend.rows(table)).map((row) =>
        [row._id, { table, text: JSON.stringify(row) }] as const
      )
    ),
  );
  return new Map(rows.flat());
}

/** What a call of another tenant gives, but for ids and times of documents; or the code by which it is refused. */
async function answer(
  { engine }: Backend,
  { name, kind }: PublicFunction,
  args: Record<string, unknown>,
): Promise<string> {
  try {
    const given = { ...args, tenantId: "other", now: NOW };
    const { value } = await engine.run(kind, name, given as never, {});
    return JSON.stringify(value).replaceAll(
      /"_(id|creationTime)":("[^"]*"|[\d.]+)|(row\\":\\"|erase-\d+-)\w+|\d{13}\.?\d*/g,
      "",
    );
  } catch (error) {
    const { data } = error as { data?: unknown };
    assert(typeof data === "string", `${name} ${args.cursor}: ${error}`);
    return data;
  }
}
