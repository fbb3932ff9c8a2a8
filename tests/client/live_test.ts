/** Live queries, and calls over their WebSocket, against the engine's own server of Convex's protocol. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../src/client/http_source.ts";
import type { Engine } from "../../src/engine/engine.ts";
import {
  ConnectionError,
  ConvexError,
  type CortexError,
} from "../../src/errors.ts";
import { jwtVerifier } from "../../src/server/verify_jwt.ts";
import { makeIssuer } from "../support/jwt_issuer.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer, type SyncServer } from "../support/sync_server.ts";

interface Place {
  client: AsyncConvexClient;
  server: SyncServer;
  engine: Engine;
}

function liveCase(
  name: string,
  run: (place: Place) => Promise<void>,
  options: HttpSourceOptions = {},
): void {
  Deno.test(`live: ${name}`, async () => {
    const engine = openSyncEngine();
    const server = startSyncServer(engine);
    const client = AsyncConvexClient.http(server.url, options);
    try {
      await run({ client, server, engine });
    } finally {
      await client.close();
      await server.close();
      await engine.close();
    }
  });
}

const overSocket = { transport: "websocket" } as const;
const send = (engine: Engine, channel: string, text: string) =>
  engine.mutation("messages:send", { channel, text });

liveCase(
  "a watch gives the result now and at each change",
  async ({ client, engine }) => {
    const seen: unknown[] = [];
    for await (const texts of client.watch("messages:list", { channel: "a" })) {
      seen.push(texts);
      if (seen.length === 3) break;
      await send(engine, "b", "of no concern");
      await send(engine, "a", String(seen.length));
    }
    assertEquals(seen, [[], ["1"], ["1", "2"]]);
  },
);

liveCase(
  "a slow reader gets the latest result, and no queue",
  async ({ client, engine }) => {
    await using watch = client.watch("messages:list", { channel: "a" });
    assertEquals((await watch.next()).value, []);
    const other = new Seen<string[]>();
    const stop = client.onUpdate(
      "messages:list",
      { channel: "a" },
      other.add as never,
    );
    for (let at = 1; at <= 20; at++) await send(engine, "a", String(at));
    await other.until((texts) => texts.length === 20);
    assertEquals(((await watch.next()).value as string[]).length, 20);
    stop();
  },
);

liveCase(
  "a watch ends with its signal, and with the client",
  async ({ client }) => {
    const controller = new AbortController();
    const aborted = client.watch("messages:list", { channel: "a" }, controller);
    await aborted.next();
    const next = aborted.next();
    controller.abort();
    assertEquals((await assertRejects(() => next) as Error).name, "AbortError");
    assertEquals((await aborted.next()).done, true);
    const watch = client.watch("messages:list", { channel: "a" });
    await watch.next();
    const last = watch.next();
    await client.close();
    assertEquals((await last).done, true);
  },
);

liveCase(
  "equal queries are one at the server, and each observer has its own copy",
  async ({ client }) => {
    const [one, other] = [new Seen<unknown>(), new Seen<unknown>()];
    const args = { value: { list: [1n] } };
    const first = client.onUpdate("values:echo", args, one.add);
    const second = client.onUpdate("values:echo", args, other.add);
    await Promise.all([one.until(() => true), other.until(() => true)]);
    assertEquals(one.last, { list: [1n] });
    assert(one.last !== other.last);
    assertEquals(first.getCurrentValue(), { list: [1n] });
    const late = new Seen<unknown>();
    client.onUpdate("values:echo", args, late.add);
    await late.until(() => true);
    first();
    second.unsubscribe();
  },
);

liveCase(
  "a query that fails says why, and comes back",
  async ({ client, engine }) => {
    const values = new Seen<unknown>();
    const errors = new Seen<Error>();
    client.onUpdate(
      "messages:latest",
      { channel: "a" },
      values.add,
      errors.add,
    );
    await errors.until(() => true);
    assertInstanceOf(errors.last, ConvexError);
    assertEquals(errors.last.data, { code: "EMPTY", channel: "a" });
    await send(engine, "a", "hello");
    await values.until(() => true);
    assertEquals(values.all, ["hello"]);
    const watch = client.watch("messages:latest", { channel: "empty" });
    await assertRejects(() => watch.next(), ConvexError);
    assertEquals((await watch.next()).done, true);
  },
);

liveCase(
  "after a loss it comes back, misses nothing and repeats nothing",
  async ({ client, server, engine }) => {
    const changing = new Seen<string[]>();
    const still = new Seen<unknown>();
    client.onUpdate("messages:list", { channel: "a" }, changing.add as never);
    client.onUpdate("messages:list", { channel: "still" }, still.add);
    await Promise.all([changing.until(() => true), still.until(() => true)]);
    assertEquals(client.connectionState().isWebSocketConnected, true);
    for (let at = 1; at <= 1; at++) {
      server.breakConnections();
      await send(engine, "a", String(at));
      await changing.until((texts) => texts.length === at);
    }
    assertEquals(still.all.length, 1);
    assertEquals(client.connectionState().connectionCount, 2);
  },
);

liveCase(
  "pages keep their bounds after a loss, by their journals",
  async ({ client, server, engine }) => {
    for (const text of ["b", "d"]) await send(engine, "a", text);
    const pages = new Seen<
      { page: { text: string }[]; continueCursor: string }
    >();
    client.onUpdate("messages:page", {
      channel: "a",
      paginationOpts: { numItems: 1, cursor: null },
    }, pages.add as never);
    await pages.until(() => true);
    const { continueCursor } = pages.last!;
    server.breakConnections();
    await client.mutation(
      "messages:send",
      { channel: "other", text: "x" },
      overSocket,
    );
    const again = new Seen<typeof pages.last>();
    client.onUpdate("messages:page", {
      channel: "a",
      paginationOpts: { numItems: 1, cursor: null },
    }, again.add as never);
    await again.until(() => true);
    assertEquals(again.last!.continueCursor, continueCursor);
  },
);

liveCase(
  "a mutation over the socket resolves when watches show it, in order",
  async ({ client }) => {
    const seen = new Seen<string[]>();
    client.onUpdate("messages:list", { channel: "a" }, seen.add as never);
    await Promise.all(Array.from({ length: 20 }, (_, at) =>
      client.mutation(
        "messages:send",
        { channel: "a", text: String(at) },
        overSocket,
      )));
    assertEquals(
      seen.last,
      Array.from({ length: 20 }, (_, at) => String(at)),
    );
    const error = await assertRejects(
      () =>
        client.mutation(
          "messages:refuse",
          { data: { code: "NO" } },
          overSocket,
        ),
      ConvexError,
    );
    assertEquals((error as ConvexError).code, "NO");
  },
);

liveCase(
  "a mutation whose connection is lost runs once",
  async ({ client, server }) => {
    const list = () => client.query("messages:list", { channel: "a" });
    for (let round = 0; round < 3; round++) {
      const calls = Array.from(
        { length: 10 },
        (_, at) =>
          client.mutation("messages:send", {
            channel: "a",
            text: `${round}.${at}`,
          }, overSocket),
      );
      await new Promise((resolve) => setTimeout(resolve, round));
      server.breakConnections();
      await Promise.all(calls);
    }
    const texts = Array.from(
      { length: 30 },
      (_, at) => `${Math.floor(at / 10)}.${at % 10}`,
    );
    assertEquals(await list(), texts);
  },
);

liveCase("results of many megabytes come in parts", async ({ client }) => {
  const watch = client.watch("messages:big", { length: 6_000_000 });
  const { value } = await watch.next();
  assertEquals((value as string).length, 6_000_000);
  await watch.return();
});

liveCase("an action goes over the socket, too", async ({ client }) => {
  await client.action(
    "messages:sendByAction",
    { channel: "a", text: "x" },
    overSocket,
  );
  assertEquals(await client.query("messages:list", { channel: "a" }), ["x"]);
});

Deno.test("live: an action whose connection is lost rejects, as it may have run", async () => {
  const listener = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => {
        if (JSON.parse(data).type === "Action") socket.close(4000, "gone");
      };
      return response;
    },
  );
  const client = AsyncConvexClient.http(
    `http://127.0.0.1:${listener.addr.port}`,
  );
  const error = await assertRejects(
    () => client.action("a:b", {}, overSocket),
    ConnectionError,
  );
  assertEquals((error as CortexError).code, "UNREACHABLE");
  await client.close();
  await listener.shutdown();
});

Deno.test("live: a server that is started later is found", async () => {
  const engine = openSyncEngine();
  const first = startSyncServer(engine);
  const port = Number(new URL(first.url).port);
  await first.close();
  const client = AsyncConvexClient.http(first.url);
  const watch = client.watch("messages:list", { channel: "a" });
  const next = watch.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const server = startSyncServer(engine, { port });
  assertEquals((await next).value, []);
  await client.close();
  await server.close();
  await engine.close();
});

Deno.test("live: a host without WebSocket says what it needs", async () => {
  const client = AsyncConvexClient.http("http://127.0.0.1:1", {
    WebSocket: "none" as never,
  });
  const watch = client.watch("a:b");
  const error = await assertRejects(() => watch.next()) as CortexError;
  assertEquals(error.code, "UNSUPPORTED");
  await client.close();
});

Deno.test("live: a token is shown, replaced before it ends, and taken back", async () => {
  const issuer = await makeIssuer();
  const engine = openSyncEngine();
  const server = startSyncServer(engine, {
    verifyToken: jwtVerifier({
      providers: [{
        type: "customJwt",
        issuer: issuer.issuer,
        jwks: issuer.jwksUrl,
        algorithm: "ES256",
        applicationID: "app",
      }],
    }),
  });
  const client = AsyncConvexClient.http(server.url);
  const who = new Seen<unknown>();
  client.onUpdate("who:am", {}, who.add, () => {});
  await who.until((subject) => subject === null);
  const asked: boolean[] = [];
  client.setAuth(({ forceRefreshToken }) => {
    asked.push(forceRefreshToken);
    return issuer.sign("ada", { jti: String(asked.length) }, 2);
  });
  await who.until((subject) => subject === "ada");
  // Half of its two seconds later there is another.
  await new Promise((resolve) => setTimeout(resolve, 1300));
  assert(asked.length >= 2 && asked.at(-1) === true, `${asked}`);
  assertEquals(who.all, [null, "ada"]);
  assertEquals(client.connectionState().connectionCount, 1);
  assertEquals(await client.query("who:am"), "ada");
  client.clearAuth();
  await who.until((subject) => subject === null);
  const errors = new Seen<Error>();
  client.onUpdate("messages:list", { channel: "a" }, () => {}, errors.add);
  client.setAuth("no.token.at-all");
  await errors.until(() => true);
  assertEquals((errors.last as CortexError).code, "UNAUTHENTICATED");
  await who.until((subject) => subject === null);
  await client.close();
  await server.close();
  await engine.close();
});
