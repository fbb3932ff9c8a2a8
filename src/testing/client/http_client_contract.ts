/**
 * What the HTTP source must do, tested against a fake deployment: no case needs a socket.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  AsyncConvexClient,
  type AsyncConvexClientOptions,
} from "../../client/async_convex_client.ts";
import {
  httpSource,
  type HttpSourceOptions,
} from "../../client/http/http_source.ts";
import {
  ClientError,
  type CortexError,
  OverloadedError,
} from "../../errors.ts";
import {
  answerCall,
  failure,
  type FakeDeployment,
  fakeDeployment,
  type SentRequest,
  success,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

type Answer = (request: SentRequest) => Response | Promise<Response>;

/** Connects a case's client to its fake deployment. */
export interface HttpSubject {
  /** Makes a client; closing it also ends what it needs. */
  open(
    deployment: FakeDeployment,
    options: HttpSourceOptions & AsyncConvexClientOptions,
  ): AsyncConvexClient | Promise<AsyncConvexClient>;
}

/** A case over a fake deployment. */
export function httpCase(
  name: string,
  answer: Answer,
  run: (
    client: AsyncConvexClient,
    deployment: FakeDeployment,
  ) => Promise<void>,
  options: HttpSourceOptions = {},
): ContractCase<HttpSubject> {
  return {
    name: `HTTP: ${name}`,
    async run(subject) {
      const deployment = fakeDeployment(answer);
      await using client = await subject.open(deployment, options);
      await run(client, deployment);
    },
  };
}

async function rejection(promise: Promise<unknown>): Promise<CortexError> {
  const error = await assertRejects(() => promise);
  assertInstanceOf(error, ClientError);
  return error;
}

const answerQueries: Answer = ({ endpoint, body }) =>
  endpoint === "/api/query_batch"
    ? Response.json({
      results: body.queries!.map(({ args: [{ value, fail }] }) =>
        fail === undefined
          ? { status: "success", value: value ?? null }
          : { status: "error", errorMessage: fail }
      ),
    })
    : answerCall(body);

const notFound = () =>
  Response.json({ code: "NotFound", message: "nothing here" }, { status: 404 });

const html = "<html>" + "x".repeat(200);

/** What requests contain. */
const requestCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "sends what Convex's own client sends",
    () => success(null),
    async (client, { sent }) => {
      await client.action("a/b.js:c", { n: 1n, list: [NaN] });
      const [{ endpoint, body, headers }] = sent as [SentRequest];
      assertEquals(endpoint, "/api/action");
      assertEquals(body, {
        path: "a/b:c",
        format: "convex_encoded_json",
        args: [{
          n: { $integer: "AQAAAAAAAAA=" },
          list: [{ $float: "AAAAAAAA+H8=" }],
        }],
      });
      assertEquals(headers.get("content-type"), "application/json");
      assertEquals(headers.get("authorization"), null);
      assert(/^[a-z]+-\d+\.\d+\.\d+$/.test(headers.get("convex-client")!));
    },
  ),
  httpCase(
    "sends its token and its headers",
    () => success(null),
    async (client, { sent }) => {
      await client.mutation("a:b");
      assertEquals(sent[0]!.headers.get("authorization"), "Bearer secret");
      assertEquals(sent[0]!.headers.get("x-team"), "blue");
      assertEquals(sent[0]!.headers.get("content-type"), "text/json");
    },
    {
      auth: () => Promise.resolve("secret"),
      headers: { "x-team": "blue", "Content-Type": "text/json" },
    },
  ),
];

