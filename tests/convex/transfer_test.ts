import { assert, assertEquals, assertRejects } from "@std/assert";
import schema from "../../src/convex/schema.ts";
import type { TableName } from "../../src/convex/lib/model.ts";
import {
  DERIVED,
  parentsOf,
  ROOTS,
  UNIQUE,
} from "../../src/convex/lib/transfer/transferTables.ts";
import {
  type Backend,
  backendTest,
  exchange,
  openBackend,
  SPACE,
} from "./backend.ts";
import { seed } from "./tenant_calls.ts";
import { decodeMetadata } from "../../src/cortex/rules/free_form.ts";

type Args = Record<string, unknown>;

interface Part {
  lines: string[];
  done: boolean;
  cursor?: string;
}

async function dump(backend: Backend, args: Args = {}): Promise<string[]> {
  const lines: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const part = await backend.query<Part>("transfer:dump", {
      ...args,
      ...cursor !== undefined && { cursor },
    });
    // Other calls wait for as long as a part takes.
    assert(part.lines.length <= 250);
    lines.push(...part.lines);
    if (part.done) return lines;
    assert(part.cursor !== cursor);
    cursor = part.cursor;
  }
}

async function load(backend: Backend, lines: string[], args: Args = {}) {
  let [loaded, skipped] = [0, 0];
  for (let at = 0; at < lines.length; at += 50) {
    const part = await backend.mutation<
      { loaded: Record<string, number>; skipped: number }
    >(
      "transfer:load",
      { ...args, lines: lines.slice(at, at + 50), firstLine: at + 1 },
    );
    loaded += Object.values(part.loaded).reduce((sum, rows) => sum + rows, 0);
    skipped += part.skipped;
  }
  return { loaded, skipped };
}

const CARRIED = (Object.keys(schema.tables) as TableName[]).filter((table) =>
  !/^idempotency/.test(table)
);

/** Rows of every table without what only holds where they are; counters summed over their parts. */
async function contents(backend: Backend): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const parents = parentsOf();
  for (const table of CARRIED) {
    const rows = await backend.rows(table);
    if (table === "counters") {
      const sums: Record<string, number> = {};
      for (const { scope, key, value } of rows) {
        const name = String(scope).replace(/"(acme|other)"/, "TENANT") + key;
        sums[name] = (sums[name] ?? 0) + Number(value);
      }
      found[table] = sums;
      continue;
    }
    found[table] = rows.map((row) => {
      const {
        _id,
        _creationTime,
        tenantId: _,
        scopeKey,
        userKey,
        sourceUserKey,
        embeddingDocId: __,
        ...rest
      } = row;
      const parent = parents.get(table);
      if (parent !== undefined) rest[parent.field] = "";
      if (Array.isArray(rest.participants)) {
        rest.participants = rest.participants.map((one) => JSON.stringify(one))
          .sort();
      }
      const place = [scopeKey, userKey, sourceUserKey]
        .map((key) => String(key).replace(/^(acme|other)/, "TENANT")).join();
      return JSON.stringify({ ...rest, place });
    }).sort();
  }
  return found;
}

Deno.test("every table is carried over, or follows from what is", () => {
  const named = [
    ...ROOTS.map(({ table }) => table),
    ...parentsOf().keys(),
    ...DERIVED,
  ];
  assertEquals(named.toSorted(), Object.keys(schema.tables).sort());
  for (
    const table of [...ROOTS.map(({ table }) => table), ...parentsOf().keys()]
  ) {
    assert(UNIQUE[table] !== undefined, table);
  }
});

