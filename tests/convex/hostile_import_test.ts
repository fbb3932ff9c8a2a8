/** Forged lines that no export contains, and arguments that would store the same. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { TableName } from "../../src/convex/lib/model.ts";
import { type Backend, backendTest, openBackend, SPACE } from "./backend.ts";
import { seed } from "./tenant_calls.ts";

type Fields = Record<string, unknown>;

interface Line {
  table: TableName;
  of?: Fields;
  row: Fields;
}

const INFINITE = { $float: "AAAAAAAA8H8=" };
const NAN = { $float: "AAAAAAAA+H8=" };
const HALF = "\ud800";

const EMBEDDINGS = [
  "memoryEmbeddings",
  "memoryEmbeddingsWide",
  "factEmbeddings",
  "factEmbeddingsWide",
] as const satisfies TableName[];
const isEmbedding = (table: TableName) =>
  (EMBEDDINGS as readonly TableName[]).includes(table);

/** What is no number of a count, and what is no time. */
const NO_COUNTS = [INFINITE, -1, 0.5, 2 ** 53, "1"];
const NO_TIMES = [INFINITE, NAN, 1e300, "1", null];

async function linesOf(source: Backend): Promise<Line[]> {
  const { lines } = await source.query<{ lines: string[] }>("transfer:dump");
  return lines.map((line) => JSON.parse(line));
}

/** Loads all lines, one of which has another value in a field. */
function loadChanged(
  target: Backend,
  lines: readonly Line[],
  changed: Line,
  change: Fields,
): Promise<unknown> {
  return target.mutation("transfer:load", {
    lines: lines.map((line) =>
      JSON.stringify(
        line === changed ? { ...line, row: { ...line.row, ...change } } : line,
      )
    ),
  });
}

backendTest(
  "a count, a time or a name that is none is refused, with all lines of its call",
  async (source) => {
    await seed(source, undefined);
    const lines = await linesOf(source);
    const target = openBackend();
    try {
      let tried = 0;
      for (const { table, field, values } of wrongValues(lines)) {
        const changed = lines.find((line) =>
          line.table === table && field in line.row
        )!;
        for (const value of values) {
          tried++;
          await assertRejects(
            () => loadChanged(target, lines, changed, { [field]: value }),
            Error,
            `INVALID_LINE: line ${lines.indexOf(changed) + 1} `,
            `${table}.${field} ${JSON.stringify(value)}`,
          );
        }
      }
      assert(tried > 200, String(tried));
      const embedding = lines.find(({ table }) =>
        table === "memoryEmbeddings"
      )!;
      const { length } = embedding.row.embedding as unknown[];
      for (
        const change of [
          { embedding: Array(length).fill(INFINITE) },
          { embedding: [1], dims: length },
        ]
      ) {
        await assertRejects(
          () => loadChanged(target, lines, embedding, change),
          Error,
          "INVALID_LINE",
        );
      }
      for (const { table } of lines) {
        assertEquals(await target.rows(table), []);
      }
    } finally {
      await target.engine.close();
    }
  },
);

/** Every field that counts, measures time or names, once a table, with what must not be in it. */
function* wrongValues(lines: readonly Line[]) {
  const seen = new Set<string>();
  for (const { table, row } of lines) {
    for (const [field, value] of Object.entries(row)) {
      if (seen.has(`${table}.${field}`)) continue;
      seen.add(`${table}.${field}`);
      if (typeof value === "string") yield { table, field, values: [HALF] };
      const isTime = /(At|Timestamp|timestamp)$/.test(field);
      if (isTime && field !== "validUntil") {
        yield { table, field, values: NO_TIMES };
      }
      const isCount = /^(bytes|dims|seq|version|revision|nextSeq|passes)$/;
      if (isCount.test(field) || /(Count|Dims|Bytes)$/.test(field)) {
        yield { table, field, values: NO_COUNTS };
      }
    }
  }
}

backendTest(
  "what users.export shows is no better where it is endless",
  async (target) => {
    const user = {
      id: "ann",
      data: {},
      version: 1,
      createdAt: 1,
      updatedAt: 1,
    };
    for (
      const wrong of ["createdAt", "updatedAt", "version"].flatMap((name) => [
        JSON.stringify({ ...user, [name]: 7 }).replace(/\b7\b/, "1e999"),
        JSON.stringify({ ...user, [name]: INFINITE }),
      ])
    ) {
      await assertRejects(
        () =>
          target.mutation("transfer:load", {
            lines: [`{"table":"immutable","shown":${wrong}}`],
          }),
        Error,
        "INVALID_LINE: line 1 ",
      );
    }
    assertEquals(await target.rows("immutable"), []);
  },
);

backendTest(
  "a space that comes from elsewhere is not being deleted here, nor is a memory in a job",
  async (source) => {
    await seed(source, undefined);
    const lines = await linesOf(source);
    const target = openBackend();
    try {
      const marked = lines.map((line) =>
        JSON.stringify({
          ...line,
          row: {
            ...line.row,
            ...line.table === "memorySpaces" && { deletingSince: 1 },
            ...line.table === "memories" && { archiveJob: "archive-1-x" },
          },
        })
      );
      await target.mutation("transfer:load", { lines: marked });
      for (const table of ["memorySpaces", "memories"] as const) {
        for (const row of await target.rows(table)) {
          assertEquals([row.deletingSince, row.archiveJob], [
            undefined,
            undefined,
          ]);
        }
      }
    } finally {
      await target.engine.close();
    }
  },
);

