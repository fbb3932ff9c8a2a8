/** Live queries where Deno must be the server; all others are `src/testing/client/live_contract.ts`. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { ConnectionError, type CortexError } from "../../src/errors.ts";
import { scriptedSockets } from "../../src/testing/client/live_fake.ts";
import { makeIssuer, verifierOf } from "../support/jwt_issuer.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";

const overSocket = { transport: "websocket" } as const;
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

Deno.test("live: what a callback throws is an uncaught error, and upsets nobody else", async () => {
  const uncaught: unknown[] = [];
  const onUncaught = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.push(event.error);
  };
  globalThis.addEventListener("error", onUncaught);
  const engine = openSyncEngine();
  const server = startSyncServer(engine);
  const client = AsyncConvexClient.http(server.url);
  const mistake = new Error("of the program");
  const seen = new Seen<unknown>();
  const query = ["messages:list", { channel: "a" }] as const;
  client.onUpdate(...query, () => {
    throw mistake;
  });
  client.onUpdate(...query, seen.add);
  await seen.until(() => true);
  await client.mutation("messages:send", { channel: "a", text: "one" });
  await seen.until(() => seen.all.length === 2);
  assertEquals(uncaught, [mistake, mistake]);
  assertEquals(client.connectionState().connectionCount, 1);
  await client.close();
  await server.close();
  await engine.close();
  globalThis.removeEventListener("error", onUncaught);
});

Deno.test("live: a token is shown, replaced before it ends, and taken back", async () => {
  const issuer = await makeIssuer();
  const engine = openSyncEngine();
  const server = startSyncServer(engine, {
    verifyToken: verifierOf(issuer),
  });
  const client = AsyncConvexClient.http(server.url);
  const who = new Seen<unknown>();
  client.onUpdate("who:am", {}, who.add, () => {});
  await who.until((subject) => subject === null);
  const asked: boolean[] = [];
  client.setAuth(({ forceRefreshToken }) => {
    asked.push(forceRefreshToken);
    return issuer.sign("ada", { jti: String(asked.length) }, 5);
  });
  await who.until((subject) => subject === "ada");
  // Half of its five seconds later there is another: on a busy machine, it comes late and yet in time.
  const untilMs = performance.now() + 4500;
  do await new Promise((resolve) => setTimeout(resolve, 500)); while (
    asked.length < 2 && performance.now() < untilMs
  );
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

Deno.test("live: a result of a message that cannot be is told when it comes again", async () => {
  const { WebSocket, made } = scriptedSockets();
  await using client = AsyncConvexClient.http("http://x.test", { WebSocket });
  const seen = new Seen<unknown>();
  client.onUpdate("a:b", {}, seen.add);
  const ts = "AAAAAAAAAAA=";
  const startVersion = { querySet: 0, identity: 0, ts };
  const endVersion = { ...startVersion, querySet: 1 };
  const result = { type: "QueryUpdated", queryId: 0, value: 1 };
  const transition = {
    type: "Transition",
    startVersion,
    endVersion,
    modifications: [result],
  };
  const messages = [
    { ...transition, endVersion: { ...endVersion, ts: "AQ==" } },
    { ...transition, modifications: [result, null] },
    transition,
  ];
  for (const [at, message] of messages.entries()) {
    while (made[at]?.sent.length !== 2) {
      await new Promise((done) => setTimeout(done, 2));
    }
    assertEquals(seen.all, []);
    made[at]!.say(message);
  }
  assertEquals(seen.all, [1]);
});

/** Runs it with the times between connections at a hundredth. */
async function hurried(run: () => Promise<void>): Promise<void> {
  const { random } = Math;
  Math.random = () => -0.49;
  try {
    await run();
  } finally {
    Math.random = random;
  }
}

Deno.test("live: who waits learns why no token can be had, if that lasts", () =>
  hurried(async () => {
    const { WebSocket, made } = scriptedSockets();
    await using client = AsyncConvexClient.http("http://x.test", { WebSocket });
    client.setAuth(() => {
      throw new Error("sign in again");
    });
    const fails = (promise: Promise<unknown>) =>
      assertRejects(() => promise, Error, "sign in again");
    await Promise.all([
      fails(client.watch("a:b").next()),
      fails(client.mutation("a:c", {}, { transport: "websocket" })),
    ]);
    assertEquals(made.length, 6);
    assertEquals(made.flatMap(({ sent }) => sent), []);
  }));

Deno.test("live: who had a token learns later that no other can be had", () =>
  hurried(async () => {
    const { WebSocket, made } = scriptedSockets();
    await using client = AsyncConvexClient.http("http://x.test", { WebSocket });
    let asked = 0;
    client.setAuth(() => {
      if (asked++ === 0) return "ada";
      throw new Error("sign in again");
    });
    const next = client.watch("a:b").next();
    while (made[0]?.sent.length !== 3) {
      await new Promise((done) => setTimeout(done, 2));
    }
    made[0].breakOff();
    await assertRejects(() => next, Error, "sign in again");
    assertEquals(made.length, 10);
  }));
