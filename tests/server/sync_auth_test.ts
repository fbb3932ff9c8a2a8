/** Convex's own WebSocket client shows who it is. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { BaseConvexClient, ConvexClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { createConvexServer } from "../../src/server/mod.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { makeIssuer, verifierOf } from "../support/jwt_issuer.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { pause } from "../../src/testing/support/pause.ts";

const issuer = await makeIssuer();
const adminKey = "test|secret";

function authCase(
  name: string,
  run: (client: ConvexClient, url: string) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = startSyncServer(engine, {
      adminKey,
      verifyToken: verifierOf(issuer),
    });
    const client = new ConvexClient(server.url, {
      logger: false,
      // Long enough for a busy machine.
      authRefreshTokenLeewaySeconds: 28,
    });
    try {
      await run(client, server.url);
    } finally {
      await client.close();
      await server.close();
      await engine.close();
    }
  });
}

authCase(
  "a user follows queries whose token has claims of any name",
  async (client) => {
    const claims = { $tier: 1, "Gruppe Süd": { "": [{ "ä": "b" }] } };
    client.setAuth(() => issuer.sign("ada", claims));
    const who = new Seen<string | null>();
    client.onUpdate(api.who!.am!, {}, who.add);
    await who.until((subject) => subject === "ada");
  },
);

authCase(
  "ConvexClient with a token is the token's user, in every kind of function",
  async (client) => {
    const who = new Seen<string | null>();
    client.onUpdate(api.who!.am!, {}, who.add);
    await who.until((subject) => subject === null);
    const changes = new Seen<boolean>();
    client.setAuth(() => issuer.sign("ada"), changes.add);
    await changes.until((isAuthenticated) => isAuthenticated);
    await who.until((subject) => subject === "ada");
    assertEquals(who.all, [null, "ada"]);
    await client.mutation(api.who!.write!, { channel: "a" });
    assertEquals(await client.query(api.messages!.list!, { channel: "a" }), [
      "ada",
    ]);
    const claims = await client.action(api.who!.claims!, {}) as {
      issuer: string;
    };
    assertEquals(claims.issuer, issuer.issuer);
    client.client.clearAuth();
    await who.until((subject) => subject === null);
  },
);

for (const subject of ["ada", null]) {
  authCase(
    `ConvexClient that expects a token shows it after its socket is open: ${subject}`,
    async (_, url) => {
      const opened = Promise.withResolvers<void>();
      class Socket extends WebSocket {
        constructor(url: string) {
          super(url);
          this.addEventListener("open", () => setTimeout(opened.resolve));
        }
      }
      const client = new ConvexClient(url, {
        expectAuth: true,
        logger: false,
        webSocketConstructor: Socket as typeof WebSocket,
      });
      const who = new Seen<string | null>();
      client.onUpdate(api.who!.am!, {}, who.add);
      await opened.promise;
      client.setAuth(async () => subject && await issuer.sign(subject));
      await who.until((seen) => seen === subject);
      const channel = "a";
      await client.mutation(api.messages!.send!, { channel, text: "one" });
      assertEquals(await client.query(api.messages!.list!, { channel }), [
        "one",
      ]);
      assertEquals(who.all, [subject]);
      await client.close();
    },
  );
}

authCase(
  "ConvexClient whose token comes late makes a mutation again under its number",
  async (_, url) => {
    const opened = Promise.withResolvers<void>();
    let connects = 0;
    let lost = 0;
    /** Breaks off in place of the first answer to a mutation. */
    class Socket extends WebSocket {
      constructor(url: string) {
        super(url);
        this.addEventListener("open", () => setTimeout(opened.resolve));
        const set = (take: (event: MessageEvent) => void) =>
          this.addEventListener("message", (event) => {
            if (lost === 0 && event.data.includes('"MutationResponse"')) {
              lost++;
              this.close();
            } else if (this.readyState === 1) take(event);
          });
        Object.defineProperty(this, "onmessage", { set });
      }
      override send(text: string): void {
        if (text.includes('"Connect"')) connects++;
        super.send(text);
      }
    }
    const client = new ConvexClient(url, {
      expectAuth: true,
      logger: false,
      webSocketConstructor: Socket as typeof WebSocket,
    });
    await opened.promise;
    client.setAuth(() => issuer.sign("ada"));
    const channel = "a";
    const send = (text: string) =>
      client.mutation(api.messages!.send!, { channel, text });
    await send("one");
    // Otherwise the client names its session at once, and there is nothing to try.
    assertEquals([connects, lost], [1, 1]);
    await send("one");
    assertEquals(await client.query(api.messages!.list!, { channel }), [
      "one",
      "one",
    ]);
    await client.close();
  },
);

