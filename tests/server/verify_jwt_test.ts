import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AuthFault } from "../../src/server/mod.ts";
import { jwtVerifier } from "../../src/server/auth/verify_jwt.ts";
import { makeIssuer } from "../support/jwt_issuer.ts";

const issuer = await makeIssuer();
const custom = {
  type: "customJwt",
  issuer: issuer.issuer,
  jwks: issuer.jwksUrl,
  algorithm: "ES256",
  applicationID: "app",
} as const;
const verify = jwtVerifier({ providers: [custom] });

Deno.test("jwtVerifier gives the claims of a token as Convex names them", async () => {
  const token = await issuer.sign("ada", {
    name: "Ada",
    given_name: "Ada",
    picture: "https://pictures.test/1",
    email_verified: true,
    updated_at: 5,
    address: { formatted: "12 St James's Square" },
    role: "admin",
    valueOf: "a name that every object has",
    "https://app.test/tier": 3,
    properties: { id: "7", deep: { list: [{ a: 1 }] } },
    iat: undefined,
    exp: 4_000_000_000,
  });
  assertEquals(await verify(token), {
    identity: {
      tokenIdentifier: "https://issuer.test|ada",
      issuer: "https://issuer.test",
      subject: "ada",
      name: "Ada",
      givenName: "Ada",
      pictureUrl: "https://pictures.test/1",
      emailVerified: true,
      updatedAt: "5",
      address: "12 St James's Square",
      role: "admin",
      valueOf: "a name that every object has",
      "https://app.test/tier": 3,
      "properties.id": "7",
      "properties.deep.list": [{ a: 1 }],
    },
    expiresAtMs: 4_000_000_000_000,
  });
});

Deno.test("no claim of a token says who its user is but iss and sub", async () => {
  const token = await issuer.sign("ada", {
    tokenIdentifier: "https://issuer.test|root",
    issuer: "https://other.test",
    subject: "root",
  });
  assertEquals((await verify(token)).identity, {
    tokenIdentifier: "https://issuer.test|ada",
    issuer: "https://issuer.test",
    subject: "ada",
  });
});

Deno.test("jwtVerifier believes RS256 and ES256 of the right issuer, and nothing else", async () => {
  const rsa = await makeIssuer("RS256", "https://rsa.test");
  const both = jwtVerifier({
    providers: [custom, {
      type: "customJwt",
      issuer: "https://rsa.test/",
      jwks: rsa.jwksUrl,
      algorithm: "RS256",
    }],
  });
  assertEquals((await both(await rsa.sign("bob"))).identity.subject, "bob");
  const otherAudience = await rsa.sign("bob", { aud: ["x", "y"] });
  assertEquals((await both(otherAudience)).identity.subject, "bob");
  assertEquals((await both(await issuer.sign("ada"))).identity.subject, "ada");
  const forger = await makeIssuer("ES256", "https://issuer.test");
  const plain = (part: object) => btoa(JSON.stringify(part)).replace(/=+$/, "");
  const payload = {
    iss: issuer.issuer,
    sub: "a",
    aud: "app",
    iat: 1,
    exp: 4e9,
  };
  const cases: [string, string][] = [
    ["", "Could not parse JWT payload"],
    ["a.b.c", "Could not parse JWT payload"],
    [await forger.sign("ada"), "signature verification failed"],
    [
      await issuer.sign("ada", { iss: "https://other.test" }),
      "No auth provider found",
    ],
    [await issuer.sign("ada", { aud: "other" }), "No auth provider found"],
    [await issuer.sign("ada", { aud: undefined }), "No auth provider found"],
    [await issuer.sign("ada", {}, -10), '"exp" claim timestamp check failed'],
    [
      await issuer.sign("ada", { nbf: 4e9 }),
      '"nbf" claim timestamp check failed',
    ],
    [
      await issuer.sign("ada", { sub: undefined }),
      'missing required "sub" claim',
    ],
    [await issuer.sign("ada", { sub: 7 }), '"sub" must be a text'],
    [await issuer.sign("ada", { sub: { id: 7 } }), '"sub" must be a text'],
    [
      await issuer.sign("ada", { exp: undefined }),
      'missing required "exp" claim',
    ],
    [`${plain({ alg: "none" })}.${plain(payload)}.`, '"alg"'],
    [`${plain({ alg: "HS256" })}.${plain(payload)}.AAAA`, '"alg"'],
  ];
  for (const [token, text] of cases) {
    const error = await assertRejects(() => both(token)) as Error;
    assertStringIncludes(error.message, text);
  }
});

