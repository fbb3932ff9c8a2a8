/** Which calls are retried after a failure, when, and when the circuit breaker opens. No case needs a socket. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import type { CallReport, ClientHooks } from "../../client/client_hooks.ts";
import type { CallOptions, RetryEvent } from "../../client/types.ts";
import {
  ConnectionError,
  type CortexError,
  isOverloadedError,
  isRateLimitedError,
  OverloadedError,
  RateLimitedError,
} from "../../errors.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  fakeDeployment,
  type SentRequest,
  success,
  trouble,
} from "./http_fake.ts";
import { TROUBLES } from "./http_troubles.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** Delays that are too short to notice. */
const retry = { minDelayMs: 1, maxDelayMs: 5 };

async function failing(call: Promise<unknown>): Promise<CortexError> {
  const [outcome] = await Promise.allSettled([call]);
  assertEquals(outcome!.status, "rejected");
  return (outcome as PromiseRejectedResult).reason;
}

/** A case whose first `failures` requests fail. */
function afterTrouble(
  name: string,
  failures: number,
  answer: (request: SentRequest) => Response | Promise<Response>,
  run: Parameters<typeof httpCase>[2],
  options: Parameters<typeof httpCase>[3] = {},
): ContractCase<HttpSubject> {
  let requests = 0;
  return httpCase(
    name,
    (request) => ++requests <= failures ? answer(request) : success("done"),
    run,
    { retry, ...options },
  );
}

/** Which calls are retried. */
const repetitionCases = (): ContractCase<HttpSubject>[] => [
  ...TROUBLES.map(({ what, answer, code, again }) => ({
    name: `HTTP: after ${what} makes ${again.join(" and ") || "nothing"} again`,
    async run(subject: HttpSubject) {
      let isTrouble = true;
      const deployment = fakeDeployment(() => {
        if (!isTrouble) return success("done");
        isTrouble = false;
        return answer();
      });
      const { sent } = deployment;
      await using client = await subject.open(deployment, { retry });
      for (const kind of ["query", "mutation", "action"] as const) {
        isTrouble = true;
        sent.length = 0;
        const call = client[kind as "query"]("a:b");
        if (again.includes(kind)) assertEquals(await call, "done");
        else assertEquals((await failing(call)).code, code);
        assertEquals(sent.length, again.includes(kind) ? 2 : 1);
      }
    },
  })),
  afterTrouble(
    "makes a mutation with an idempotency key again, with the same key",
    2,
    () => {
      throw new TypeError("terminated");
    },
    async (client, { sent }) => {
      const options: CallOptions = { idempotencyKey: "once" };
      assertEquals(await client.mutation("a:b", { n: 1 }, options), "done");
      assertEquals(
        sent.map(({ body }) => body.args[0]),
        Array(3).fill({ n: 1, idempotencyKey: "once" }),
      );
    },
  ),
  afterTrouble(
    "makes an action again when asked, and no query when asked not to",
    1,
    () => trouble(500, "InternalServerError"),
    async (client, { sent }) => {
      const action = client.action("a:b", {}, { retry: "always" });
      assertEquals(await action, "done");
      assertEquals(sent.length, 2);
    },
  ),
  httpCase(
    "makes nothing again when asked not to",
    () => trouble(500, "InternalServerError"),
    async (client, { sent }) => {
      await failing(client.query("a:b", {}, { retry: "never" }));
      assertEquals(sent.length, 1);
    },
    { retry },
  ),
  afterTrouble(
    "makes a query again though one that shared its request must not be",
    1,
    () => trouble(503, "Overloaded"),
    async (client, { sent }) => {
      const [safe, once] = await Promise.allSettled([
        client.query("a:b", { n: 1 }),
        client.query("a:b", { n: 2 }, { retry: "never" }),
      ]);
      assertEquals([safe!.status, sent.length >= 2], ["fulfilled", true]);
      void once;
    },
  ),
];

