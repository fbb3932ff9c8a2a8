/** How the HTTP source handles servers that break, lie or redirect it. No case needs a socket. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ClientError } from "../../errors.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import { fakeDeployment, success } from "./http_fake.ts";
import type { ContractCase } from "../types.ts";

/** Answers that no deployment gives, and a part of the error message for each. */
const ANSWERS: readonly (readonly [what: string, () => Response, string])[] = [
  [
    "a page to log in",
    () =>
      new Response("<!doctype html><title>Log in</title>", {
        headers: { "content-type": "text/html" },
      }),
    "text/html",
  ],
  [
    "half of an answer",
    () => new Response('{"status":"success","value":{"a":'),
    "status 200",
  ],
  [
    "an error page",
    () => new Response("oops", { status: 500 }),
    "status 500",
  ],
  [
    "a redirection",
    () =>
      new Response(null, {
        status: 307,
        headers: { location: "https://elsewhere.example/api" },
      }),
    "https://elsewhere.example/api",
  ],
  [
    "a value that is none",
    () => success({ $integer: "zz" }),
    "$integer",
  ],
  [
    "a value with a reserved name",
    () => new Response('{"status":"success","value":{"__proto__":{"a":1}}}'),
    "__proto__",
  ],
  [
    "a value without bottom",
    () =>
      new Response(
        `{"status":"success","value":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
      ),
    "value",
  ],
];

/** An answer without an end, and how many bytes of it were asked for. */
function endless(headers: { [name: string]: string }): {
  response: Response;
  read: () => number;
} {
  const part = new Uint8Array(64 * 1024).fill(32);
  let bytes = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      bytes += part.length;
      if (bytes > 16 * MAX_BYTES) throw new Error("it is read on and on");
      controller.enqueue(part.slice());
    },
  });
  return { response: new Response(stream, { headers }), read: () => bytes };
}

const MAX_BYTES = 1024 * 1024;
/** As in Safari. */
const UNITERABLE = "whose parts cannot be iterated over";

const TOKEN = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9".padEnd(200, "x");

const batch = { cost: { reads: 1, writes: 1, ranges: 1 } };

/** Cases of hostile servers. */
export const httpHostileContract = (): ContractCase<HttpSubject>[] => [
  ...ANSWERS.map(([what, answer, says]) =>
    httpCase(
      `answers ${what} with BAD_RESPONSE, and sends no mutation again`,
      answer,
      async (client, { sent }) => {
        const outcomes = await Promise.allSettled([
          client.mutation("a:b"),
          client.action("a:b"),
          client.query("a:b"),
          client.mutation("a:b", { n: 1 }, { batch }),
          client.mutation("a:b", { n: 2 }, { batch }),
        ]);
        for (const outcome of outcomes) {
          const error = (outcome as PromiseRejectedResult).reason;
          assertInstanceOf(error, ClientError);
          assertEquals(error.code, "BAD_RESPONSE", error.message);
          assertStringIncludes(error.message, says);
          assert(error.message.length < 400, error.message);
          const { headers } = sent[0]!;
          assertEquals(!!error.requestId, headers.has("convex-request-id"));
        }
        const written = sent.filter(({ endpoint }) =>
          endpoint === "/api/mutation"
        );
        assertEquals(written.length, 2);
        assertEquals(({} as { a?: unknown }).a, undefined);
      },
      { batchFunction: "batch:run" },
    )
  ),
  httpCase(
    "sends no mutation again when the connection breaks or the server fails",
    ({ body }) => {
      if (body.path === "a:gone") throw new TypeError("connection reset");
      const unwell = { code: "Overloaded", message: "later" };
      return Response.json(unwell, { status: 503 });
    },
    async (client, { sent }) => {
      const codes = await Promise.all(
        ["a:gone", "a:unwell"].map(async (name) => {
          const error = await assertRejects(() => client.mutation(name));
          return (error as ClientError).code;
        }),
      );
      assertEquals(codes, ["UNREACHABLE", "OVERLOADED"]);
      assertEquals(sent.length, 2);
    },
  ),
  httpCase(
    "reads a long answer in parts, whatever its length is said to be",
    ({ body: { args: [{ said, value }] } }) => {
      const text = `{"status":"success","value":${JSON.stringify(value)}}`;
      const bytes = new TextEncoder().encode(text);
      let at = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.slice(at, at += 30_000));
        },
      });
      const headers = new Headers({ "content-type": "application/json" });
      if (said !== null) headers.set("content-length", String(said));
      return new Response(stream, { headers });
    },
    async (client) => {
      // The last answer has no `content-length`, when answers are known to be long.
      for (const said of [1_500_000, 100_000, 4e9, null]) {
        const calls = Array.from({ length: 2 }, (_, at) => {
          const value = `${at} ${"日\\".repeat(400_000)}`;
          return client.action("a:b", { said, value }).then((answer) =>
            assert(answer === value)
          );
        });
        await Promise.all(calls);
      }
    },
  ),
  httpCase(
    "begins to read a long answer at once: Node ends where a server hangs up on one that is not read",
    () => {
      let isLate = false;
      // After any chain of promises, but before a module loads.
      const wait = async () => {
        for (let turns = 0; turns < 1000; turns++) await undefined;
        isLate = true;
      };
      void wait();
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          const text = `{"status":"success","value":${isLate}}`;
          controller.enqueue(new TextEncoder().encode(text.padEnd(100_000)));
          controller.close();
        },
      }, { highWaterMark: 0 });
      return new Response(stream, { headers: { "content-length": "100000" } });
    },
    async (client) => assertEquals(await client.query("a:b"), false),
  ),
  httpCase(
    "is unreachable that breaks off in a long answer",
    () => {
      let parts = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (++parts > 3) return controller.error(new TypeError("reset"));
          controller.enqueue(new Uint8Array(100_000).fill(32));
        },
      });
      return new Response(stream, { headers: { "content-length": "2000000" } });
    },
    async (client, { sent }) => {
      const error = await assertRejects(() => client.mutation("a:b"));
      assertInstanceOf(error, ClientError);
      assertEquals([error.code, sent.length], ["UNREACHABLE", 1]);
    },
  ),
  ...Object.entries<{ [name: string]: string }>({
    "without a length": {},
    "whose length is more than it may be": { "content-length": "9000000000" },
    "whose parts belie its length": {
      "content-length": "5",
      "transfer-encoding": "chunked",
    },
    "that is compressed": { "content-length": "5", "content-encoding": "gzip" },
    [UNITERABLE]: {},
  }).map(([what, headers]): ContractCase<HttpSubject> => ({
    name: `HTTP: reads no more than maxAnswerBytes of an answer ${what}`,
    async run(subject) {
      let answer = endless(headers);
      const deployment = fakeDeployment(() => answer.response);
      await using client = await subject.open(deployment, {
        maxAnswerBytes: MAX_BYTES,
      });
      for (let calls = 0; calls < 3; calls++) {
        answer = endless(headers);
        if (what === UNITERABLE) {
          const { body } = answer.response;
          Object.defineProperty(body, Symbol.asyncIterator, { value: null });
        }
        const error = await assertRejects(() =>
          calls === 0 ? client.mutation("a:b") : client.query("a:b")
        );
        assertInstanceOf(error, ClientError);
        assertEquals(error.code, "BAD_RESPONSE");
        assertStringIncludes(error.message, "maxAnswerBytes = 1048576");
        const bytes = answer.read();
        assert(bytes < 2 * MAX_BYTES, `${bytes} bytes were read`);
      }
      assertEquals(deployment.sent.length, 3);
    },
  })),
  httpCase(
    "reads all of an answer that is as long as it may be",
    ({ body }) => {
      const text = '{"status":"success","value":7}';
      const length = body.path === "a:long" ? MAX_BYTES : MAX_BYTES + 1;
      return new Response(new Blob([text.padEnd(length)]).stream());
    },
    async (client) => {
      assertEquals(await client.query("a:long"), 7);
      await assertRejects(() => client.query("a:longer"), ClientError);
    },
    { maxAnswerBytes: MAX_BYTES },
  ),
  httpCase(
    "answers no body with BAD_RESPONSE, also after long answers",
    ({ body }) =>
      body.args[0].isLong
        ? success("x".repeat(100_000))
        : new Response(null, { status: 204 }),
    async (client) => {
      for (let at = 0; at < 2; at++) {
        await client.query("a:b", { isLong: true, at });
      }
      const error = await assertRejects(() => client.query("a:b"));
      assertEquals((error as ClientError).code, "BAD_RESPONSE");
    },
  ),
  httpCase(
    "shows nothing of the token when a proxy echoes the request",
    ({ headers }) =>
      new Response(`to: ${headers.get("authorization")}`, { status: 502 }),
    async (client) => {
      const error = await assertRejects(() => client.mutation("a:b"));
      assertInstanceOf(error, ClientError);
      assertStringIncludes(error.message, '"to: Bearer "');
      assert(!error.message.includes(TOKEN.slice(0, 20)), error.message);
    },
    { auth: TOKEN },
  ),
  httpCase(
    "follows no redirection",
    () => success(null),
    async (client, { sent }) => {
      await client.mutation("a:b");
      assertEquals(sent[0]!.redirect, "manual");
    },
  ),
];
