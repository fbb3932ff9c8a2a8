/** Queries at one point in time over HTTP: consistent ones, and those of one batch. */
import { assertEquals } from "@std/assert";
import { rejection } from "./client_contract.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  fakeDeployment,
  type SentRequest,
  success,
  trouble,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Consistent queries. */
const consistentQueryCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "consistent queries share a point in time",
    ({ endpoint, body }) =>
      endpoint === "/api/query_ts"
        ? Response.json({ ts: "AAAAAAAAAAA=" })
        : success((body as { ts?: string }).ts),
    async (client, { sent }) => {
      const calls = [1, 2].map((n) => client.consistentQuery("a:b", { n }));
      assertEquals(await Promise.all(calls), ["AAAAAAAAAAA=", "AAAAAAAAAAA="]);
      await client.consistentQuery("a:b");
      assertEquals(sent.map(({ endpoint }) => endpoint), [
        "/api/query_ts",
        "/api/query_at_ts",
        "/api/query_at_ts",
        "/api/query_at_ts",
      ]);
    },
  ),
  httpCase(
    "consistent queries ask for another point in time when the deployment knows theirs no more",
    (() => {
      let asked = 0;
      return ({ endpoint, body }: SentRequest) => {
        if (endpoint === "/api/query_ts") {
          return Response.json({ ts: asked++ === 0 ? "old" : "new" });
        }
        const { ts } = body as { ts?: string };
        return ts === "new"
          ? success(ts)
          : Response.json({ code: "OutOfRetention", message: "too old" }, {
            status: 503,
          });
      };
    })(),
    async (client) => {
      const once = { retry: "never" } as const;
      const error = await rejection(client.consistentQuery("a:b", {}, once));
      assertEquals(error.code, "OVERLOADED");
      assertEquals(await client.consistentQuery("a:b", {}, once), "new");
    },
  ),
  httpCase(
    "consistent queries keep the point in time for which another waited no longer",
    (() => {
      let asked = 0;
      return async ({ endpoint, body }: SentRequest) => {
        if (endpoint !== "/api/query_ts") {
          return success((body as { ts?: string }).ts);
        }
        await pause(5);
        return Response.json({ ts: `ts ${++asked}` });
      };
    })(),
    async (client) => {
      const controller = new AbortController();
      const { signal } = controller;
      await client.action("a:open");
      const given = rejection(client.consistentQuery("a:a", {}, { signal }));
      const first = client.consistentQuery("a:b");
      await Promise.resolve();
      controller.abort(new Error("enough"));
      assertEquals((await given).message, "enough");
      const second = await client.consistentQuery("a:c");
      assertEquals([await first, second], ["ts 1", "ts 1"]);
    },
  ),
  httpCase(
    "consistent queries wait for no point in time that another gave up",
    (() => {
      let asked = 0;
      return ({ endpoint }: SentRequest) =>
        endpoint !== "/api/query_ts"
          ? success(null)
          : asked++ > 0
          ? Response.json({ ts: "AAAAAAAAAAA=" })
          : new Promise<Response>(() => {});
    })(),
    async (client, { sent }) => {
      const error = await rejection(
        client.consistentQuery("a:b", {}, { timeoutMs: 20 }),
      );
      assertEquals([error.code, sent[0]!.signal.aborted], ["TIMEOUT", true]);
      const timeoutMs = 10_000;
      assertEquals(
        await client.consistentQuery("a:b", {}, { timeoutMs }),
        null,
      );
    },
  ),
  httpCase(
    "a consistent query of high priority waits no longer for its point in time",
    ({ endpoint }) =>
      endpoint === "/api/query_ts"
        ? Response.json({ ts: "AAAAAAAAAAE=" })
        : success(1),
    async (client, { sent }) => {
      await Promise.all([
        client.action("a:b"),
        client.mutation("a:b", {}, { priority: 1 }),
        client.consistentQuery("a:b", {}, { priority: 9 }),
      ]);
      assertEquals(sent[1]!.endpoint, "/api/query_ts");
    },
    { maxInFlight: 1 },
  ),
  httpCase(
    "the answer to the request for a point in time does not count as one of the query that waits for it",
    ({ endpoint }) =>
      endpoint === "/api/query_ts"
        ? Response.json({ ts: "AAAAAAAAAAE=" })
        : endpoint === "/api/query_at_ts"
        ? new Promise(() => {})
        : success("x".repeat(140_000)),
    async (client, { sent }) => {
      await client.query("a:b");
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = [1, 2, 3, 4].map((n) =>
        rejection(client.consistentQuery("a:b", { n }, { signal }))
      );
      while (sent.length < 6) await pause(1);
      await Promise.all([1, 2].map((n) => client.query("a:b", { n })));
      assertEquals(sent.length, 8);
      controller.abort(new Error("enough"));
      await Promise.all(waiting);
    },
  ),
];

