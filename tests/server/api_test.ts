/** The whole HTTP API over an engine. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { adminKey, apiCase } from "../support/api_case.ts";
import { openSyncEngine } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";

const send = (channel: string, text: string) => ({
  path: "messages:send",
  args: { channel, text },
});
const list = (channel: string) => ({
  path: "messages:list",
  args: { channel },
});
const convex = { headers: { authorization: `Convex ${adminKey}` } };

apiCase("api answers a query by GET", async (ask) => {
  await ask("/api/mutation", send("a", "one"));
  const args = encodeURIComponent(JSON.stringify({ channel: "a" }));
  const { json } = await ask(`/api/query?path=messages:list&args=${args}`);
  assertEquals(json, { status: "success", value: ["one"] });
  const encoded = await ask(
    `/api/query?path=messages:list&args=${args}&format=convex_encoded_json`,
  );
  assertEquals(encoded.json.value, ["one"]);
  const broken = await ask("/api/query?path=messages:list&args={");
  assertEquals([broken.status, broken.json.code], [400, "BadJsonBody"]);
});

apiCase("api shows the keys for tokens of its functions", async (ask) => {
  const none = await ask("/.well-known/jwks.json");
  assertEquals(none.json, { keys: [] });
  await ask("/api/mutation", { path: "who:sign", args: {} });
  const { json: { keys: [key] } } = await ask("/.well-known/jwks.json");
  assertEquals([key.alg, key.use, key.d], ["ES256", "sig", undefined]);
});

apiCase(
  "api shows a ConvexError's data as the function wrote it",
  async (ask) => {
    const { json } = await ask("/api/query", {
      path: "messages:latest",
      args: { channel: "none" },
    });
    assertStringIncludes(
      json.errorMessage,
      'Uncaught ConvexError: {"code":"EMPTY","channel":"none"}',
    );
  },
);

apiCase("api answers queries at a timestamp", async (ask) => {
  await ask("/api/mutation", send("a", "one"));
  const { json: { ts } } = await ask("/api/query_ts", {});
  await ask("/api/mutation", send("a", "two"));
  const at = await ask("/api/query_at_ts", { ...list("a"), ts });
  assertEquals(at.json.value, ["one"]);
  assertEquals((await ask("/api/query", list("a"))).json.value, ["one", "two"]);
  const early = await ask("/api/query_at_ts", {
    ...list("a"),
    ts: "AQAAAAAAAAA=",
  });
  assertEquals([early.status, early.json.code], [503, "OutOfRetention"]);
  const none = await ask("/api/query_at_ts", { ...list("a"), ts: "x" });
  assertEquals([none.status, none.json.code], [400, "BadJsonBody"]);
});

apiCase("api runs a function of any kind", async (ask) => {
  const sent = await ask("/api/function", send("a", "one"));
  assertEquals(sent.json.status, "success");
  assertEquals((await ask("/api/function", list("a"))).json.value, ["one"]);
  const run = await ask("/api/run/messages/sendByAction", {
    args: { channel: "a", text: "two" },
  });
  assertEquals(run.json.status, "success");
  const seen = await ask("/api/run/messages/list", { args: { channel: "a" } });
  assertEquals(seen.json.value, ["one", "two"]);
});

apiCase(
  "api lets an admin call internal functions and act as a user",
  async (ask) => {
    const secret = { path: "who:secret", args: {} };
    const hidden = await ask("/api/query", secret);
    assertStringIncludes(hidden.json.errorMessage, "Could not find public");
    assertEquals(
      (await ask("/api/query", secret, convex)).json.value,
      "for admins",
    );
    const user = btoa(JSON.stringify({ subject: "ada", issuer: "me" }));
    const claims = await ask("/api/action", { path: "who:claims", args: {} }, {
      headers: { authorization: `Convex ${adminKey}:${user}` },
    });
    assertEquals(claims.json.value, {
      subject: "ada",
      issuer: "me",
      tokenIdentifier: "me|ada",
    });
    assertEquals(
      (await ask("/api/query", { path: "who:am", args: {} }, convex)).json
        .value,
      null,
    );
  },
);

apiCase("api replaces no bytes of a body that are not UTF-8", async (ask) => {
  const call = '{"path":"values:echo","args":{"value":"é"}}';
  const bytes = new TextEncoder().encode(call);
  const cut = bytes.filter((byte) => byte !== 0xa9);
  const last = bytes.slice(0, call.indexOf("é") + 1);
  const answers = [];
  for (const body of [bytes, cut, last]) {
    const init = { method: "POST", body };
    const { status, json } = await ask("/api/query", undefined, init);
    answers.push([status, json.value ?? json.message]);
  }
  const refusal = [400, "The body is not UTF-8"];
  assertEquals(answers, [[200, "é"], refusal, refusal]);
});

apiCase("api refuses callers that it does not know", async (ask, engine) => {
  const refused = [
    ["Convex test|0123456789abcdee", "BadAdminKey"],
    ["Convex test|0123456789abcde", "BadAdminKey"],
    ["Convex", "InvalidAuthHeader"],
    [`Convex ${adminKey}:%`, "InvalidAuthHeader"],
    [`Convex ${adminKey}:e30=`, "InvalidAuthHeader"],
    ["Bearer abc", "NoAuthProvider"],
    ["Basic abc", "InvalidAuthHeader"],
  ];
  for (const [authorization, code] of refused) {
    const answer = await ask("/api/mutation", send("a", "x"), {
      headers: { authorization: authorization! },
    });
    assertEquals([answer.status, answer.json.code], [401, code], authorization);
  }
  assertEquals(await engine.query("messages:list", { channel: "a" }), []);
});

apiCase("api takes a key that begins as deploy keys do", async (ask) => {
  const key = "prod:test|01:23";
  const user = btoa(JSON.stringify({ subject: "ada", issuer: "me" }));
  const call = { path: "who:secret", args: {} };
  const answers: [string, string | undefined][] = [
    [key, undefined],
    [`${key}:${user}`, undefined],
    [`${key}:%`, "InvalidAuthHeader"],
    ["prod:test|01", "BadAdminKey"],
    [`prod:test|01:${user}`, "BadAdminKey"],
    ["test|01:23", "BadAdminKey"],
    [`:${user}`, "BadAdminKey"],
  ];
  for (const [value, code] of answers) {
    const headers = { authorization: `Convex ${value}` };
    const { json } = await ask("/api/query", call, { headers });
    assertEquals([json.code, json.value], [
      code,
      code === undefined ? "for admins" : undefined,
    ], value);
  }
}, { adminKey: "prod:test|01:23" });

apiCase("api lets nobody in as an admin without a key", async (ask) => {
  const answer = await ask("/api/query", list("a"), {
    headers: { authorization: "Convex a|b" },
  });
  assertEquals([answer.status, answer.json.code], [401, "BadAdminKey"]);
}, {});

apiCase("api writes values as the client's version expects", async (ask) => {
  const call = {
    path: "values:echo",
    args: { value: { $integer: "BwAAAAAAAAA=" } },
  };
  const formats = [
    ["npm-1.48.0", "7"],
    ["npm-1.4.1", "7"],
    ["npm-1.4.0", call.args.value],
    ["npm-0.19.2", call.args.value],
    ["python-0.4.9", call.args.value],
    ["python-0.5.0", "7"],
    ["someone-0.0.1", "7"],
  ] as const;
  for (const [client, value] of formats) {
    const headers = { "convex-client": client };
    const { json } = await ask("/api/query", call, { headers });
    assertEquals(json.value, value, client);
  }
  const old = await ask("/api/query", list("a"), {
    headers: { "convex-client": "npm-0.19.1" },
  });
  assertEquals([old.status, old.json.code], [400, "ClientVersionUnsupported"]);
});

apiCase("api tells of the server", async (ask) => {
  assertStringIncludes(
    (await ask("/")).text,
    "This Convex deployment is running",
  );
  assertEquals((await ask("/version")).text, "7");
  assertEquals((await ask("/instance_version")).text, "7");
  assertEquals((await ask("/instance_name")).text, "convex-self-hosted");
  // As monitors ask.
  const head = await ask("/version", undefined, { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
  assertEquals(head.headers.get("content-length"), "1");
  const echo = await ask("/echo", { a: 1 });
  assertEquals(echo.text, '{"a":1}');
  // No browser may take for a page what a form of another page sends here.
  assertEquals(
    ["content-type", "x-content-type-options"]
      .map((name) => echo.headers.get(name)),
    ["application/octet-stream", "nosniff"],
  );
}, { version: "7" });

apiCase("api takes what clients report for debugging", async (ask) => {
  const path = "/api/debug_event";
  const event = { event: "LongWebsocketDisconnect" };
  assertEquals((await ask(path, event)).status, 200);
  assertEquals((await ask(path)).status, 405);
});

apiCase("api tells what functions write to the console", async (ask) => {
  const real = console;
  const call = (path: string) => ({ path, args: {} });
  globalThis.console = new Proxy(real, { get: () => () => {} });
  try {
    const query = await ask("/api/query", call("talk:query"));
    assertEquals(query.json.logLines, [
      "[LOG] 'a \\'quoted\\' text\\n' 1 [ true, null, 7n ] {\n  a: {\n    'b-c': []\n  }\n}",
      "[WARN] Map (1) {\n  'a' => 1\n} undefined -0",
    ]);
    const failed = await ask("/api/mutation", call("talk:mutation"));
    assertEquals(failed.json.status, "error");
    assertEquals(failed.json.logLines, ["[ERROR] 'before it fails'"]);
    const timed = await ask("/api/query", call("talk:timed"));
    assertEquals(
      timed.json.logLines.map((line: string) => line.replace(/\d+ms/, "0ms")),
      [
        "[WARN] Timer 'one' already exists",
        "[INFO] one: 0ms {\n  a: 1\n} 'text'",
        "[INFO] one: 0ms",
        "[WARN] Timer 'one' does not exist",
        "[WARN] Timer 'two' does not exist",
        "[INFO] default: 0ms",
      ],
    );
    const long = await ask("/api/query", call("talk:tooLong"));
    // In UTF-8: a quotation mark, and two bytes for each of the letters.
    assertEquals(
      long.json.logLines,
      [`[LOG] '${"é".repeat(16_383)} (truncated due to length)`],
    );
    const { json: { logLines } } = await ask(
      "/api/action",
      call("talk:tooMuch"),
    );
    assertEquals(logLines.length, 256);
    assertStringIncludes(logLines[255], "Log overflow (maximum 256)");
    const silent = await ask("/api/query", list("a"));
    assertEquals(silent.json.logLines, undefined);
  } finally {
    globalThis.console = real;
  }
});

apiCase("api lets an admin alone call into components", async (ask) => {
  const put = { path: "lib:put", args: { text: "a" }, componentPath: "box" };
  const { status, json } = await ask("/api/function", put);
  assertEquals([status, json.code], [403, "Forbidden"]);
  const done = await ask("/api/function", put, convex);
  assertEquals(done.json, { status: "success", value: null });
  const all = { path: "lib:all", args: {}, componentPath: "box" };
  const { json: { value } } = await ask("/api/query", all, convex);
  assertEquals(value, ["a"]);
  const none = await ask(
    "/api/query",
    { ...all, componentPath: "other" },
    convex,
  );
  assertStringIncludes(
    none.json.errorMessage,
    '"other" is not registered; these are: box.',
  );
  const odd = await ask("/api/query", { ...all, componentPath: 1 }, convex);
  assertEquals([odd.status, odd.json.code], [400, "BadJsonBody"]);
});

apiCase(
  "api with redacted errors reports only that a function failed, and a ConvexError's data",
  async (ask) => {
    const requestId = "0123456789abcdef";
    const init = { headers: { "convex-request-id": requestId } };
    const errorMessage = `[Request ID: ${requestId}] Server Error`;
    const failed = { path: "talk:mutation", args: {} };
    assertEquals((await ask("/api/mutation", failed, init)).json, {
      status: "error",
      errorMessage,
      logLines: [],
    });
    const refused = { path: "messages:refuse", args: { data: { code: "NO" } } };
    assertEquals((await ask("/api/mutation", refused, init)).json, {
      status: "error",
      errorMessage,
      errorData: { code: "NO" },
      logLines: [],
    });
    const talk = { path: "talk:query", args: {} };
    assertEquals((await ask("/api/query", talk)).json, {
      status: "success",
      value: null,
    });
    const action = await ask("/http/fail", undefined, init);
    assertEquals([action.status, action.json], [500, { code: errorMessage }]);
    const known = await ask("/http/fail?data", undefined, init);
    assertEquals(known.json, {
      code: errorMessage,
      data: { code: "NO", count: { $integer: "BwAAAAAAAAA=" } },
    });
  },
  { redactErrors: true },
);

Deno.test("ConvexHttpClient reads at one timestamp, as an admin and as a user", async () => {
  const engine = openSyncEngine();
  await using server = startSyncServer(engine, {
    adminKey,
    verifyToken: (token) => {
      if (token !== "good") return Promise.reject(new Error("no such token"));
      const identity = {
        subject: "ada",
        issuer: "me",
        tokenIdentifier: "me|ada",
      };
      return Promise.resolve({ identity });
    },
  });
  const client = new ConvexHttpClient(server.url, { logger: false });
  const args = { channel: "a" };
  await client.mutation(api.messages!.send!, { ...args, text: "one" });
  assertEquals(await client.consistentQuery(api.messages!.list!, args), [
    "one",
  ]);
  await client.mutation(api.messages!.send!, { ...args, text: "two" });
  assertEquals(await client.consistentQuery(api.messages!.list!, args), [
    "one",
  ]);
  assertEquals(await client.query(api.messages!.list!, args), ["one", "two"]);
  client.setAuth("good");
  assertEquals(await client.query(api.who!.am!, {}), "ada");
  client.setAuth("bad");
  const refused = await client.query(api.who!.am!, {}).catch((error) => error);
  assertStringIncludes(refused.message, "InvalidAuthHeader");
  client.clearAuth();
  assertEquals(await client.query(api.who!.am!, {}), null);
  const admin = client as unknown as {
    setAdminAuth(key: string): void;
    function(
      name: string,
      component: undefined,
      args: object,
    ): Promise<unknown>;
  };
  admin.setAdminAuth(adminKey);
  assertEquals(await admin.function("who:secret", undefined, {}), "for admins");
  assert(true);
  await engine.close();
});