backendTest(
  "an embedding is found by searches of no other tenant, whatever keys its line gives it",
  async (backend) => {
    await seed(backend, "acme");
    const { lines } = await backend.query<{ lines: string[] }>(
      "transfer:dump",
      { tenantId: "acme" },
    );
    const found = `acme\u0000${SPACE}\u0000ann`;
    const forged = lines.map((line) => JSON.parse(line) as Line)
      .map(({ table, of, row }) => {
        // Of nobody: the keys of a user would be written over.
        const { userId: _, sourceUserId: __, ...rest } = row;
        return isEmbedding(table)
          ? {
            table,
            of,
            row: {
              ...row,
              scopeKey: found,
              userKey: found,
              sourceUserKey: found,
            },
          }
          : { table, of, row: rest };
      })
      .filter(({ table }) => /^(memories|facts)$|Embeddings/.test(table))
      .map((line) => JSON.stringify(line));
    await backend.mutation("transfer:load", {
      tenantId: "evil",
      lines: forged,
    });
    let stored = 0;
    for (const table of EMBEDDINGS) {
      for (const row of await backend.rows(table)) {
        const { scopeKey, userKey, sourceUserKey } = row;
        const owner = String(scopeKey).split("\u0000")[0];
        if (owner === "acme") continue;
        stored++;
        assertEquals(
          [scopeKey, userKey, sourceUserKey],
          [`evil\u0000${SPACE}`, undefined, undefined],
        );
      }
    }
    assert(stored >= 2, String(stored));
  },
);

backendTest(
  "a line that is no object, or whose table is a list of one name, is refused by its number",
  async (backend) => {
    await seed(backend, "acme");
    const [conversation] = await backend.rows("conversations");
    const row = {
      conversationDocId: conversation!._id,
      id: "forged",
      role: "user",
      content: "forged",
      timestamp: 1,
      seq: 7,
    };
    for (const line of [null, 5, [], "text", { table: ["messages"], row }]) {
      await assertRejects(
        () =>
          backend.mutation("transfer:load", {
            tenantId: "evil",
            lines: [JSON.stringify(line)],
          }),
        Error,
        "INVALID_LINE: line 1 ",
        JSON.stringify(line),
      );
    }
  },
);

backendTest(
  "a time after the last one of a date is refused: exports tell dates",
  async (backend) => {
    await seed(backend, undefined);
    const message = { id: "m-2", role: "user", content: "late" };
    const calls: [name: string, args: Fields][] = [
      ["agents:register", { agentId: "late", name: "Late" }],
      ["conversations:addMessage", { conversationId: "conv-1", message }],
    ];
    for (const now of [8.64e15 + 2, 1e300, Infinity, NaN, -1]) {
      for (const [name, args] of calls) {
        await assertRejects(
          () => backend.mutation(name, { ...args, now }),
          Error,
          "INVALID_TIMESTAMP: now ",
        );
      }
      await assertRejects(
        () =>
          backend.mutation("conversations:addMessage", {
            conversationId: "conv-1",
            message: { ...message, timestamp: now },
          }),
        Error,
        "INVALID_TIMESTAMP: timestamp ",
      );
      await assertRejects(
        () =>
          backend.mutation("memorySpaces:addParticipant", {
            memorySpaceId: SPACE,
            participant: { id: "bob", type: "user", joinedAt: now },
          }),
        Error,
        "INVALID_TIMESTAMP: joinedAt ",
      );
    }
    await backend.mutation("agents:register", {
      agentId: "last",
      name: "Last",
      now: 8.64e15,
    });
    const { data } = await backend.query("agents:export", {
      format: "csv",
      now: 8.64e15,
    });
    assert(String(data).includes("+275760-09-13T00:00:00.000Z"));
  },
);

backendTest(
  "metadata of messages may be any value: lists and recall go on",
  async (backend) => {
    await seed(backend, undefined);
    for (const [at, metadata] of [null, 5, "text", [null], true].entries()) {
      await backend.mutation("conversations:addMessage", {
        conversationId: "conv-1",
        message: { id: `m-${at}`, role: "user", content: "question", metadata },
      });
    }
    const { conversations } = await backend.query<
      { conversations: { messageCount: number; messages: Fields[] }[] }
    >("conversations:list", { limit: 10, includeMessages: true });
    assertEquals(conversations[0]!.messageCount, 7);
    await backend.query("memory:recall", {
      memorySpaceId: SPACE,
      query: "question",
      limit: 10,
      sources: { vector: true, facts: true },
      includeConversation: true,
    });
  },
);

backendTest(
  "a space that names a participant twice is refused: its participant would find it twice",
  async (backend) => {
    await seed(backend, undefined);
    const lines = await linesOf(backend);
    const space = lines.find(({ table }) => table === "memorySpaces")!;
    const one = { id: "ada", type: "user", joinedAt: 1 };
    const load = (id: string) => {
      const participants = [one, { ...one, id }];
      const line = { ...space, row: { ...space.row, participants } };
      return backend.mutation("transfer:load", {
        tenantId: "other",
        lines: [JSON.stringify(line)],
      });
    };
    await assertRejects(
      () => load("ada"),
      Error,
      "a participant is in its row",
    );
    await load("bob");
  },
);