/** Queries that are sent together. */
const queryBatchingCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "sends a lone query by itself",
    answerQueries,
    async (client, { sent }) => {
      await client.query("a:b", { value: 1 });
      assertEquals(sent.map(({ endpoint }) => endpoint), ["/api/query"]);
    },
  ),
  httpCase(
    "sends queries that were started together by few requests",
    answerQueries,
    async (client, { sent }) => {
      const calls = Array.from({ length: 100 }, async (_, value) => {
        // Callers make their query after different numbers of microtasks.
        for (let hop = 0; hop < value % 5; hop++) await undefined;
        return await client.query("a:b", { value });
      });
      assertEquals(await Promise.all(calls), calls.map((_, index) => index));
      assertEquals(sent.length, 2);
      assertEquals(client.stats().requests, 2);
    },
  ),
  httpCase(
    "rejects only the query that failed",
    answerQueries,
    async (client) => {
      const [good, bad] = await Promise.allSettled([
        client.query("a:b", { value: 1 }),
        client.query("a:b", { fail: "no" }),
      ]);
      assertEquals(good, { status: "fulfilled", value: 1 });
      assertEquals((bad as PromiseRejectedResult).reason.message, "no");
    },
  ),
  httpCase(
    "asks a server without query batches for them once",
    ({ endpoint, body }) =>
      endpoint === "/api/query_batch" ? notFound() : answerCall(body),
    async (client, { sent }) => {
      for (let round = 0; round < 2; round++) {
        const calls = [1, 2, 3].map((value) => client.query("a:b", { value }));
        assertEquals(await Promise.all(calls), [1, 2, 3]);
      }
      const batches = sent.filter(({ endpoint }) =>
        endpoint === "/api/query_batch"
      );
      assertEquals([batches.length, sent.length], [1, 7]);
    },
  ),
  httpCase(
    "finds the query that a server refuses a batch for",
    ({ endpoint, body }) =>
      endpoint === "/api/query_batch" || body.path === "bad:path"
        ? Response.json(
          { code: "BadConvexFunctionIdentifier", message: "no" },
          {
            status: 400,
          },
        )
        : answerCall(body),
    async (client) => {
      const [good, bad] = await Promise.allSettled([
        client.query("a:b", { value: 1 }),
        client.query("bad:path"),
      ]);
      assertEquals(good, { status: "fulfilled", value: 1 });
      assertEquals((bad as PromiseRejectedResult).reason.code, "HTTP_ERROR");
    },
  ),
];

/** Concurrent mutations, limits, and aborted calls. */
const concurrencyCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "does not queue mutations",
    async ({ body }) => {
      // Time for a busy host to send the others.
      await pause(150);
      return answerCall(body);
    },
    async (client, { maxOpen }) => {
      const calls = [1, 2, 3].map((value) => client.mutation("a:b", { value }));
      assertEquals(await Promise.all(calls), [1, 2, 3]);
      assertEquals(maxOpen(), 3);
    },
  ),
  httpCase(
    "keeps to its bound of open requests, and drops who gives up waiting",
    async ({ body }) => {
      await pause(10);
      return answerCall(body);
    },
    async (client, { sent, maxOpen }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const calls = [1, 2, 3, 4].map((value) =>
        client.mutation("a:b", { value }, value === 4 ? { signal } : {})
      );
      setTimeout(() => controller.abort(), 1);
      const [, , third, fourth] = await Promise.allSettled(calls);
      assertEquals(third!.status, "fulfilled");
      assertEquals(fourth!.status, "rejected");
      assertEquals([maxOpen(), sent.length], [1, 3]);
    },
    { maxInFlight: 1 },
  ),
  httpCase(
    "tells the deployment that a call was given up",
    () => new Promise(() => {}),
    async (client, { sent }) => {
      const error = await rejection(
        client.mutation("a:b", {}, { timeoutMs: 20 }),
      );
      assertEquals(error.code, "TIMEOUT");
      assert(sent[0]!.signal.aborted);
    },
  ),
  httpCase(
    "sends no query that was given up in its tick",
    answerQueries,
    async (client, { sent }) => {
      const controller = new AbortController();
      const calls = [1, 2].map((value) =>
        client.query("a:b", { value }, value === 2 ? controller : {})
      );
      controller.abort();
      const [, second] = await Promise.allSettled(calls);
      assertEquals(second!.status, "rejected");
      assertEquals(sent.map(({ endpoint }) => endpoint), ["/api/query"]);
    },
  ),
];

