/** The facts of a user's bundle, which name others: each row once, however long the chain is. */
import { assert, assertEquals } from "@std/assert";
import { type Backend, backendTest, fact, openBackend } from "./backend.ts";

interface Line {
  table: string;
  row: { factId: string; supersededBy?: string; eventId?: string };
}

async function dump(
  backend: Backend,
  args: Record<string, unknown>,
  parts: number,
): Promise<Line[]> {
  const lines: Line[] = [];
  let cursor: string | undefined;
  while (parts-- > 0) {
    const part = await backend.query<
      { lines: string[]; done: boolean; cursor?: string }
    >("transfer:dump", { ...args, ...cursor !== undefined && { cursor } });
    lines.push(...part.lines.map((line): Line => JSON.parse(line)));
    if (part.done) return lines;
    cursor = part.cursor;
  }
  throw new Error("the bundle does not end");
}

const named = { memorySpaceId: "space" };
const VERSIONS = 60;

/** A fact of Ann's, replaced by another user's, with versions of either. */
async function storeChain(backend: Backend, others: string) {
  for (const [at, userId] of ["ann", others].entries()) {
    let factId = `${at}-1`;
    await backend.mutation("facts:store", {
      ...named,
      ...fact(factId),
      userId,
      sourceType: "manual",
    });
    for (let version = 2; version <= VERSIONS; version++) {
      const newFactId = `${at}-${version}`;
      await backend.mutation("facts:update", {
        ...named,
        factId,
        newFactId,
        fact: `It rained ${version} times`,
      });
      factId = newFactId;
    }
  }
  await backend.mutation("facts:supersede", {
    ...named,
    oldFactId: `0-${VERSIONS}`,
    newFactId: "1-1",
  });
}

for (const others of ["ann", "bob"]) {
  backendTest(
    `a user's bundle has each version once of a fact that one of ${others}'s replaced`,
    async (backend) => {
      await storeChain(backend, others);
      const rows = (await dump(backend, { userId: "ann" }, 4)).map(
        ({ row }) => row.eventId ?? row.factId,
      );
      assertEquals(rows.length, 4 * VERSIONS + 1);
      assertEquals(new Set(rows).size, rows.length);
    },
  );
}

Deno.test("a user's bundle ends where versions were imported that replace one another in a circle", async () => {
  const backend = openBackend();
  try {
    await storeChain(backend, "bob");
    const lines = await dump(backend, {}, 2);
    const last = lines.find(({ row, table }) =>
      table === "facts" && row.factId === `1-${VERSIONS}`
    )!;
    last.row.supersededBy = "1-20";
    const facts = lines.filter(({ table }) => table === "facts")
      .map((line) => JSON.stringify(line));
    for (let at = 0; at < facts.length; at += 50) {
      await backend.mutation("transfer:load", {
        tenantId: "other",
        lines: facts.slice(at, at + 50),
        firstLine: at + 1,
      });
    }
    const scope = { tenantId: "other", userId: "ann" };
    const ids = new Set(
      (await dump(backend, scope, 9)).map(({ row }) => row.factId),
    );
    assertEquals(ids.size, 2 * VERSIONS);
    assert(ids.has(`1-${VERSIONS}`));
  } finally {
    await backend.engine.close();
  }
});
