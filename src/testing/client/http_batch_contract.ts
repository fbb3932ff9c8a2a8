/**
 * Batches of mutations over HTTP: the requests that are sent, and the outcome of each call.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { CallOptions } from "../../client/types.ts";
import type { CortexError } from "../../errors.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  answerBatch,
  answerCall,
  failure,
  type SentRequest,
  success,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

const options = { batchFunction: "batch:run" };

function batch(orderKey?: string, writes = 1): CallOptions {
  return { batch: { orderKey, cost: { reads: 1, writes, ranges: 1 } } };
}

/** Starts one mutation for each value, all with the same order key or all without. */
function send(
  client: AsyncConvexClient,
  values: readonly unknown[],
  orderKey?: string,
): Promise<unknown>[] {
  return values.map((value) =>
    client.mutation("a:b", { value: value as number }, batch(orderKey))
  );
}

/** The values in a request: a list, or a single value for a single call. */
function carried({ body }: SentRequest): unknown {
  if (body.path !== "batch:run") return body.args[0].value;
  const calls = body.args[0].calls as { args: { value: unknown } }[];
  return calls.map(({ args }) => args.value);
}

const range = (length: number): number[] =>
  Array.from({ length }, (_, index) => index);

async function errorOf(call: Promise<unknown>): Promise<CortexError> {
  const [result] = await Promise.allSettled([call]);
  assert(result!.status === "rejected", "the call should have failed");
  return result.reason;
}

const limit = "Too many writes in a single function execution (limit: 16000)";

/** Which mutations are sent together. */
const packingCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "sends a hundred mutations by two requests at once",
    async (request) => {
      await pause(5);
      return answerBatch(request);
    },
    async (client, { sent, maxOpen }) => {
      const calls = range(100).map((value) =>
        client.mutation("a:b", { value }, batch(`key ${value % 40}`))
      );
      assertEquals(await Promise.all(calls), range(100));
      assertEquals([sent.length, maxOpen()], [2, 2]);
      assertEquals(sent[0]!.endpoint, "/api/mutation");
      const [first] = sent[0]!.body.args[0].calls as unknown[];
      assertEquals(first, { name: "a:b", args: { value: 0 } });
    },
    options,
  ),
  httpCase(
    "sends a lone mutation as itself",
    answerBatch,
    async (client, { sent }) => {
      assertEquals(await Promise.all(send(client, [7], "k")), [7]);
      assertEquals(sent[0]!.body.path, "a:b");
    },
    options,
  ),
  httpCase(
    "sends mutations as themselves where there is no batch function",
    answerBatch,
    async (client, { sent }) => {
      await Promise.all(send(client, [1, 2, 3]));
      assertEquals(sent.map(({ body }) => body.path), ["a:b", "a:b", "a:b"]);
    },
  ),
  httpCase(
    "sends a mutation at once that asks for no batch",
    answerBatch,
    async (client, { sent }) => {
      await Promise.all(
        [1, 2].map((value) => client.mutation("a:b", { value })),
      );
      // Each uses its own connection, so they arrive in any order.
      assertEquals(sent.map(carried).sort(), [1, 2]);
    },
    options,
  ),
  httpCase(
    "splits a batch by what its calls write",
    answerBatch,
    async (client, { sent }) => {
      const calls = range(4).map((value) =>
        client.mutation("a:b", { value }, batch(undefined, 2000))
      );
      assertEquals(await Promise.all(calls), range(4));
      assertEquals(sent.map(carried).sort(), [[0, 1], [2, 3]]);
    },
    options,
  ),
  httpCase(
    "rejects only the call that failed, and runs those after it",
    answerBatch,
    async (client, { sent }) => {
      const fail = [
        { message: "Uncaught Error: no" },
        { message: "thrown", data: { code: "NOPE" } },
      ];
      const calls = [undefined, fail[0], fail[1], undefined].map((fail) =>
        client.mutation("a:b", { value: "done", fail }, batch("k"))
      );
      const plain = errorOf(calls[1]!);
      const thrown = errorOf(calls[2]!);
      assertEquals(await calls[0], "done");
      assertEquals(await calls[3], "done");
      assertEquals((await plain).code, "FUNCTION_ERROR");
      assertEquals((await thrown).code, "NOPE");
      assertEquals((await thrown).name, "ConvexError");
      assertEquals(sent.length, 1);
      // A page sends none.
      const requestId = sent[0]!.headers.get("convex-request-id") ?? undefined;
      for (const error of [await plain, await thrown]) {
        assertEquals(error.requestId, requestId);
      }
    },
    options,
  ),
];

