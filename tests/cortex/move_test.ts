/** A deployment that grows up: all memories move from a SQLite file to a server over HTTP. */
import { assert, assertEquals } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { denoHandler } from "../../src/server/hosts/serve_deno.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const MEMORIES = Math.max(200, Math.round(10_000 * Math.min(1, testScale())));
const SPACES = 4;
const WORDS = "printer drum toner paper tray jam scanner ink roller fuse".split(
  " ",
);

async function fill(cortex: Cortex, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const word = () => WORDS[random.below(WORDS.length)]!;
  const exchanges = Array.from({ length: MEMORIES / 2 }, (_, at) => ({
    memorySpaceId: `space-${at % SPACES}`,
    conversationId: `conv-${at % 96}`,
    userId: `user-${at % 13}`,
    userName: `User ${at % 13}`,
    agentId: "helper",
    userMessage: `The ${word()} of the ${word()} number ${at} is ${word()}.`,
    agentResponse: `I will look at ${word()} ${at} with a new ${word()} then.`,
    timestamp: 1_700_000_000_000 + at * 1000,
    importance: random.below(101),
    tags: [word()],
    ...at % 20 === 0 && {
      generateEmbedding: () =>
        Promise.resolve([random.below(9) + 1, 1, random.below(9)]),
    },
    ...at % 25 === 0 && {
      extractFacts: () =>
        Promise.resolve([{
          fact: `Number ${at} needs ${word()}.`,
          factType: "knowledge" as const,
          subject: `number ${at}`,
          confidence: 80,
        }]),
    },
  }));
  for (let at = 0; at < exchanges.length; at += 250) {
    await Promise.all(
      exchanges.slice(at, at + 250).map((one) => cortex.memory.remember(one)),
    );
  }
  const [first] = await cortex.memory.list({
    memorySpaceId: "space-0",
    limit: 1,
  });
  await cortex.memory.update(
    "space-0",
    (first as { memoryId: string }).memoryId,
    {
      content: "A second version.",
    },
  );
}

async function rowsOf(cortex: Cortex): Promise<string[]> {
  const rows: string[] = [];
  for await (const line of cortex.exportAll()) {
    if (line.startsWith('{"table"')) rows.push(line);
  }
  return rows.sort();
}

/** What a program sees of it all. */
async function seen(cortex: Cortex) {
  const spaces = Array.from({ length: SPACES }, (_, at) => `space-${at}`);
  return {
    stats: await Promise.all(
      spaces.map((space) => cortex.memorySpaces.getStats(space)),
    ),
    counts: await Promise.all(
      spaces.map((memorySpaceId) =>
        cortex.memory.count({ memorySpaceId, userId: "user-3" })
      ),
    ),
    recalled: await Promise.all(spaces.map(async (memorySpaceId) => {
      const { items } = await cortex.memory.recall({
        memorySpaceId,
        query: "toner jam in the scanner",
      });
      // The time of the question counts a little.
      return items.map(({ content, score }) => [content, score.toFixed(6)]);
    })),
    listed: (await cortex.memory.list({ memorySpaceId: "space-1", limit: 100 }))
      .map((entry) => (entry as { memoryId: string }).memoryId),
    conversation: (await cortex.conversations.get("conv-5"))?.messages,
    users: (await cortex.users.list({ sortOrder: "asc" })).users,
  };
}

Deno.test(`${MEMORIES} memories move from a SQLite file to a server over HTTP, and all is the same`, async () => {
  const folder = await Deno.makeTempDir();
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    denoHandler(createConvexServer(engine)),
  );
  try {
    await using small = new Cortex({ path: `${folder}/cortex.db` });
    await using large = new Cortex({
      convexUrl: `http://127.0.0.1:${server.addr.port}`,
    });
    await fill(small, testSeed());
    const before = small.stats().requests;
    const { imported, skipped, tables, complete } = await large.importAll(
      small.exportAll(),
    );
    assert(tables.memories! >= MEMORIES * 0.9, `${tables.memories} memories`);
    assertEquals([skipped, complete], [0, true]);
    assert(
      small.stats().requests - before <= imported / 200 + 10,
      "reads in large parts",
    );
    const rows = await rowsOf(small);
    assertEquals(rows.length, imported);
    const moved = await rowsOf(large);
    assertEquals(moved.length, rows.length);
    for (const [at, row] of rows.entries()) assertEquals(moved[at], row);
    assertEquals(await seen(large), await seen(small));
  } finally {
    await server.shutdown();
    await engine.close();
    await Deno.remove(folder, { recursive: true });
  }
});
