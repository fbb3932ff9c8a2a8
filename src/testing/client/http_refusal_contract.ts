/**
 * Invalid options and arguments: refused by name and bound, with nothing sent and no secret shown. And a backend's refusal
 * of one call of a batch.
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../client/http/http_source.ts";
import { ClientError } from "../../errors.ts";
import { rejection } from "./client_contract.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import { failure, success } from "./http_fake.ts";
import type { ContractCase } from "../types.ts";

/** Cases of refusals. */
export const httpRefusalContract = (): ContractCase<HttpSubject>[] => [
  {
    name: "HTTP: refuses options that are none, by name and bound",
    run() {
      const wrong: [HttpSourceOptions, string][] = [
        [{ maxInFlight: 0 }, "maxInFlight must be a whole number from 1"],
        [{ retry: { maxAttempts: 0 } }, "retry.maxAttempts must be"],
        [{ retry: { minDelayMs: -1 } }, "retry.minDelayMs must be"],
        [{ circuitBreaker: { failures: 1.5 } }, "circuitBreaker.failures"],
        [{ auth: 5 as unknown as string }, "auth must be"],
        [{ attemptTimeoutMs: 0 }, "attemptTimeoutMs must be"],
        [{ workers: "here" as "never" }, 'workers must be "auto"'],
        [{ retry: null as never }, "options of retry must be an object"],
        [{ auth: "secret\n" }, "auth must be"],
        [null as never, "must be an object; got null"],
        [{ fetch: "fetch" as never }, 'fetch must be a function; got "fetch"'],
        [{ WebSocket: {} as never }, "WebSocket must be a function; got {"],
        [{ headers: "x: secret" as never }, "headers must be an object of"],
        [{ headers: new Headers({ x: "secret" }) as never }, "[object Headers"],
        [{ headers: { x: ["secret"] as never } }, "headers.x must be a string"],
        [{ headers: { x: "secret\n\n1" } }, "headers.x must be a string"],
        [{ headers: { "x y": "secret" } }, "headers.x y must be a string"],
        [{ batchFunction: 5 as never }, "batchFunction must be a function's"],
        [{ workerUrl: 5 as never }, "workerUrl must be a URL or a string"],
        [
          { circuitBreaker: null as never },
          "options of circuitBreaker must be",
        ],
        [{ hooks: 5 } as never, "hooks must be an object; got 5"],
      ];
      for (const [options, says] of wrong) {
        let error: unknown;
        try {
          AsyncConvexClient.http("https://x.convex.cloud", options);
        } catch (thrown) {
          error = thrown;
        }
        assertInstanceOf(error, ClientError);
        assertEquals(error.code, "INVALID_ARGUMENT");
        assert(error.message.includes(says), error.message);
        assert(!error.message.includes("secret"), error.message);
      }
    },
  },
  httpCase(
    "refuses call options that are none, by name and bound",
    () => success(null),
    async (client, { sent }) => {
      for (
        const [options, says] of [
          [{ priority: 101 }, "priority must be"],
          // As the executor demands it: what one source takes, all do.
          [{ priority: 0.5 }, "priority must be a whole number"],
          [{ idempotencyKey: "" }, "idempotencyKey must be"],
          [{ orderKey: 5 as unknown as string }, "orderKey must be"],
          [{ retry: "maybe" as "safe" }, "retry must be"],
          [{ signal: 5 as unknown as AbortSignal }, "signal must be"],
          [{ batch: 5 as never }, "batch must be an object; got 5"],
          [null as unknown as object, "options of a call must be"],
        ] as const
      ) {
        const calls = [
          client.mutation("a:b", {}, options),
          client.queryBatch([], options),
          (async () =>
            await client.watch("a:b", {}, options as object).next())(),
        ];
        for (const call of calls) {
          const error = await rejection(call);
          assertEquals(error.code, "INVALID_ARGUMENT");
          assert(error.message.includes(says), error.message);
        }
      }
      assertEquals(sent.length, 0);
    },
  ),
  httpCase(
    "refuses arguments that are none",
    () => success(null),
    async (client, { sent }) => {
      const calls: [() => unknown, string][] = [
        [() => client.paginate("a:b", [1] as never), "args of a:b must be"],
        [() => client.paginate("a:b", "x" as never), "args of a:b must be"],
        [() => client.queryBatch([null as never]), "ref must be"],
        [() => client.onUpdate("a:b", {}, 5 as never), "onValue must be a"],
        [
          () => client.onUpdate("a:b", {}, () => {}, null as never),
          "onError must be a function; got null",
        ],
        [
          () => client.setAuth("ada", 5 as never),
          "onChange must be a function; got 5",
        ],
        // From an environment variable that is not set: calls would be anonymous.
        [
          () => client.setAuth(undefined as never),
          "auth must be a token or a function that returns one",
        ],
      ];
      for (const [call, says] of calls) {
        const error = await rejection((async () => await call())());
        assertEquals(error.code, "INVALID_ARGUMENT");
        assert(error.message.includes(says), error.message);
      }
      assertEquals(sent.length, 0);
    },
  ),
  httpCase(
    "refuses what a provider gives for a token and is none, without showing it",
    () => success(null),
    async (client, { sent }) => {
      for (const given of ["secret\n", 5 as never]) {
        client.setAuth(() => given);
        const error = await rejection(client.query("a:b"));
        assertEquals(error.code, "INVALID_ARGUMENT");
        assert(!`${error.message} ${error.stack}`.includes("secret"));
      }
      client.setAuth(() => "");
      await client.query("a:b");
      assertEquals(
        sent.map(({ headers }) => headers.get("authorization")),
        [null],
      );
    },
  ),
  httpCase(
    "sends alone what failed unexpectedly in a batch, to learn as much as the deployment tells",
    ({ body }) => {
      if (body.path !== "batch:run") {
        return failure("[Request ID: 1] Server Error\nUncaught Error: no");
      }
      const hidden = { ok: false, error: { message: "Server Error" } };
      return success([{ ok: true, value: 1 }, hidden]);
    },
    async (client, { sent }) => {
      const batch = { cost: { reads: 1, writes: 1, ranges: 1 } };
      const [done, failed] = [1, 2].map((value) =>
        client.mutation("a:b", { value }, { batch })
      );
      const error = rejection(failed!);
      assertEquals(await done, 1);
      assertStringIncludes((await error).message, "Uncaught Error: no");
      assertEquals(sent.map(({ body }) => body.path), ["batch:run", "a:b"]);
    },
    { batchFunction: "batch:run" },
  ),
];
