/** What the HTTP source makes of servers that break, lie or send it elsewhere. No case needs a socket. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ClientError } from "../errors.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import { success } from "./http_fake.ts";
import type { ContractCase } from "./types.ts";

/** Answers that no deployment gives, and what the message must say of them. */
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
    "follows no redirection",
    () => success(null),
    async (client, { sent }) => {
      await client.mutation("a:b");
      assertEquals(sent[0]!.redirect, "manual");
    },
  ),
];
