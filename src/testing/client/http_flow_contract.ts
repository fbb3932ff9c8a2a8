/** Number and order of the requests that the HTTP source makes, and further features of its client. */
import { assert, assertEquals } from "@std/assert";
import type { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { CallReport } from "../../client/client_hooks.ts";
import type { HttpSourceOptions } from "../../client/http/http_source.ts";
import { rejection } from "./client_contract.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  answerBatch,
  answerCall,
  type FakeDeployment,
  fakeDeployment,
  type SentRequest,
  success,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Answers each query of a batch, or a call, with its argument `value`, after a few ms. */
async function answerSlowly({ endpoint, body }: SentRequest) {
  await pause(10);
  if (endpoint !== "/api/query_batch") return answerCall(body);
  return Response.json({
    results: body.queries!.map(({ args: [{ value }] }) => ({
      status: "success",
      value: value ?? null,
    })),
  });
}

/** A case that decides when its queries are answered. */
function gatedCase(
  name: string,
  run: (
    client: AsyncConvexClient,
    deployment: FakeDeployment,
    open: () => void,
  ) => Promise<void>,
  options?: HttpSourceOptions,
): ContractCase<HttpSubject> {
  let open = () => {};
  const gate = new Promise<void>((resolve) => open = resolve);
  return httpCase(
    name,
    async (request) => {
      if (request.endpoint !== "/api/mutation") await gate;
      return answerBatch(request);
    },
    (client, deployment) => run(client, deployment, open),
    options,
  );
}

const batch = { batch: { cost: { reads: 1, writes: 1, ranges: 1 } } };

/** Equal queries share a request. */
const sharedQueryCases = (): ContractCase<HttpSubject>[] => [
  gatedCase(
    "equal queries share a request, and each gets a copy of its own",
    async (client, { sent }, open) => {
      const ask = () => client.query("a:b", { value: { list: [1] } });
      const together = [ask(), ask()];
      await pause(1);
      const later = ask();
      const other = client.query("a:b", { value: 2 });
      await pause(1);
      assertEquals(sent.length, 2);
      open();
      const [first, second, third] = await Promise.all([...together, later]);
      assertEquals([first, second, third], Array(3).fill({ list: [1] }));
      assert(first !== second && second !== third);
      assertEquals(await other, 2);
      await ask();
      assertEquals(sent.length, 3);
    },
  ),
  ...[[undefined], [batch, batch]].map((together) =>
    gatedCase(
      `a query shares no request that left before ${
        together.length === 1 ? "a mutation" : "batched mutations"
      } had ended`,
      async (client, { sent }, open) => {
        const ask = () => client.query("a:b", { value: 1 });
        const calls = [ask()];
        await pause(1);
        const mutations = together.map((options) =>
          client.mutation("a:c", {}, options)
        );
        calls.push(ask());
        await Promise.all(mutations);
        calls.push(ask());
        await pause(1);
        open();
        await Promise.all(calls);
        const queries = sent.filter(({ endpoint }) =>
          endpoint === "/api/query"
        );
        assertEquals(queries.length, 2);
      },
      { batchFunction: "batch:run" },
    )
  ),
  httpCase(
    "a shared request ends with the last of its callers",
    () => new Promise(() => {}),
    async (client, { sent }) => {
      const [one, other] = [new AbortController(), new AbortController()];
      const calls = [one, other].map(({ signal }) =>
        client.query("a:b", {}, { signal })
      );
      await pause(1);
      one.abort();
      const error = await rejection(calls[0]!);
      assertEquals(error.name, "AbortError");
      assertEquals([sent.length, sent[0]!.signal.aborted], [1, false]);
      other.abort();
      await rejection(calls[1]!);
      assertEquals(sent[0]!.signal.aborted, true);
    },
  ),
  {
    name: "HTTP: a call that shares a request reports its attempts and its id",
    async run(subject) {
      const calls: CallReport[] = [];
      const deployment = fakeDeployment(answerSlowly);
      await using client = await subject.open(deployment, {
        hooks: { onCall: (call) => calls.push(call) },
      });
      await Promise.all([client.query("a:b"), client.query("a:b")]);
      assertEquals(calls.map(({ attempts }) => attempts), [1, 1]);
      assertEquals(calls[0]!.requestId, calls[1]!.requestId);
    },
  },
];

/** When waiting requests start, and in which order. */
const schedulingCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "requests that come together begin in several turns of the event loop",
    answerSlowly,
    async (client, { sent }) => {
      await client.action("a:b");
      const calls = Array.from(
        { length: 40 },
        (_, value) => client.action("a:b", { value }),
      );
      for (let hop = 0; hop < 1000; hop++) await undefined;
      const begun = sent.length - 1;
      assert(begun > 0 && begun < 16, `${begun} in the first turn`);
      assertEquals(await Promise.all(calls), calls.map((_, at) => at));
      assertEquals(sent.length, 41);
    },
  ),
  httpCase(
    "calls of higher priority go first",
    answerSlowly,
    async (client, { sent }) => {
      await Promise.all(
        [0, 0, -1, 5].map((priority, value) =>
          client.action("a:b", { value }, { priority })
        ),
      );
      assertEquals(sent.map(({ body }) => body.args[0].value), [0, 3, 1, 2]);
    },
    { maxInFlight: 1 },
  ),
  httpCase(
    "queries of higher priority wait behind no others that wait already",
    answerSlowly,
    async (client, { sent }) => {
      const calls = [client.action("a:b"), client.query("a:b")];
      await pause(1);
      calls.push(
        client.mutation("a:b", {}, { priority: 5 }),
        client.query("c:d", {}, { priority: 9 }),
      );
      await Promise.all(calls);
      assertEquals(sent.map(({ endpoint }) => endpoint.slice(5)), [
        "action",
        "query_batch",
        "mutation",
      ]);
    },
    { maxInFlight: 1 },
  ),
  httpCase(
    "queries that wait for their turn share a request",
    answerSlowly,
    async (client, { sent, maxOpen }) => {
      const calls: Promise<unknown>[] = [];
      for (let value = 0; value < 30; value++) {
        calls.push(client.query("a:b", { value }));
        if (value % 10 === 0) await pause(1);
      }
      assertEquals(await Promise.all(calls), calls.map((_, index) => index));
      assert(sent.length <= 4, `${sent.length} requests`);
      assertEquals(maxOpen(), 1);
    },
    { maxInFlight: 1 },
  ),
  httpCase(
    "queries whose answers were large share no request",
    ({ endpoint, body }) => {
      const answer = { status: "success", value: "x".repeat(400_000) };
      return Response.json(
        endpoint === "/api/query_batch"
          ? { results: body.queries!.map(() => answer) }
          : answer,
      );
    },
    async (client, { sent }) => {
      await client.query("a:large", { id: 0 });
      await Promise.all(
        [1, 2, 3].map((id) => client.query("a:large", { id })),
      );
      assertEquals(
        sent.map(({ endpoint }) => endpoint),
        Array(4).fill("/api/query"),
      );
    },
  ),
];

