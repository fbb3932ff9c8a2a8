/** Mutations of one client of which one finds no room on the disk. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { openDatabase } from "../../src/store/sqlite_open.ts";
import { SqliteStore } from "../../src/store/sqlite_store.ts";
import { box, modules, schema } from "../fixtures/sync_backend.ts";
import { FakeSocket } from "../support/fake_socket.ts";

/** Pages of the database that are left: room for short texts, and for no long one. */
const PAGES_LEFT = 30;
const LONG = "x".repeat(500_000);

Deno.test("after a mutation that found no room on the disk, none that its client sent later runs before it", async () => {
  const database = openDatabase(":memory:");
  const bound = (pages: number) =>
    void database.prepare(`PRAGMA max_page_count = ${pages}`).get();
  const engine = openEngine({
    schema: schema as unknown as { export(): string },
    modules,
    components: { box },
    store: new SqliteStore(database, ":memory:"),
  });
  const failures: unknown[] = [];
  const server = createConvexServer(engine, {
    onError(error) {
      failures.push(error);
      throw new Error("its log has no room either");
    },
  });
  const sent = ["0", "1", "2", "3", "4", LONG, "6", "7"];
  const session = crypto.randomUUID();
  const send = (socket: FakeSocket, from: number, to = sent.length) => {
    for (let requestId = from; requestId < to; requestId++) {
      const args = [{ channel: "a", text: sent[requestId] }];
      const udfPath = "messages:send";
      socket.send({ type: "Mutation", requestId, udfPath, args });
    }
  };

  const first = new FakeSocket(server);
  first.hello(session);
  send(first, 0, 1);
  await first.until(({ requestId }) => requestId === 0);
  const { page_count: pages } = database.prepare("PRAGMA page_count").get()!;
  bound(Number(pages) + PAGES_LEFT);
  send(first, 1);
  await first.end();
  assertEquals(first.closed, { code: 1011, reason: "InternalServerError" });
  const answered = first.messages.filter(({ type }) =>
    type === "MutationResponse"
  );
  assert(answered.every(({ requestId }, place) => requestId === place));
  assert(answered.length <= sent.indexOf(LONG));
  const body = JSON.stringify({
    path: "messages:send",
    args: { channel: "b", text: LONG },
  });
  const url = "http://127.0.0.1/api/mutation";
  const response = await server.handle(
    new Request(url, { method: "POST", body }),
  );
  assertEquals(response.status, 500);
  assertStringIncludes(await response.text(), "The request failed.");
  const codes = failures.map((error) => (error as { code?: unknown }).code);
  assertEquals(codes, ["STORE_FULL", "STORE_FULL"]);

  bound(1_000_000);
  const second = new FakeSocket(server);
  second.hello(session);
  send(second, answered.length);
  await second.until(({ requestId }) => requestId === sent.length - 1);
  const { value } = await engine.run("query", "messages:list", {
    channel: "a",
  });
  assertEquals(value, sent);
  server.close();
  await engine.close();
});