/** Calls of one key stay in order, and large batches are split. */
const orderAndLimitCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "does not let a later call overtake an earlier one of its key",
    async (request) => {
      // Far longer than sending the others takes, even on a busy machine.
      await pause(300);
      return answerBatch(request);
    },
    async (client, { sent, maxOpen }) => {
      const first = send(client, [1, 2], "k");
      await pause(5);
      const later = send(client, [3, 4], "k");
      const other = send(client, [5, 6], "other");
      await pause(5);
      const last = send(client, [7], "k");
      await Promise.all([...first, ...later, ...other, ...last]);
      // Each of the two keys has its own connection, so either may arrive first.
      const carriedBy = sent.map(carried);
      assertEquals(carriedBy.slice(0, 2).sort(), [[1, 2], [5, 6]]);
      assertEquals(carriedBy.slice(2), [[3, 4, 7]]);
      assertEquals(maxOpen(), 2);
    },
    options,
  ),
  httpCase(
    "sends calls of one key that are too many for a batch one batch after another",
    async (request) => {
      await pause(5);
      return answerBatch(request);
    },
    async (client, { sent, maxOpen }) => {
      await Promise.all(send(client, range(150), "k"));
      assertEquals(sent.flatMap(carried), range(150));
      assertEquals([sent.length, maxOpen()], [3, 1]);
    },
    options,
  ),
  httpCase(
    "halves a batch that is over a limit as a whole",
    (request) => {
      const { path, args } = request.body;
      const isLarge = path === "batch:run" &&
        (args[0].calls as unknown[]).length > 2;
      return isLarge ? failure(limit) : answerBatch(request);
    },
    async (client, { sent }) => {
      assertEquals(await Promise.all(send(client, range(5), "k")), range(5));
      assertEquals(sent.map(carried), [range(5), [0, 1, 2], [0, 1], 2, [3, 4]]);
    },
    options,
  ),
  httpCase(
    "rejects a call that is over a limit by itself",
    () => failure(limit),
    async (client) => {
      const calls = await Promise.allSettled(send(client, [1, 2]));
      for (const call of calls) {
        assertEquals(
          (call as PromiseRejectedResult).reason.code,
          "LIMIT_EXCEEDED",
        );
      }
    },
    options,
  ),
];

/** What is resent after a batch failed. */
const repetitionCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "sends again what failed for its companions, but never out of order",
    ({ body }) => {
      if (body.path !== "batch:run") return answerCall(body);
      const calls = body.args[0].calls as { args: { value: number } }[];
      return success(
        calls.map(({ args: { value } }) =>
          value < 3
            ? { ok: true, value }
            : { ok: false, error: { message: limit } }
        ),
      );
    },
    async (client, { sent }) => {
      const overtaken = errorOf(
        client.mutation("a:b", { value: 3 }, batch("k")),
      );
      const calls = [
        ...send(client, [1], "k"),
        ...send(client, [2, 4]),
      ];
      assertEquals(await Promise.all(calls), [1, 2, 4]);
      assertEquals((await overtaken).code, "LIMIT_EXCEEDED");
      assertEquals(sent.map(carried), [[3, 1, 2, 4], 4]);
    },
    options,
  ),
  httpCase(
    "sends again what failed after an earlier one of its key that is sent again",
    ({ body }) => {
      if (body.path !== "batch:run") return answerCall(body);
      const messages = [limit, "Uncaught Error: no such note", limit];
      return success(
        messages.map((message) => ({ ok: false, error: { message } })).slice(
          0,
          (body.args[0].calls as unknown[]).length,
        ),
      );
    },
    async (client, { sent }) => {
      const calls = [...send(client, [1, 2], "k"), ...send(client, [3])];
      assertEquals(await Promise.all(calls), [1, 2, 3]);
      assertEquals(sent.map(carried), [[1, 2, 3], [1, 2], 1, 2, 3]);
    },
    options,
  ),
  httpCase(
    "asks a deployment without the batch function for it once",
    (request) =>
      request.body.path === "batch:run"
        ? failure("Could not find public function for 'batch:run'.")
        : answerBatch(request),
    async (client, { sent }) => {
      assertEquals(await Promise.all(send(client, [1, 2], "k")), [1, 2]);
      assertEquals(await Promise.all(send(client, [3, 4], "k")), [3, 4]);
      assertEquals(sent.map(carried), [[1, 2], 1, 2, 3, 4]);
    },
    options,
  ),
];

