/** What `setAuth` tells its second argument: the same as Convex's own client does, over one server. */
import { assertEquals } from "@std/assert";
import { ConvexClient } from "convex/browser";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { jwtVerifier } from "../../src/server/auth/verify_jwt.ts";
import { pause } from "../../src/testing/client/http_fake.ts";
import { makeIssuer } from "../support/jwt_issuer.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";

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

/** What was told, without what Convex's own client tells again: under load it does. */
const told = ({ all }: Seen<boolean>) =>
  all.filter((one, at) => one !== all[at - 1]);

const issuer = await makeIssuer();
const forger = await makeIssuer();

/** Each case makes no call: who waits to be told may not. */
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

for (const [what, run] of Object.entries(cases)) {
  for (const [name, open] of Object.entries(clients)) {
    Deno.test(`${name}: ${what}`, async () => {
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
}
