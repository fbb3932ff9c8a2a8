import { assert, assertEquals } from "@std/assert";
import { packRows } from "../../src/convex/lib/paging/packedRows.ts";
import { decodeMetadata } from "../../src/cortex/rules/free_form.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";

/** Values as rows have them, one of them what `packRows` puts in place of none. */
const VALUES: readonly unknown[] = [
  null,
  0,
  "text",
  false,
  [],
  [{ id: "inner", metadataJson: '{"$a":1}' }],
  { names: ["a"], values: [1], absent: [] },
  5n,
];

Deno.test("packed rows come back as they were, whatever fields each of them lacks", async () => {
  await overSeeds(1000, (seed) => {
    const random = seededRandom(seed);
    const rows = Array.from({ length: random.below(40) }, (_, at) => {
      const row: Record<string, unknown> = { id: `row-${at}` };
      for (let field = random.below(12); field > 0; field--) {
        row[`field${random.below(20)}`] = random.pick(VALUES);
      }
      if (random.below(3) === 0) row.metadataJson = '{"$set":1}';
      return row;
    });
    const sent = structuredClone({ rows: packRows(rows) });
    const expected = decodeMetadata(structuredClone({ rows }));
    assertEquals(decodeMetadata(sent) as unknown, expected as unknown);
    return Promise.resolve();
  });
});

Deno.test("more packed values than an array holds are in several blocks", () => {
  const rows = Array.from({ length: 5000 }, (_, at) => ({ at, id: `${at}` }));
  const blocks = packRows(rows);
  assert(blocks.every(({ values }) => values.length <= 8192));
  assertEquals(blocks.length, 2);
  assertEquals(decodeMetadata({ rows: blocks }) as unknown, { rows });
});

Deno.test("the caller's own data are not taken for packed rows", () => {
  const own = { metadata: { list: [{ names: [], values: [], absent: [] }] } };
  assertEquals(decodeMetadata(structuredClone(own)), own);
});