/** The errors that callers get. */
const failureCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "says what trouble the deployment has",
    () =>
      Response.json({ code: "Overloaded", message: "come back later" }, {
        status: 503,
      }),
    async (client) => {
      const error = await rejection(client.mutation("a:b"));
      assertInstanceOf(error, OverloadedError);
      assertEquals(error.code, "OVERLOADED");
      assertEquals(error.data, { status: 503, code: "Overloaded" });
      assertStringIncludes(error.message, "come back later");
    },
  ),
  httpCase(
    "reads the old status of failed functions",
    () =>
      Response.json({ status: "error", errorMessage: "old" }, { status: 560 }),
    async (client) => {
      const error = await rejection(client.mutation("a:b"));
      assertEquals([error.code, error.message], ["FUNCTION_ERROR", "old"]);
    },
  ),
  httpCase(
    "tells which limit of a deployment was met",
    () =>
      failure(
        "Uncaught Error: Too many reads in a single function execution (limit: 4096).",
      ),
    async (client) => {
      const error = await rejection(client.mutation("a:b"));
      assertEquals(error.code, "LIMIT_EXCEEDED");
    },
  ),
  ...([
    ["a web page", () =>
      new Response(html, {
        headers: { "content-type": "text/html" },
      })],
    ["a web page with an error's status", () =>
      new Response(html, {
        status: 502,
        headers: { "content-type": "text/html" },
      })],
    ["JSON of another kind", () => Response.json({ hello: "world" })],
    [
      "JSON of another kind with an error's status",
      () => Response.json(["no"], { status: 500 }),
    ],
    ["a bare value", () => Response.json(5)],
    ["nothing", () => new Response("")],
  ] as [string, Answer][]).map(([what, answer]) =>
    httpCase(`refuses ${what} as an answer`, answer, async (client) => {
      for (const kind of ["query", "mutation"] as const) {
        const error = await rejection(client[kind as "query"]("a:b"));
        assertEquals(error.code, "BAD_RESPONSE");
        const { status, contentType } = error.data as {
          status: number;
          contentType: string;
        };
        assertStringIncludes(error.message, `status ${status}`);
        assertStringIncludes(error.message, contentType);
        assert(error.message.length < 250, error.message);
      }
    })
  ),
  ...([
    ["connection refused", undefined],
    ["fetch failed", new Error("connection refused")],
    ["fetch failed", {
      message:
        "error sending request for url (https://a/b): connection refused",
    }],
    ["fetch failed", { message: "", code: "connection refused" }],
  ] as const).map(([message, cause], at) =>
    httpCase(
      `names the origin that cannot be reached, and why: ${at + 1}`,
      () => Promise.reject(new TypeError(message, { cause })),
      async (client) => {
        const error = await rejection(client.query("a:b"));
        assertEquals([error.code, error.message], [
          "UNREACHABLE",
          'Cannot reach https://x.convex.cloud: "connection refused"',
        ]);
        assertInstanceOf(error.cause, TypeError);
      },
    )
  ),
  {
    name: "HTTP: refuses an invalid address, without showing passwords",
    run() {
      const urls = [
        "",
        "convex.cloud",
        "ftp://x.convex.cloud",
        "https://x.convex.cloud/?a=1",
        "https://me:secret@x.convex.cloud",
        5 as unknown as string,
      ];
      for (const url of urls) {
        const error = assertThrows(() => httpSource(url), ClientError);
        assertEquals((error as ClientError).code, "INVALID_ARGUMENT");
        assertStringIncludes(error.message, "url must be");
        assert(!error.message.includes("secret"), error.message);
      }
      assertThrows(() => new AsyncConvexClient("nowhere"), ClientError, "url");
    },
  },
  {
    name: "HTTP: refuses an invalid bound of open requests",
    run() {
      for (const maxInFlight of [0, 1.5, NaN]) {
        const error = assertThrows(
          () => httpSource("https://x.convex.cloud", { maxInFlight }),
          ClientError,
          "maxInFlight",
        );
        assertEquals((error as ClientError).code, "INVALID_ARGUMENT");
      }
    },
  },
];

/** Cases of single requests, shared queries, and invalid answers. */
export const httpClientContract = (): ContractCase<HttpSubject>[] => [
  ...requestCases(),
  ...queryBatchingCases(),
  ...concurrencyCases(),
  ...failureCases(),
];