backendTest(
  "what is loaded elsewhere is what was dumped, counters and search included, for whichever tenant",
  async (source) => {
    await seed(source, "acme");
    const lines = await dump(source, { tenantId: "acme" });
    assertEquals(await dump(source), []);
    const target = openBackend();
    try {
      const other = { tenantId: "other" };
      assertEquals(await load(target, lines, other), {
        loaded: lines.length,
        skipped: 0,
      });
      assertEquals(await contents(target), await contents(source));
      const before = await contents(target);
      assertEquals(await load(target, lines, other), {
        loaded: 0,
        skipped: lines.length,
      });
      assertEquals(await contents(target), before);
      assertEquals((await dump(target, other)).sort(), lines.toSorted());
      const recall = {
        memorySpaceId: SPACE,
        query: "question",
        limit: 10,
        sources: { vector: true, facts: true },
        includeConversation: true,
      };
      const found = async (backend: Backend, args: Args) =>
        JSON.stringify(
          decodeMetadata(
            await backend.query("memory:recall", { ...args, ...recall }),
          ),
        )
          .replaceAll(/"(_id|tenantId)":"[^"]*"/g, "");
      assertEquals(
        await found(target, other),
        await found(source, { tenantId: "acme" }),
      );
      await target.mutation("conversations:addMessage", {
        ...other,
        conversationId: "conv-1",
        message: { id: "m-9", role: "user", content: "goes on" },
      });
    } finally {
      await target.engine.close();
    }
  },
);

backendTest("a load that was broken off is made again", async (source) => {
  await seed(source, undefined);
  const lines = await dump(source);
  const target = openBackend();
  try {
    for (let end = 1; end < lines.length; end += 7) {
      await load(target, lines.slice(0, end));
    }
    await load(target, lines);
    assertEquals(await contents(target), await contents(source));
  } finally {
    await target.engine.close();
  }
});

backendTest(
  "rows below a row of the same name that is another one are left out",
  async (source) => {
    await source.remember();
    const lines = await dump(source);
    const target = openBackend();
    try {
      await target.mutation("conversations:create", {
        conversationId: "conv-1",
        memorySpaceId: SPACE,
        type: "user-agent",
        participants: { userId: "bob", agentId: "helper" },
        now: 5,
      });
      await load(target, lines);
      assertEquals(await target.rows("messages"), []);
      assertEquals((await target.rows("memories")).length, 2);
    } finally {
      await target.engine.close();
    }
  },
);

backendTest("a long conversation goes in parts", async (source) => {
  await source.mutation("conversations:create", {
    conversationId: "conv-1",
    memorySpaceId: SPACE,
    type: "user-agent",
    participants: { userId: "ann", agentId: "helper" },
  });
  const content = "x".repeat(100_000);
  for (let at = 0; at < 100; at++) {
    await source.addMessage({
      conversationId: "conv-1",
      message: { id: `m-${at}`, role: "user", content },
      messageLimit: 1,
    });
  }
  const { lines, done } = await source.query<Part>("transfer:dump");
  assert(!done && lines.length < 60);
  const all = await dump(source);
  assertEquals(new Set(all).size, all.length);
  assertEquals(
    all.filter((line) => line.startsWith('{"table":"messages"')).length,
    100,
  );
});

backendTest(
  "a user's bundle has each message once, however long their conversations, and what they said in those of others",
  async (backend) => {
    const said = (n: number, of: string) => ({
      memorySpaceId: SPACE,
      ...exchange({ n, userId: "ann", conversationId: of }),
      memories: [],
    });
    await backend.remember({ n: 0, userId: "bob", conversationId: "bobs" });
    for (let n = 1; n <= 200; n++) {
      await backend.mutation(
        "memory:remember",
        said(n, n < 5 ? "bobs" : "anns"),
      );
    }
    const lines = (await dump(backend, { userId: "ann" }))
      .map((line) => JSON.parse(line));
    const ids = lines.filter(({ table }) => table === "messages")
      .map(({ row }) => row.id).sort();
    const all = Array.from(
      { length: 200 },
      (_, n) => [`u${n + 1}`, `a${n + 1}`],
    );
    assertEquals(ids, all.flat().sort());
  },
);

