/** When `setAuth` calls its second argument, and with what: as Convex's own client does, over the same server. */
import { assert, assertEquals } from "@std/assert";
import { ConvexClient } from "convex/browser";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { AuthTokens } from "../../src/client/auth_tokens.ts";
import { makeIssuer, verifierOf } from "../support/jwt_issuer.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { pause } from "../../src/testing/support/pause.ts";

type Provider = () => Promise<string | null>;

/** What the clients have in common. */
interface Client {
  setAuth(provider: Provider, onChange: (isTaken: boolean) => void): void;
  clearAuth(): void;
  close(): Promise<void>;
}

function official(url: string): ConvexClient & Client {
  const client = new ConvexClient(url, { logger: false });
  return Object.assign(client, { clearAuth: () => client.client.clearAuth() });
}

const clients: { [name: string]: (url: string) => Client } = {
  ConvexClient: official,
  AsyncConvexClient: (url) => AsyncConvexClient.http(url),
  "AsyncConvexClient of a ConvexClient": (url) =>
    AsyncConvexClient.wrap(official(url)),
};

/** The calls, without those that Convex's own client repeats under load. */
const told = ({ all }: Seen<boolean>) =>
  all.filter((one, at) => one !== all[at - 1]);

const issuer = await makeIssuer();
const forger = await makeIssuer();

/** No case makes a call: the observer must be called without one. */
const cases: {
  [name: string]: (client: Client, seen: Seen<boolean>) => Promise<void>;
} = {
  async "a token that is taken is told"(client, seen) {
    client.setAuth(() => issuer.sign("ada"), seen.add);
    await seen.until(() => true);
    await pause(50);
    assertEquals(told(seen), [true]);
  },
  async "a provider that gives none is told"(client, seen) {
    client.setAuth(() => Promise.resolve(null), seen.add);
    await seen.until(() => true);
    assertEquals(told(seen), [false]);
  },
  async "tokens that are refused for good are told"(client, seen) {
    let count = 0;
    const sign = () => forger.sign("ada", { jti: String(++count) });
    client.setAuth(sign, seen.add);
    await seen.until(() => true);
    await pause(50);
    assertEquals(told(seen), [false]);
  },
  async "a token that has ended is replaced before anything is told"(
    client,
    seen,
  ) {
    let count = 0;
    client.setAuth(
      () => issuer.sign("ada", count++ === 0 ? { exp: 1, iat: 0 } : {}),
      seen.add,
    );
    await seen.until(() => true);
    assertEquals(told(seen), [true]);
  },
  async "who no longer calls is told nothing"(client, seen) {
    const before = new Seen<boolean>();
    client.setAuth(async () => {
      await pause(20);
      return await issuer.sign("eve");
    }, before.add);
    client.setAuth(() => issuer.sign("ada"), seen.add);
    await seen.until(() => true);
    client.clearAuth();
    await pause(50);
    assertEquals([before.all, told(seen)], [[], [true]]);
  },
};

/** Registers a test that has a server, which takes the issuer's tokens, and a client of it. */
function authCase<Any extends Client>(
  name: string,
  open: (url: string) => Any,
  run: (client: Any, seen: Seen<boolean>) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = startSyncServer(engine, {
      verifyToken: verifierOf(issuer),
    });
    const client = open(server.url);
    try {
      await run(client, new Seen());
    } finally {
      await client.close();
      await server.close();
      await engine.close();
    }
  });
}

for (const [what, run] of Object.entries(cases)) {
  for (const [name, open] of Object.entries(clients)) {
    authCase(`${name}: ${what}`, open, run);
  }
}

const http = (url: string) => AsyncConvexClient.http(url);

authCase(
  "a socket that was opened to tell of a token closes when nothing needs it",
  http,
  async (client, seen) => {
    client.setAuth(() => null, seen.add);
    await seen.until(() => true);
    await pause(50);
    const again = new Seen<boolean>();
    client.setAuth(() => null, again.add);
    await again.until(() => true);
    assert(client.connectionState().isWebSocketConnected);
    await pause(1300);
    assert(!client.connectionState().isWebSocketConnected);
  },
);

authCase(
  "a client that is closed opens nothing for a token, and tells nothing",
  http,
  async (client, seen) => {
    await client.close();
    client.setAuth(() => issuer.sign("ada"), seen.add);
    await pause(100);
    assert(!client.connectionState().isWebSocketConnected);
    assertEquals(seen.all, []);
  },
);

Deno.test("what is learnt of a token that another has replaced is not told", async () => {
  const seen: boolean[] = [];
  const given = ["old", null, "new"];
  const tokens = new AuthTokens(
    () => given.shift(),
    (isTaken) => void seen.push(isTaken),
  );
  const old = await tokens.get();
  await tokens.get();
  tokens.note(true, old);
  const last = await tokens.get();
  tokens.note(false, old);
  tokens.note(true, last);
  assertEquals(seen, [false, true]);
});