/** Callers that abort, and malformed answers. */
const abortCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "leaves out of a batch who gave up before it was sent",
    answerBatch,
    async (client, { sent }) => {
      const { signal, abort } = abortable();
      const calls = [
        ...send(client, [1, 2], "k"),
        client.mutation("a:b", { value: 3 }, { signal, ...batch("k") }),
      ];
      abort();
      const [, , third] = await Promise.allSettled(calls);
      assertEquals(third!.status, "rejected");
      assertEquals(sent.map(carried), [[1, 2]]);
    },
    options,
  ),
  httpCase(
    "ends a batch's request when the last of its callers gave up",
    () => new Promise(() => {}),
    async (client, { sent }) => {
      const calls = [20, 40].map((timeoutMs) =>
        client.mutation("a:b", {}, { timeoutMs, ...batch("k") })
      );
      await errorOf(calls[0]!);
      assertEquals(sent[0]!.signal.aborted, false);
      assertEquals((await errorOf(calls[1]!)).code, "TIMEOUT");
      assertEquals(sent[0]!.signal.aborted, true);
    },
    options,
  ),
  httpCase(
    "rejects every call when the batch's answer is malformed",
    ({ body }) =>
      body.path === "batch:run" ? success([{ ok: true }]) : answerCall(body),
    async (client) => {
      for (const call of await Promise.allSettled(send(client, [1, 2]))) {
        const { reason } = call as PromiseRejectedResult;
        assertEquals(reason.code, "BAD_RESPONSE");
      }
    },
    options,
  ),
];

/** Calls of one batch with different options. */
const mixedOptionCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "sends one of high priority, and those that wait with it, before others that wait already",
    async (request) => {
      await pause(5);
      return answerBatch(request);
    },
    async (client, { sent }) => {
      const calls = [0, 1, 2].map((value) => client.action("a:b", { value }));
      while (sent.length < 1) await pause(1);
      for (const [value, priority] of [[3, 0], [4, 5]]) {
        calls.push(client.mutation("a:b", { value }, { priority, ...batch() }));
        // By then it waits for a place.
        for (let hop = 0; hop < 100; hop++) await undefined;
      }
      await Promise.all(calls);
      assertEquals(sent.map(carried), [0, [3, 4], 1, 2]);
    },
    { ...options, maxInFlight: 1 },
  ),
  httpCase(
    "makes each call again that may be, whatever its companions allow",
    (() => {
      let requests = 0;
      return (request: SentRequest) =>
        requests++ > 0 ? answerBatch(request) : Response.json(
          { code: "RateLimited", message: "later" },
          { status: 429 },
        );
    })(),
    async (client, { sent }) => {
      const calls = (["never", "safe", "safe"] as const).map((retry, value) =>
        client.mutation("a:b", { value }, { retry, ...batch() })
      );
      assertEquals((await errorOf(calls[0]!)).code, "RATE_LIMITED");
      assertEquals(await Promise.all(calls.slice(1)), [1, 2]);
      assertEquals(sent.map(carried), [[0, 1, 2], [1, 2]]);
    },
    options,
  ),
  httpCase(
    "frees an order key after a request that failed",
    (() => {
      let requests = 0;
      return (request: SentRequest) =>
        requests++ === 0
          ? Promise.reject(new TypeError("reset"))
          : answerBatch(request);
    })(),
    async (client) => {
      for (const call of send(client, [1, 2], "k")) {
        assertEquals((await errorOf(call)).code, "UNREACHABLE");
      }
      assertEquals(await Promise.all(send(client, [3, 4], "k")), [3, 4]);
    },
    options,
  ),
];

/** Cases of batched mutations. */
export const httpBatchContract = (): ContractCase<HttpSubject>[] => [
  ...packingCases(),
  ...orderAndLimitCases(),
  ...repetitionCases(),
  ...abortCases(),
  ...mixedOptionCases(),
];

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