/** How often a call is retried, and after how long. */
const retryLimitCases = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "makes an attempt after a failed one on a connection of its own",
    () => {
      throw new TypeError("connection reset");
    },
    async (client, { sent }) => {
      await failing(client.query("a:b"));
      const may = sent.map(({ keepalive }) => keepalive);
      assertEquals(may, [undefined, false, false, false]);
    },
  ),
  httpCase(
    "gives up after its attempts, with the last error",
    () => trouble(503, "Overloaded"),
    async (client, { sent }) => {
      const error = await failing(client.query("a:b"));
      assertInstanceOf(error, OverloadedError);
      assert(isOverloadedError(error) && error.retryable);
      assertEquals(sent.length, 4);
      assert(typeof error.requestId === "string" || "document" in globalThis);
    },
    { retry },
  ),
  afterTrouble(
    "waits as long as it is asked to",
    1,
    () => trouble(429, "RateLimited", { "retry-after": "0.2" }),
    async (client) => {
      const startMs = Date.now();
      assertEquals(await client.mutation("a:b"), "done");
      assert(Date.now() - startMs >= 195);
    },
    { retry: { minDelayMs: 1, maxDelayMs: 1000 } },
  ),
  httpCase(
    "does not wait longer than it may, and says how long it should have been",
    ({ body }) =>
      // A date by the deployment's own clock, which is a year behind.
      trouble(429, "RateLimited", {
        "date": "Tue, 26 Nov 2024 10:00:00 GMT",
        "retry-after": {
          "iso:date": "2024-11-26T10:01:00Z",
          "of:two": "60, 60",
        }[`${body.path}`] ?? "Tue, 26 Nov 2024 10:01:00 GMT",
      }),
    async (client, { sent }) => {
      for (const name of ["a:b", "iso:date", "of:two"]) {
        const error = await failing(client.query(name));
        assertInstanceOf(error, RateLimitedError);
        assert(isRateLimitedError(error));
        assertEquals(error.data, {
          status: 429,
          code: "RateLimited",
          retryAfterMs: 60_000,
        });
      }
      assertEquals(sent.length, 3);
    },
    { retry },
  ),
  httpCase(
    "ends a call at its time limit while it waits for the next attempt",
    // By chance alone, the next attempt might come before the time limit.
    () => trouble(503, "Overloaded", { "retry-after": "60" }),
    async (client, { sent }) => {
      const error = await failing(client.query("a:b", {}, { timeoutMs: 800 }));
      assertEquals([error.name, error.code], ["TimeoutError", "TIMEOUT"]);
      assertEquals(sent.length, 1);
    },
    { retry: { maxDelayMs: 3_600_000 } },
  ),
  afterTrouble(
    "makes an attempt again that was silent for too long",
    1,
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      ),
    async (client, { sent }) => {
      assertEquals(await client.query("a:b"), "done");
      assertEquals(sent.length, 2);
    },
    { attemptTimeoutMs: 300 },
  ),
  httpCase(
    "stays within its budget of retries",
    () => trouble(500, "InternalServerError"),
    async (client, { sent }) => {
      for (let call = 0; call < 150; call++) {
        await failing(client.query("a:b"));
      }
      // A hundred retries at first, then one for every ten calls.
      assert(sent.length >= 250 && sent.length < 280, `${sent.length}`);
    },
    { retry: { ...retry, minDelayMs: 0, budget: 0.1 }, circuitBreaker: false },
  ),
];