/** Pages. */
const pageCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "pages are asked for as they are read",
    ({ body: { args: [args] } }) => {
      const { numItems, cursor } = args.paginationOpts as {
        numItems: number;
        cursor: string | null;
      };
      const start = Number(cursor ?? 0);
      const page = [0, 1].map((item) => start + item).slice(0, numItems);
      return success({
        page,
        isDone: start === 4,
        continueCursor: String(start + 2),
      });
    },
    async (client, { sent }) => {
      const numbers = client.paginate("a:b", { of: "all" }, { pageSize: 2 });
      const items: unknown[] = [];
      for await (const item of numbers) items.push(item);
      assertEquals(items, [0, 1, 2, 3, 4, 5]);
      assertEquals(sent.length, 3);
      for await (const page of numbers.pages()) {
        assertEquals(page.page, [0, 1]);
        break;
      }
      assertEquals(sent.length, 4);
      assertEquals(sent[0]!.body.args[0].of, "all");
      const rest = client.paginate("a:b", {}, { cursor: "4" });
      const last = await rest.pages().next();
      assertEquals(last.value?.isDone, true);
    },
  ),
];

/** Cases of sharing, order and pages. */
export const httpFlowContract = (): ContractCase<HttpSubject>[] => [
  ...sharedQueryCases(),
  ...schedulingCases(),
  ...pageCases(),
];