backendTest(
  "a user's bundle is what an erasure deletes, and brings it back",
  async (backend) => {
    await seed(backend, "acme");
    await backend.remember({
      tenantId: "acme",
      n: 2,
      conversationId: "conv-2",
      userId: "bob",
    });
    const tenant = { tenantId: "acme" };
    const before = await contents(backend);
    const lines = [
      ...new Set(await dump(backend, { ...tenant, userId: "ann" })),
    ];
    const { done } = await backend.mutation<{ done: boolean }>(
      "users:eraseUser",
      { ...tenant, userId: "ann" },
    );
    assert(done);
    const rows = (found: Record<string, unknown>) =>
      Object.entries(found).filter(([table]) =>
        table !== "counters" && table !== "deletionRequests"
      );
    const size = (found: Record<string, unknown>) =>
      rows(found).reduce((sum, [, all]) => sum + (all as unknown[]).length, 0);
    assertEquals(size(before) - size(await contents(backend)), lines.length);
    assertEquals(await load(backend, lines, tenant), {
      loaded: lines.length,
      skipped: 0,
    });
    const { counters, ...after } = await contents(backend);
    const names = (found: unknown) => rows(found as Record<string, unknown>);
    const withoutTexts = (found: Record<string, unknown>) =>
      names(found).map(([table, all]) => [
        table,
        // Neighbours' words in search texts of rows that stayed were erased, too.
        (all as string[]).map((row) =>
          row.replace(/"searchText":"(\\.|[^"\\])*"/, "")
        ).sort(),
      ]);
    assertEquals(withoutTexts(after), withoutTexts(before));
    assertEquals(counters, before.counters);
  },
);

backendTest(
  "lines that no dump wrote are refused by number, and nothing is stored",
  async (backend) => {
    await backend.remember();
    const [good] = await dump(backend);
    const target = openBackend();
    try {
      for (
        const [line, why] of [
          ["zebra", "it is not JSON"],
          ["7", "its table is unknown"],
          ["{}", "its table is unknown"],
          ['{"table":"zebra","row":{}}', "its table is unknown"],
          ['{"table":"__proto__","row":{}}', "its table is unknown"],
          ['{"table":"counters","row":{}}', "its table is unknown"],
          ['{"table":"agents"}', "it has no row"],
          [
            '{"table":"agents","row":{"x":{"$integer":"zebra"}}}',
            "its row holds what is no value",
          ],
          [
            '{"table":"agents","row":{"agentId":"zebra"}}',
            "its row does not fit the table agents",
          ],
          [
            '{"table":"agents","row":{"agentId":"a","name":"n","status":"active","registeredAt":1,"updatedAt":1,"zebra":1}}',
            "its row does not fit the table agents",
          ],
        ] as const
      ) {
        const error = await assertRejects(
          () =>
            target.mutation("transfer:load", {
              lines: [good!, line],
              firstLine: 6,
            }),
          Error,
          "INVALID_LINE: line 7 ",
        );
        assert(error.message.endsWith(why), error.message);
        assert(!error.message.includes("zebra"));
      }
      await assertRejects(
        () =>
          target.mutation("transfer:load", { lines: Array(201).fill(good) }),
        Error,
        "LIMIT_EXCEEDED",
      );
      await assertRejects(
        () => target.query("transfer:dump", { cursor: "zebra" }),
        Error,
        "INVALID_CURSOR",
      );
      for (const table of CARRIED) assertEquals(await target.rows(table), []);
    } finally {
      await target.engine.close();
    }
  },
);

backendTest(
  "a row's tenant is the caller's, whatever the line says",
  async (backend) => {
    const row = {
      agentId: "a",
      tenantId: "acme",
      name: "n",
      status: "active",
      registeredAt: 1,
      updatedAt: 1,
    };
    const lines = [JSON.stringify({ table: "agents", row })];
    await backend.mutation("transfer:load", { lines });
    await backend.mutation("transfer:load", { lines, tenantId: "other" });
    assertEquals(
      (await backend.rows("agents")).map(({ tenantId }) => tenantId),
      [undefined, "other"],
    );
  },
);
