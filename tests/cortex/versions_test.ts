/** Versions that are more, or larger, than one call of the backend may read. */
import { assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { embeddedSource } from "../../src/client/embedded_source.ts";
import { Cortex } from "../../src/cortex/cortex.ts";

const inline = () =>
  new AsyncConvexClient(embeddedSource({ kinds: ["inline"] }));

Deno.test("a record of large versions is stored, shown, read back, pruned and purged", async () => {
  await using client = inline();
  await using cortex = new Cortex({ client });
  const [type, id] = ["user", "ada"];
  const text = "x".repeat(950_000);
  for (let version = 1; version <= 19; version++) {
    const stored = await cortex.immutable.store({
      type,
      id,
      data: { version, text },
    });
    assertEquals(stored.version, version);
  }
  const shown = (await cortex.immutable.get(type, id))!.previousVersions;
  assertEquals(shown.map(({ version }) => version), [14, 15, 16, 17, 18]);
  for (
    const history of [
      await cortex.immutable.getHistory(type, id),
      await cortex.users.getHistory(id),
    ]
  ) {
    assertEquals(
      history.map(({ version, data }) => [version, data.version]),
      Array.from({ length: 19 }, (_, at) => [at + 1, at + 1]),
    );
  }
  assertEquals(await cortex.immutable.purgeVersions(type, id, 8), {
    versionsPurged: 11,
    versionsRemaining: 8,
  });
  const left = await cortex.users.getHistory(id);
  assertEquals(left.map(({ version }) => version).at(0), 12);
  assertEquals(
    (await cortex.immutable.purge(type, id)).versionsDeleted,
    8,
  );
});

Deno.test("all of 1,200 versions come back", async () => {
  await using client = inline();
  await using cortex = new Cortex({ client });
  await Promise.all(
    Array.from({ length: 1200 }, (_, at) => cortex.users.update("ada", { at })),
  );
  const history = await cortex.users.getHistory("ada");
  assertEquals(history.length, 1200);
  assertEquals(Object.keys(history[0]!).sort(), [
    "data",
    "timestamp",
    "version",
  ]);
  const record = await cortex.immutable.get("user", "ada");
  assertEquals(record?.previousVersions.length, 1000);
  assertEquals((await cortex.users.delete("ada")).totalDeleted, 1);
  assertEquals(await cortex.users.getHistory("ada"), []);
});
