/** More calls over a socket than a server lets wait on one connection. */
import { assertEquals } from "@std/assert";
import { actionGeneric, mutationGeneric } from "convex/server";
import { AsyncConvexClient } from "../../mod.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { startSyncServer } from "../support/sync_server.ts";

Deno.test("thousands of calls over a socket all settle, mutations in their order, also when it breaks meanwhile", async () => {
  const ran: number[] = [];
  const engine = openEngine({
    store: openMemoryStore(),
    modules: {
      "many.ts": {
        note: mutationGeneric(async (ctx, { n }: { n: number }) => {
          ran.push(n);
          await ctx.db.insert("notes", { n });
          return n;
        }),
        act: actionGeneric((_ctx, { n }: { n: number }) => n),
      },
    },
  });
  const server = startSyncServer(engine);
  const client = new AsyncConvexClient(server.url);
  const options = { transport: "websocket" } as const;
  const numbers = Array.from({ length: 2500 }, (_, n) => n);
  const actions = numbers.map((n) => client.action("many:act", { n }, options));
  assertEquals(await Promise.all(actions), numbers);
  const mutations = numbers.map((n) =>
    client.mutation("many:note", { n }, options)
  );
  await mutations[700];
  server.breakConnections();
  assertEquals(await Promise.all(mutations), numbers);
  assertEquals(ran, numbers);
  await client.close();
  await server.close();
  await engine.close();
});
