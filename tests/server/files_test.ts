/** Stored files and HTTP actions, as they are seen from outside. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { apiCase, type Ask } from "../support/api_case.ts";

/** Stores a text; returns its path. */
async function store(
  ask: Ask,
  text: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const { json: { value: upload } } = await ask("/api/mutation", {
    path: "files:uploadUrl",
    args: {},
  });
  const { pathname, search } = new URL(upload);
  const stored = await ask(pathname + search, text, {
    headers: { "content-type": "text/plain", ...headers },
  });
  assertEquals(stored.status, 200, stored.text);
  const { json: { value: url } } = await ask("/api/query", {
    path: "files:url",
    args: { id: stored.json.storageId },
  });
  return new URL(url).pathname;
}

apiCase(
  "a file is uploaded and downloaded, whole and in ranges",
  async (ask) => {
    const path = await store(ask, "0123456789");
    const whole = await ask(path);
    assertEquals([whole.status, whole.text], [200, "0123456789"]);
    assertEquals(whole.headers.get("content-type"), "text/plain");
    assertEquals(whole.headers.get("content-length"), "10");
    assertEquals(
      whole.headers.get("cache-control"),
      "private, max-age=2592000",
    );
    assertEquals(
      whole.headers.get("digest"),
      "sha-256=hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=",
    );
    assertEquals(whole.headers.get("access-control-allow-origin"), "*");
    const ranges: [string, number, string, string | null][] = [
      ["bytes=2-4", 206, "234", "bytes 2-4/10"],
      ["Bytes=2-4", 206, "234", "bytes 2-4/10"],
      ["bytes=8-", 206, "89", "bytes 8-9/10"],
      ["bytes=8-99", 206, "89", "bytes 8-9/10"],
      ["bytes=-3", 206, "789", "bytes 7-9/10"],
      ["bytes=-99", 206, "0123456789", "bytes 0-9/10"],
      ["bytes=10-", 416, "", "bytes */10"],
      ["bytes=-0", 416, "", "bytes */10"],
      ["bytes=4-2", 200, "0123456789", null],
      ["bytes=0-1,4-5", 200, "0123456789", null],
      ["items=0-1", 200, "0123456789", null],
    ];
    for (const [range, status, text, contentRange] of ranges) {
      const part = await ask(path, undefined, { headers: { range } });
      assertEquals(
        [part.status, part.text, part.headers.get("content-range")],
        [status, text, contentRange],
        range,
      );
    }
    const head = await ask(path, undefined, { method: "HEAD" });
    assertEquals([head.status, head.text], [200, ""]);
    assertEquals(head.headers.get("content-length"), "10");
  },
);

apiCase("a stored page has no part in the server's origin", async (ask) => {
  const types: [string, boolean][] = [
    ["text/html", true],
    ["image/svg+xml", true],
    ["application/xhtml+xml; charset=utf-8", true],
    ["image/png, text/html", true],
    ["image/png;x=1, text/html", true],
    ["unknown/unknown", true],
    ["image/png", false],
    ["Audio/mpeg; codecs=mp3", false],
    ["application/pdf", false],
  ];
  for (const [type, isPage] of types) {
    const path = await store(ask, "<script></script>", {
      "content-type": type,
    });
    const { headers } = await ask(path);
    assertEquals(headers.get("content-type"), type);
    const policy = headers.get("content-security-policy") ?? "";
    assertEquals(policy.startsWith("sandbox "), isPage, type);
    assert(!policy.includes("allow-same-origin"));
  }
});

apiCase("a file of many pieces comes out as it went in", async (ask) => {
  const text = "0123456789abcdef".repeat(200_000);
  const path = await store(ask, text);
  assert((await ask(path)).text === text);
  const part = await ask(path, undefined, {
    headers: { range: "bytes=1048570-2097160" },
  });
  assert(part.text === text.slice(1_048_570, 2_097_161));
});

apiCase(
  "an upload is refused without a URL of its own, too large, or other than announced",
  async (ask) => {
    for (const text of ["short", "x".repeat(101)]) {
      const answer = await ask("/api/storage/upload?token=none", text);
      assertEquals(
        [answer.status, answer.json.code],
        [401, "StorageTokenInvalid"],
      );
    }
    const { json: { value } } = await ask("/api/mutation", {
      path: "files:uploadUrl",
      args: {},
    });
    const { pathname, search } = new URL(value);
    const large = await ask(pathname + search, "x".repeat(101));
    assertEquals([large.status, large.json.code], [413, "FileTooLarge"]);
    const digest = "sha-256=hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=";
    const other = await ask(pathname + search, "other", {
      headers: { digest },
    });
    assertEquals([other.status, other.json.code], [400, "Sha256Mismatch"]);
    const right = await ask(pathname + search, "0123456789", {
      headers: { digest },
    });
    assertEquals(right.status, 200);
    const none = await ask(`/api/storage/${crypto.randomUUID()}`);
    assertEquals([none.status, none.json.code], [404, "FileNotFound"]);
    const id = await ask(`/api/storage/${right.json.storageId}`);
    assertEquals([id.status, id.json.code], [400, "InvalidStoragePath"]);
  },
  { maxFileBytes: 100 },
);

