/** Many write beside many that read, over HTTP and WebSockets: whatever is said to be of one state is. */
import { assert, assertEquals } from "@std/assert";
import {
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { openEngine } from "../../src/embedded/mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { pause } from "../../src/testing/support/pause.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { overSeeds } from "../support/test_env.ts";

/** Mutations of each of the clients. */
const WRITES = 15;
const QUERIES = ["one:version", "other:version", "both:version"];

const other = makeFunctionReference<"query", Record<never, never>, number>(
  "other:version",
);

/** Functions of modules that are loaded late; each query gives the number of mutations so far, in its own way. */
function modulesOf(random: Random) {
  const turns = async () => {
    for (let left = random.below(4); left > 0; left--) await undefined;
  };
  const modules = {
    one: {
      version: queryGeneric(async ({ db }) => {
        await turns();
        return (await db.query("ones").collect()).length;
      }),
      add: mutationGeneric(async ({ db }) => {
        const { length } = await db.query("ones").collect();
        await db.insert("ones", {});
        await turns();
        const last = await db.query("others").first();
        if (last) await db.delete(last._id);
        await turns();
        await db.insert("others", { n: length + 1 });
        return length + 1;
      }),
    },
    other: {
      version: queryGeneric(async ({ db }) =>
        ((await db.query("others").first())?.n ?? 0) as number
      ),
    },
    both: {
      version: queryGeneric(async ({ db, runQuery }) => {
        const { length } = await db.query("ones").collect();
        assertEquals(await runQuery(other, {}), length);
        return length;
      }),
    },
  };
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [name, async () => {
      await pause(random.below(30));
      return module;
    }]),
  );
}

/** One client: what it has been told that it wrote, it sees ever after, and it goes back to no earlier state. */
async function useOf(
  client: AsyncConvexClient,
  random: Random,
  isOver: () => boolean,
) {
  let acknowledged = 0;
  const write = async () => {
    for (let left = WRITES; left > 0; left--) {
      const transport = random.pick(["http", "websocket"] as const);
      const version = await client.mutation("one:add", {}, { transport });
      acknowledged = Math.max(acknowledged, Number(version));
      await pause(random.below(3));
    }
  };
  const read = async () => {
    while (!isOver()) {
      const least = acknowledged;
      const refs = Array.from(
        { length: random.pick([1, 2, 5, 70]) },
        () => random.pick(QUERIES),
      );
      const batch = await client.queryBatch(refs.map((ref) => ({ ref })));
      assertEquals(new Set(batch).size, 1, `a batch says ${batch}`);
      assert(Number(batch[0]) >= least, `a batch says ${batch} after ${least}`);
      const before = acknowledged;
      const one = await client.query(refs[0]!);
      assert(Number(one) >= before, `a query says ${one} after ${before}`);
      let last = acknowledged;
      for await (const version of client.watch(random.pick(QUERIES))) {
        assert(Number(version) >= last, `live: ${version} after ${last}`);
        last = Number(version);
        const next = await client.query(random.pick(QUERIES));
        assert(Number(next) >= last, `a query says ${next} after live ${last}`);
        if (random.below(2) === 0 || isOver()) break;
      }
    }
  };
  const reading = [read(), read()];
  // Handled where it is awaited, once all is written.
  for (const one of reading) one.catch(() => {});
  await write();
  return reading;
}

Deno.test("beside many writes each batch is of one state, and each client sees its own writes", async () => {
  await overSeeds(20, async (seed) => {
    const random = seededRandom(seed);
    await using engine = openEngine({ modules: modulesOf(random) });
    await using server = startSyncServer(engine);
    const clients = [1, 2, 3].map(() => AsyncConvexClient.http(server.url));
    let isOver = false;
    const reading = await Promise.all(
      clients.map((client) => useOf(client, random, () => isOver)),
    );
    isOver = true;
    // A last result for those that wait for one.
    const last = setInterval(() => engine.mutation("one:add"), 10);
    await Promise.all(reading.flat());
    clearInterval(last);
    for (const client of clients) await client.close();
  });
});