/** Batches of queries. */
const batchCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "a batch of queries is one request, and fails as its first failure",
    ({ body }) =>
      Response.json({
        results: body.queries!.map(({ path }) =>
          path === "a:b"
            ? { status: "success", value: path }
            : { status: "error", errorMessage: path }
        ),
      }),
    async (client, { sent }) => {
      assertEquals(
        await client.queryBatch([{ ref: "a:b" }, { ref: "a:b", args: {} }]),
        ["a:b", "a:b"],
      );
      assertEquals(sent.length, 1);
      const error = await rejection(
        client.queryBatch([{ ref: "a:b" }, { ref: "x:y" }, { ref: "z:z" }]),
      );
      assertEquals([error.code, error.message], ["FUNCTION_ERROR", "x:y"]);
      assertEquals(await client.queryBatch([]), []);
    },
  ),
  httpCase(
    "a batch of queries ends with its caller, who alone is told",
    () => new Promise(() => {}),
    async (client, { sent }) => {
      const calls = [{ ref: "a:b" }, { ref: "c:d" }];
      const error = await rejection(
        client.queryBatch(calls, { timeoutMs: 20 }),
      );
      // An unhandled rejection would have ended the program by then.
      await pause(5);
      assertEquals([error.code, sent[0]!.signal.aborted], ["TIMEOUT", true]);
    },
  ),
  {
    name: "HTTP: a consistent query tells of the request for its point in time",
    async run(subject) {
      let asked = 0;
      const deployment = fakeDeployment(({ endpoint }) =>
        endpoint !== "/api/query_ts"
          ? success(1)
          : asked++ === 0
          ? trouble(503, "Overloaded")
          : Response.json({ ts: "AAAAAAAAAAE=" })
      );
      const told: unknown[] = [];
      await using client = await subject.open(deployment, {
        retry: { minDelayMs: 0 },
        hooks: {
          onCall: ({ attempts }) => told.push(attempts),
          onRetry: ({ names }) => told.push(...names),
        },
      });
      const queries = ["a:b", "c:d"].map((ref) => client.consistentQuery(ref));
      assertEquals(await Promise.all(queries), [1, 1]);
      assertEquals(told, ["a:b", "c:d", 3, 3]);
    },
  },
  {
    name:
      "HTTP: queries at one point in time report what was logged, and all their names",
    async run(subject) {
      const hello = ["[LOG] 'hello'"];
      const answer = { status: "success", value: 1, logLines: hello };
      let batches = 0;
      const deployment = fakeDeployment(({ endpoint }) =>
        endpoint === "/api/query_ts"
          ? Response.json({ ts: "AAAAAAAAAAE=" })
          : endpoint === "/api/query_at_ts"
          ? Response.json(answer)
          : batches++ === 0
          ? trouble(503, "Overloaded")
          : Response.json({ results: [answer, answer] })
      );
      const told: unknown[] = [];
      await using client = await subject.open(deployment, {
        retry: { minDelayMs: 0 },
        hooks: {
          onCall: ({ logLines }) => told.push(logLines),
          onRetry: ({ names }) => told.push(names),
        },
      });
      await client.queryBatch([{ ref: "a:b" }, { ref: "c:d" }]);
      await client.consistentQuery("a:b");
      assertEquals(told, [["a:b", "c:d"], [...hello, ...hello], hello]);
    },
  },
  httpCase(
    "the length of a batch does not count as that of one answer of its first query",
    ({ endpoint, body }) => {
      const value = "x".repeat(endpoint === "/api/query_batch" ? 60_000 : 1);
      const answer = { status: "success", value };
      return Response.json(
        body.queries ? { results: body.queries.map(() => answer) } : answer,
      );
    },
    async (client, { sent }) => {
      const ask = (of: number) => ({ ref: `a:${of}`, args: { of } });
      await client.queryBatch([0, 1, 2, 3, 4, 5].map(ask));
      await Promise.all([0, 0, 0].map((_, of) => client.query("a:0", { of })));
      assertEquals(sent.length, 2);
    },
  ),
];

/** The cases. */
export const httpSnapshotContract = (): ContractCase<HttpSubject>[] => [
  ...consistentQueryCases(),
  ...batchCases(),
];