Deno.test("jwtVerifier reads no token of many times the usual length, whatever it is nested like", async () => {
  const deep = "[".repeat(4_000_000) + "]".repeat(4_000_000);
  const startMs = performance.now();
  await assertRejects(
    () => verify(`e30.${btoa(`{"iss":"x","aud":${deep}}`)}.AA`),
    AuthFault,
    "A token must have at most 65536 characters; got 1066",
  );
  const ms = performance.now() - startMs;
  assert(ms < 5000, `took ${ms} ms`);
  const claims = { groups: "g".repeat(40_000) };
  const { identity } = await verify(await issuer.sign("ada", claims));
  assertEquals(identity.groups, claims.groups);
});

Deno.test("jwtVerifier takes an issuer with or without a scheme, and a custom token some seconds after its end", async () => {
  const verify = jwtVerifier({ providers: [custom] });
  const subject = async (token: Promise<string>) =>
    (await verify(await token)).identity.subject;
  assertEquals(await subject(issuer.sign("a", { iss: "issuer.test" })), "a");
  assertEquals(await subject(issuer.sign("a", {}, -3)), "a");
  // How old factors of a login are changes with each token.
  const { identity } = await verify(await issuer.sign("a", { fva: [1, -1] }));
  assertEquals(Object.keys(identity).includes("fva"), false);
});

Deno.test("jwtVerifier believes EdDSA of an OpenID Connect provider", async () => {
  const { sign, jwks } = await makeIssuer("EdDSA", "https://ed.test");
  const verify = jwtVerifier(
    { providers: [{ type: "oidc", domain: "ed.test", applicationID: "app" }] },
    {
      fetch: (input) =>
        Promise.resolve(
          new Response(
            String(input).includes("well-known")
              ? '{"jwks_uri":"https://ed.test/keys"}'
              : jwks,
          ),
        ),
    },
  );
  assertEquals((await verify(await sign("ada"))).identity.subject, "ada");
  await assertRejects(async () => verify(await sign("ada", {}, -3)));
});

Deno.test("jwtVerifier finds the keys of an OpenID Connect provider, once", async () => {
  const asked: string[] = [];
  const fetch = (input: string | URL | Request) => {
    const url = String(input instanceof Request ? input.url : input);
    asked.push(url);
    const isDiscovery = url.endsWith("/.well-known/openid-configuration");
    const body = isDiscovery
      ? JSON.stringify({ jwks_uri: "https://issuer.test/keys" })
      : issuer.jwks;
    return Promise.resolve(new Response(body));
  };
  const oidc = jwtVerifier(
    { providers: [{ domain: "issuer.test", applicationID: "app" }] },
    { fetch: fetch as typeof globalThis.fetch },
  );
  for (const subject of ["ada", "bob"]) {
    const token = await issuer.sign(subject, { of: { kind: "a" } });
    const { identity } = await oidc(token);
    assertEquals([identity.subject, identity.of], [subject, { kind: "a" }]);
  }
  assertEquals(asked, [
    "https://issuer.test/.well-known/openid-configuration",
    "https://issuer.test/keys",
  ]);
});

Deno.test("jwtVerifier asks again when a provider could not be reached", async () => {
  let isUp = false;
  const fetch = (input: string | URL | Request) => {
    if (!isUp) {
      return Promise.reject(
        new TypeError("no network at http://keys.internal:8080"),
      );
    }
    const url = String(input instanceof Request ? input.url : input);
    return Promise.resolve(
      new Response(
        url.endsWith("openid-configuration")
          ? '{"jwks_uri":"https://issuer.test/keys"}'
          : issuer.jwks,
      ),
    );
  };
  const oidc = jwtVerifier(
    { providers: [{ domain: issuer.issuer, applicationID: "app" }] },
    { fetch: fetch as typeof globalThis.fetch },
  );
  const token = await issuer.sign("ada");
  const { cause, code, message } = await assertRejects(
    () => oidc(token),
    AuthFault,
  ) as AuthFault;
  // The way there may lead past hosts that outsiders do not know of.
  assertEquals([code, message, String(cause)], [
    "AuthProviderDiscoveryFailed",
    "The keys of the auth provider https://issuer.test cannot be fetched",
    "TypeError: no network at http://keys.internal:8080",
  ]);
  isUp = true;
  assertEquals((await oidc(token)).identity.subject, "ada");
});

Deno.test("jwtVerifier refuses an invalid configuration", () => {
  const wrong: unknown[] = [
    undefined,
    {},
    { providers: [{ domain: "a" }] },
    { providers: [{ applicationID: "a" }] },
    { providers: [{ ...custom, algorithm: "HS256" }] },
    { providers: [{ ...custom, jwks: "nowhere" }] },
    { providers: [{ ...custom, type: "saml" }] },
    { providers: [{ ...custom, issuer: "" }] },
  ];
  for (const config of wrong) {
    assertThrows(() => jwtVerifier(config as never), TypeError);
  }
});