apiCase(
  "an HTTP action gets the request below /http, and its answer is left as it is",
  async (ask) => {
    const echo = await ask("/http/echo?a=1", "hello", {
      headers: { "x-mine": "yes" },
    });
    assertEquals([echo.status, echo.text], [201, "hello"]);
    assert(/^[0-9a-f]{16}$/.test(echo.headers.get("x-request")!));
    assertEquals(echo.headers.get("x-user"), "nobody");
    assertEquals(echo.headers.get("x-mine"), "yes");
    assertEquals(echo.headers.get("x-url"), "http://127.0.0.1/echo?a=1");
    assertEquals(echo.headers.get("access-control-allow-origin"), null);
    assertEquals((await ask("/http/pieces/x")).text, "3 2 1 ");
    const missing = await ask("/http/nowhere");
    assertEquals([missing.status, missing.text], [
      404,
      "No matching routes found",
    ]);
    assertEquals((await ask("/http/echo")).status, 404);
  },
);

apiCase(
  "an HTTP action whose token is refused learns so when it asks who that is",
  async (ask) => {
    const authorization = "Bearer for-the-action-alone";
    const echo = await ask("/http/echo", "", { headers: { authorization } });
    assertEquals(echo.status, 201);
    assertStringIncludes(
      echo.headers.get("x-user")!,
      "Error: No auth provider found matching the given token",
    );
    assertEquals(echo.headers.get("x-user-of-query"), "null");
    const other = await ask("/http/echo", "", {
      headers: { authorization: "Basic YTpi" },
    });
    assertStringIncludes(other.headers.get("x-user")!, "Authorization header");
  },
);

apiCase(
  "an HTTP action sees the URL that the client has used, and the request's name",
  async (ask) => {
    const url = async (headers: Record<string, string>) =>
      (await ask("/http/echo?a=1", "", { headers })).headers.get("x-url");
    const secure = "https://127.0.0.1/echo?a=1";
    assertEquals(await url({ "x-forwarded-proto": "https" }), secure);
    assertEquals(await url({ "x-forwarded-proto": "https, http" }), secure);
    assertEquals(await url({ forwarded: "for=192.0.2.1;proto=https" }), secure);
    assertEquals(
      await url({ "x-forwarded-proto": "ftp" }),
      "http://127.0.0.1/echo?a=1",
    );
    const named = await ask("/http/echo", "", {
      headers: { "convex-request-id": "mine" },
    });
    assertEquals(named.headers.get("x-request"), "mine");
  },
);

apiCase(
  "an HTTP action that throws is answered with status 500",
  async (ask) => {
    const plain = await ask("/http/fail");
    assertEquals(plain.status, 500);
    assert(
      /^\[Request ID: [0-9a-f]{16}\] Server Error: the wheel came off$/
        .test(plain.json.code),
      plain.text,
    );
    assertStringIncludes(plain.json.trace, "Error: the wheel came off");
    const data = await ask("/http/fail?data");
    assertEquals(data.status, 500);
    assertEquals(data.json.data, {
      code: "NO",
      count: { $integer: "BwAAAAAAAAA=" },
    });
  },
);

apiCase(
  "an HTTP action that returns what no host can send is answered with status 500",
  async (ask) => {
    for (
      const [query, what] of [
        ["error", "Response.error()"],
        ["locked", "one whose body was read before"],
        ["shared", undefined],
        ["shared", "one whose body was read before"],
      ]
    ) {
      const answer = await ask(`/http/fail?${query}`);
      assertEquals(answer.status, what ? 500 : 200);
      if (!what) continue;
      assertStringIncludes(
        answer.json.code,
        `HTTP actions must return a Response: GET /fail returned ${what}`,
      );
    }
  },
);

apiCase("an HTTP action is not given more than 20 MiB", async (ask) => {
  const fits = await ask("/http/echo", "x".repeat(20 * 1024 * 1024));
  assertEquals([fits.status, fits.text.length], [201, 20 * 1024 * 1024]);
  const over = await ask("/http/echo", "x".repeat(20 * 1024 * 1024 + 1));
  assertEquals([over.status, over.json.code], [413, "RequestTooLarge"]);
});
