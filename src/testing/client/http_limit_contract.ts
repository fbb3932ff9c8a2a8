/** Limits on a client's open requests, on all its requests, and on their time. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  ClientError,
  type CortexError,
  isRateLimitedError,
} from "../../errors.ts";
import { rejection } from "./client_contract.ts";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import {
  answerCall,
  fakeDeployment,
  type SentRequest,
  success,
  trouble,
} from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** A deployment that accepts eight requests at once, and later any number. */
function refusingCase(): ContractCase<HttpSubject> {
  let bears = 8;
  let open = 0;
  return httpCase(
    "sends fewer at once to a deployment that refuses some, and more again later",
    async (request: SentRequest) => {
      open++;
      // Longer than the turns of the event loop over which a client spreads the start of its requests.
      await pause(10);
      if (open-- <= bears) return answerCall(request.body);
      const body = { code: "RateLimited", message: "no" };
      return Response.json(body, { status: 429 });
    },
    async (client) => {
      assertEquals(client.connectionState().maxInFlight, Infinity);
      const makeCalls = () =>
        Promise.allSettled(Array.from(
          { length: 200 },
          (_, value) => client.mutation("a:b", { value }, { retry: "always" }),
        ));
      await makeCalls();
      const cut = client.connectionState().maxInFlight;
      assert(cut < 64, `${cut} at once`);
      bears = Infinity;
      await makeCalls();
      const { maxInFlight } = client.connectionState();
      assert(maxInFlight > cut, `${maxInFlight} at once after ${cut}`);
    },
    {
      maxInFlight: 256,
      retry: { minDelayMs: 1, maxDelayMs: 20, maxAttempts: 20 },
    },
  );
}

/** Runs something on Cloudflare's runtime, or on a host that a client takes for it. */
async function onCloudflare(run: () => Promise<void>): Promise<void> {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  const userAgent = "Cloudflare-Workers";
  if (navigator?.userAgent === userAgent) return await run();
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { userAgent },
  });
  try {
    await run();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete (globalThis as { navigator?: unknown }).navigator;
  }
}

/** Cases of limits. */
export const httpLimitContract = (): ContractCase<HttpSubject>[] => [
  refusingCase(),
  {
    name:
      "HTTP: has six requests open at most on Cloudflare, and keeps to a bound of requests",
    async run(subject) {
      const deployment = fakeDeployment(async ({ body }) => {
        await pause(2);
        return answerCall(body);
      });
      await onCloudflare(async () => {
        await using client = await subject.open(deployment, {
          maxRequests: 50,
        });
        const calls = Array.from(
          { length: 60 },
          (_, value) => client.action("a:b", { value }),
        );
        const outcomes = await Promise.allSettled(calls);
        assertEquals([deployment.sent.length, deployment.maxOpen()], [50, 6]);
        assertEquals(
          outcomes.map((outcome) =>
            outcome.status === "fulfilled"
              ? outcome.value
              : (outcome.reason as ClientError).code
          ),
          calls.map((_, at) => at < 50 ? at : "REQUEST_LIMIT"),
        );
      });
    },
  },
  httpCase(
    "says that the host lets it make no more requests, and does not try again",
    () => Promise.reject(new Error("Too many subrequests.")),
    async (client, { sent }) => {
      const error = await assertRejects(() => client.query("a:b"));
      assertInstanceOf(error, ClientError);
      assertEquals([error.code, error.retryable], ["REQUEST_LIMIT", false]);
      assertEquals(sent.length, 1);
    },
  ),
  httpCase(
    "does not blame the deployment for a token that does not come",
    () => success(1),
    async (client) => {
      client.setAuth(() => new Promise<string>(() => {}));
      const late = client.query("a:b", {}, { timeoutMs: 20 });
      assertEquals((await rejection(late) as CortexError).code, "TIMEOUT");
      assertEquals(client.connectionState().circuit, "closed");
      client.setAuth("ada");
      assertEquals(await client.query("a:b", {}, { retry: "never" }), 1);
    },
    { circuitBreaker: { failures: 1 } },
  ),
  httpCase(
    "goes on reading where a gateway refuses writes alone",
    ({ endpoint }) =>
      /query/.test(endpoint) ? success(1) : new Response("", { status: 502 }),
    async (client) => {
      await rejection(client.mutation("a:b"));
      assertEquals(await client.query("a:b"), 1);
      const again = client.mutation("a:b", {}, { retry: "never" });
      const spared = await rejection(again) as CortexError;
      assertEquals(spared.code, "CIRCUIT_OPEN");
      assertEquals(client.connectionState().circuit, "open");
    },
    { circuitBreaker: { failures: 1 } },
  ),
  httpCase(
    "says what a call failed with whose time ends before it is made again, and who shares its request",
    () => trouble(429, "RateLimited", { "retry-after": "5" }),
    async (client, { sent }) => {
      // Enough for an answer on a busy machine, where a worker takes a while to start.
      const query = () => client.query("a:b", {}, { timeoutMs: 1500 });
      for (const late of await Promise.all([query(), query()].map(rejection))) {
        assertEquals((late as CortexError).code, "TIMEOUT");
        assert(isRateLimitedError((late as CortexError).cause));
      }
      assertEquals(sent.length, 1);
    },
  ),
  httpCase(
    "goes on reading where Convex refuses writes alone",
    ({ endpoint }) =>
      /query/.test(endpoint) ? success(1) : trouble(503, "CommitterFullError"),
    async (client) => {
      await rejection(client.mutation("a:b", {}, { retry: "never" }));
      assertEquals(await client.query("a:b"), 1);
    },
    { circuitBreaker: { failures: 1 } },
  ),
];
