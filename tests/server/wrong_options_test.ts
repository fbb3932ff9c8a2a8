/** What the server's parts say of values that no compiler keeps a caller from in JavaScript. */
import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { openEngine } from "../../src/embedded/mod.ts";
import {
  createConvexServer,
  DeploymentAdmin,
  jwtVerifier,
  serveWebSocket,
} from "../../src/server/mod.ts";

const engine = { run() {} } as never;
const server = (options: object) => createConvexServer(engine, options);
const limited = (limits: object) => server({ limits });
const admin = (options: object) =>
  new DeploymentAdmin({ modules: {}, ...options });
const custom = {
  type: "customJwt",
  issuer: "https://a.example",
  jwks: "https://a.example/keys",
  algorithm: "RS256",
} as const;
const trust = (provider: object) =>
  jwtVerifier({ providers: [{ ...custom, ...provider }] });

const WRONG: [name: string, make: () => unknown, tells: string][] = [
  [
    "a size that is no number",
    () => server({ maxFileBytes: NaN }),
    "createConvexServer: maxFileBytes must be a whole number from 1 on, or Infinity, got NaN",
  ],
  [
    "a negative size",
    () => server({ maxBodyBytes: -1 }),
    "createConvexServer: maxBodyBytes must be a whole number from 1 on",
  ],
  [
    "a limit in text",
    () => limited({ maxQueries: "5" }),
    'limits: maxQueries must be of type number, got "5"',
  ],
  [
    "null for an object",
    () => server({ limits: null }),
    "createConvexServer: limits must be of type object, got null",
  ],
  [
    "null for an admin's environment",
    () => admin({ environment: null }),
    "DeploymentAdmin: environment must be of type object, got null",
  ],
  [
    "a limit of none",
    () => limited({ maxRequests: 0 }),
    "limits: maxRequests must be a whole number from 1 on",
  ],
  [
    "a ping that no timer can wait for",
    () => limited({ pingMs: Infinity }),
    "limits: pingMs must be a whole number from 1 to 2147483647, got Infinity",
  ],
  [
    "a URL without a scheme",
    () => admin({ siteUrl: "127.0.0.1:3210" }),
    'DeploymentAdmin: siteUrl must be an absolute http(s) URL, got "127.0.0.1:3210"',
  ],
  [
    "variables in a plain object",
    () => admin({ environment: { A: "1" } }),
    "DeploymentAdmin: environment must be an object with the method list, got { A }",
  ],
  [
    "an import of no size",
    () => admin({ maxImportBytes: 0 }),
    "DeploymentAdmin: maxImportBytes must be a whole number from 1 on",
  ],
  [
    "a misspelt audience, which would let every application in",
    () => trust({ applicationId: "mine" }),
    'providers[0] of the auth config has no option "applicationId" (did you mean applicationID?)',
  ],
  [
    "a WebSocket that cannot send",
    () => serveWebSocket(server({}), "http://a/", new EventTarget() as never),
    "serveWebSocket: webSocket must be an object with the method send",
  ],
  [
    "a connection without a socket",
    () => server({}).connect("http://a/", undefined as never),
    "connect: socket must be an object with the method send, got undefined",
  ],
];

for (const [name, make, tells] of WRONG) {
  Deno.test(`${name} is refused by name, bound and value`, () => {
    assertStringIncludes(assertThrows(make, TypeError).message, tells);
  });
}

Deno.test("a provider may have what is like no member of ours", () => {
  trust({ name: "Our own", applicationID: "mine" });
});

Deno.test("what is not a request is reported, and the server continues", async () => {
  await using engine = openEngine({ modules: {} });
  const server = createConvexServer(engine);
  for (const wrong of [null, "http://a/version", 5, {}] as never[]) {
    await assertRejects(
      () => server.handle(wrong),
      TypeError,
      "handle: request",
    );
    await assertRejects(
      () => server.handleSite(wrong),
      TypeError,
      "handleSite",
    );
    assertThrows(() => server.wantsSync(wrong), TypeError, "wantsSync");
  }
  const { status } = await server.handle(new Request("http://a/version"));
  assertEquals(status, 200);
  server.close();
});