/** When the circuit breaker opens, and what hooks are told. */
const circuitBreakerCases = (): ContractCase<HttpSubject>[] => [
  afterTrouble(
    "leaves a deployment alone that fails in a row, and comes back by one probe",
    4,
    () => {
      throw new TypeError("reset");
    },
    async (client, { sent }) => {
      for (let call = 0; call < 3; call++) await failing(client.action("a:b"));
      const spared = await failing(client.action("a:b"));
      assertEquals([spared.code, sent.length], ["CIRCUIT_OPEN", 3]);
      assert(spared.retryable && isOverloadedError(spared));
      assertEquals(client.connectionState().circuit, "open");
      await pause(220);
      assertEquals(client.connectionState().circuit, "half-open");
      const [probe, other] = await Promise.all(
        [client.action("a:b"), client.action("a:b")].map(failing),
      );
      assertEquals([probe!.code, other!.code], ["UNREACHABLE", "CIRCUIT_OPEN"]);
      await pause(420);
      assertEquals(await client.action("a:b"), "done");
      assertEquals(client.connectionState().circuit, "closed");
    },
    { circuitBreaker: { failures: 3, openMs: 200 } },
  ),
  afterTrouble(
    "asks a deployment again though a probe is not answered",
    2,
    ({ body: { path } }) => {
      if (path === "a:b") throw new TypeError("reset");
      return new Promise(() => {});
    },
    async (client) => {
      await failing(client.action("a:b"));
      await pause(60);
      const giveUp = new AbortController();
      const probe = failing(client.action("a:stall", {}, giveUp));
      const spared = await failing(client.action("a:b"));
      assertEquals(spared.code, "CIRCUIT_OPEN");
      assertStringIncludes(spared.message, "no request is sent yet");
      await pause(60);
      assertEquals(await client.action("a:b"), "done");
      giveUp.abort();
      await probe;
    },
    { circuitBreaker: { failures: 1, openMs: 50 } },
  ),
  httpCase(
    "sends no more requests than it may",
    () => success("done"),
    async (client, { sent }) => {
      for (let call = 0; call < 2; call++) await client.mutation("a:b");
      const error = await failing(client.mutation("a:b"));
      assert(isOverloadedError(error) && !error.retryable);
      assertEquals([error.code, sent.length], ["REQUEST_LIMIT", 2]);
      assertStringIncludes(error.message, "maxRequests = 2");
    },
    { maxRequests: 2 },
  ),
  {
    name: "HTTP: reports calls, retries and the circuit to its hooks",
    async run(subject) {
      let requests = 0;
      const deployment = fakeDeployment(() => {
        if (++requests === 1) throw new TypeError("reset");
        return Response.json({
          status: "success",
          value: 1,
          logLines: ["[LOG] 'hello'"],
        });
      });
      const starts: unknown[] = [];
      const calls: CallReport[] = [];
      const retries: RetryEvent[] = [];
      const circuits: string[] = [];
      const hooks: ClientHooks = {
        onCallStart: (call) => starts.push(call),
        onCall: (call) => calls.push(call),
        onRetry: (event) => retries.push(event),
        onStateChange: ({ circuit }) => circuits.push(circuit),
      };
      await using client = await subject.open(deployment, {
        retry: { minDelayMs: 0 },
        circuitBreaker: { failures: 1, openMs: 200 },
        hooks,
      });
      assertEquals(await client.query("a:b"), 1);
      assertEquals(starts.length, 1);
      assert(starts[0] === calls[0]);
      const [{ kind, name, attempts, elapsedMs, logLines }] = calls as [
        CallReport,
      ];
      assertEquals([kind, name, attempts, logLines], [
        "query",
        "a:b",
        2,
        ["[LOG] 'hello'"],
      ]);
      assert(elapsedMs >= 0);
      const [{ names, attempt, error }] = retries as [RetryEvent];
      assertEquals([names, attempt], [["a:b"], 1]);
      assertInstanceOf(error, ConnectionError);
      assertEquals(circuits[0], "open");
      assertEquals(circuits.at(-1), "closed");
    },
  },
];

/** Cases of retries, their budget and the circuit breaker. */
export const httpRetryContract = (): ContractCase<HttpSubject>[] => [
  ...repetitionCases(),
  ...retryLimitCases(),
  ...circuitBreakerCases(),
];