authCase(
  "ConvexClient refreshes its token before it expires, and no result is sent again",
  async (client) => {
    const asked: boolean[] = [];
    const who = new Seen<string | null>();
    client.setAuth(({ forceRefreshToken }) => {
      asked.push(forceRefreshToken);
      // Each a token of its own.
      return issuer.sign("ada", { jti: String(asked.length) }, 30);
    });
    client.onUpdate(api.who!.am!, {}, who.add);
    await who.until((subject) => subject === "ada");
    while (asked.length < 4) await pause(50);
    assertEquals(await client.query(api.who!.am!, {}), "ada");
    assertEquals(who.all, ["ada"]);
    assertEquals(asked.slice(0, 2), [false, true]);
  },
);

authCase(
  "ConvexClient whose token has expired gets a new one and continues",
  async (client) => {
    let count = 0;
    const who = new Seen<string | null>();
    client.setAuth(() =>
      issuer.sign("ada", {
        jti: String(++count),
        // The first is over before it is shown.
        ...(count === 1 ? { exp: 1, iat: 0 } : {}),
      })
    );
    client.onUpdate(api.who!.am!, {}, who.add);
    await who.until((subject) => subject === "ada");
    assert(count >= 2);
  },
);

authCase(
  "ConvexClient whose tokens are refused learns so, and is anonymous",
  async (client) => {
    const forger = await makeIssuer();
    const changes = new Seen<boolean>();
    let count = 0;
    client.setAuth(
      () => forger.sign("ada", { jti: String(++count) }),
      changes.add,
    );
    await changes.until((isAuthenticated) => !isAuthenticated);
    assertEquals(changes.all, [false]);
    assertEquals(await client.query(api.who!.am!, {}), null);
  },
);

authCase(
  "an admin calls internal functions and acts as a user",
  async (_client, url) => {
    const tokens = new Seen<string[]>();
    const base = new BaseConvexClient(url, tokens.add as never, {
      logger: false,
    });
    // Convex hides this method from its types.
    (base as unknown as { setAdminAuth(key: string, user: object): void })
      .setAdminAuth(adminKey, { subject: "eve", issuer: "me" });
    const { queryToken } = base.subscribe("who:secret", {});
    await tokens.until((list) => list.includes(queryToken));
    assertEquals(base.localQueryResult("who:secret", {}), "for admins");
    await base.mutation("who:write", { channel: "a" });
    const { queryToken: list } = base.subscribe("messages:list", {
      channel: "a",
    });
    await tokens.until((tokens) => tokens.includes(list));
    assertEquals(base.localQueryResult("messages:list", { channel: "a" }), [
      "eve",
    ]);
    await base.close();
  },
);

authCase(
  "a function called over a WebSocket learns of its sender, also of its token",
  async (client) => {
    const metadata = await client.mutation(api.who!.calls!, {});
    assertEquals([metadata.ip, metadata.authToken], ["127.0.0.1", null]);
    assertMatch(metadata.userAgent, /deno|ws|node/i);
    const changes = new Seen<boolean>();
    const token = await issuer.sign("ada");
    client.setAuth(() => Promise.resolve(token), changes.add);
    await changes.until((isAuthenticated) => isAuthenticated);
    const { ip, authToken } = await client.action(api.who!.callsAction!, {});
    assertEquals([ip, authToken], ["127.0.0.1", token]);
  },
);

/** What Convex hides from the types of its client: the dashboard uses it. */
interface AdminClient {
  setAdminAuth(key: string): void;
  subscribe(
    name: string,
    args: object,
    options: { componentPath: string },
  ): { queryToken: string };
  localQueryResultByToken(token: string): unknown;
  close(): Promise<void>;
}

Deno.test("a state without its queries is not shown to a client that comes again with a token", async () => {
  const engine = openSyncEngine();
  const server = createConvexServer(engine, { adminKey });
  const authenticate = {
    type: "Authenticate",
    baseVersion: 0,
    tokenType: "Admin",
    value: adminKey,
  };
  const isTransition = ({ type }: { type: string }) => type === "Transition";
  try {
    const socket = new FakeSocket(server);
    socket.hello();
    socket.send(authenticate);
    // Between the two frames of a client whose machine is busy.
    await pause(100);
    socket.follow({ udfPath: "messages:list", args: [{ channel: "a" }] });
    await socket.until(isTransition);
    const { endVersion, modifications } = socket.messages.find(isTransition);
    assertEquals([endVersion.querySet, endVersion.identity], [1, 1]);
    assertEquals(modifications[0].value, []);
    // A client that follows nothing learns about its token all the same.
    const other = new FakeSocket(server);
    other.hello();
    other.send(authenticate);
    await other.until(isTransition);
    assertEquals(other.messages[0].endVersion.identity, 1);
    // At once, if it asks for something else.
    const caller = new FakeSocket(server);
    caller.hello();
    caller.send(authenticate);
    caller.send({
      type: "Mutation",
      requestId: 0,
      udfPath: "messages:send",
      args: [{ channel: "a", body: "hi" }],
    });
    await caller.until(isTransition);
    assertEquals(caller.messages.at(-1).endVersion.identity, 1);
  } finally {
    server.close();
    await engine.close();
  }
});

Deno.test("a token that lasts longer than any timer ends its connection all the same", async () => {
  const dayMs = 24 * 60 * 60 * 1000;
  let nowMs = Date.now();
  const engine = openSyncEngine();
  const server = createConvexServer(engine, {
    now: () => nowMs,
    verifyToken: () =>
      Promise.resolve({
        identity: { tokenIdentifier: "i|ada", issuer: "i", subject: "ada" },
        expiresAtMs: nowMs + 40 * dayMs,
      }),
  });
  // What is set for weeks is done now.
  const { setTimeout } = globalThis;
  const long: [delayMs: number, callback: () => void][] = [];
  globalThis.setTimeout =
    ((callback: () => void, delayMs: number) =>
      delayMs > dayMs
        ? long.push([delayMs, callback])
        : setTimeout(callback, delayMs)) as typeof setTimeout;
  try {
    const socket = new FakeSocket(server);
    socket.hello();
    socket.send({
      type: "Authenticate",
      baseVersion: 0,
      tokenType: "User",
      value: "token",
    });
    while (long.length === 0) await pause(1);
    nowMs += 25 * dayMs;
    const [first, begin] = long.pop()!;
    begin();
    const [second, end] = long.pop()!;
    assertEquals([first, second], [2 ** 31 - 1, 15 * dayMs]);
    assertEquals(socket.closed, undefined);
    nowMs += 15 * dayMs;
    end();
    assertEquals(socket.messages.at(-1).error, "Token expired");
    assertEquals(socket.closed?.code, 1008);
  } finally {
    globalThis.setTimeout = setTimeout;
    server.close();
    await engine.close();
  }
});

Deno.test("an admin follows a component's query over a WebSocket", async () => {
  const engine = openSyncEngine();
  const server = startSyncServer(engine, { adminKey });
  const client = new BaseConvexClient(
    server.url,
    () => {
      const value = client.localQueryResultByToken(query.queryToken);
      if (value !== undefined) seen.add(value as string[]);
    },
    { logger: false },
  ) as unknown as AdminClient;
  const seen = new Seen<string[]>();
  client.setAdminAuth(adminKey);
  const componentPath = "box";
  const query = client.subscribe("lib:all", {}, { componentPath });
  try {
    await seen.until((texts) => texts.length === 0);
    await fetch(`${server.url}/api/mutation`, {
      method: "POST",
      headers: { authorization: `Convex ${adminKey}` },
      body: JSON.stringify({
        path: "lib:put",
        args: { text: "a" },
        componentPath,
      }),
    }).then((response) => response.text());
    await seen.until((texts) => texts[0] === "a");
  } finally {
    await client.close();
    await server.close();
    await engine.close();
  }
});
