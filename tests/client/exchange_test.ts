/** Where requests are made and answers decoded, and what becomes of a worker that ends. */
import { assert, assertEquals } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { AnswerSizes } from "../../src/client/exchange/answer_sizes.ts";
import { ExchangePlaces } from "../../src/client/exchange/exchange_places.ts";
import type { HttpSourceOptions } from "../../src/client/http/http_source.ts";
import { WorkerPlaces } from "../../src/client/workers/worker_places.ts";
import { type CortexError, isCortexError } from "../../src/errors.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";
import { mortalExchange } from "../support/mortal_exchange.ts";
import { pause } from "../../src/testing/support/pause.ts";

const LONG = Array.from(
  { length: 300 },
  (_, id) => ({ id, text: "日本".repeat(40), vector: Array(20).fill(id / 7) }),
);

interface Sent {
  path: string;
  place: string;
  idempotencyKey?: unknown;
}

/** A deployment whose functions `long:…` give much; `held` waits until it is let go. */
async function deployment(hold?: Promise<void>) {
  const sent: Sent[] = [];
  const aborted = new Set<string>();
  const server = await startLoopbackServer(async (request) => {
    const { path, args } = await request.clone().json();
    sent.push({
      path,
      place: request.headers.get("x-made-in") ?? "here",
      idempotencyKey: args?.[0].idempotencyKey,
    });
    request.signal.addEventListener("abort", () => aborted.add(path));
    if (path?.startsWith("held:")) await hold;
    const value = path === "long:list" ? LONG : path;
    return Response.json({ status: "success", value });
  });
  return { ...server, sent, aborted };
}

function open(url: string, options: HttpSourceOptions): AsyncConvexClient {
  return AsyncConvexClient.http(url, { retry: { minDelayMs: 1 }, ...options });
}

/** How many requests a deployment gets for so many queries at once, after one that showed how long an answer is. */
async function requestsFor(
  count: number,
  workers: "always" | "never",
): Promise<number> {
  const value = "x".repeat(200 * 1024);
  const answer = { status: "success", value };
  let requests = 0;
  await using server = await startLoopbackServer(async (request) => {
    requests++;
    const { queries } = await request.json();
    return Response.json(
      queries ? { results: queries.map(() => answer) } : answer,
    );
  });
  await using client = open(server.url, { workers });
  assertEquals(await client.query("long:list"), value);
  requests = 0;
  const all = Array.from(
    { length: count },
    (_, id) => client.query("long:list", { id }),
  );
  assertEquals(new Set(await Promise.all(all)), new Set([value]));
  return requests;
}

async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return isCortexError(error) ? error.code : error;
  }
}

Deno.test("long answers share a request where a worker decodes them", async () => {
  assertEquals(await requestsFor(7, "never"), 7);
  assertEquals(await requestsFor(7, "always"), 1);
});

Deno.test("a function is a worker's once both places were measured and that pays, for answers of that length", () => {
  const sizes = new AnswerSizes();
  const places = new ExchangePlaces(sizes);
  sizes.note(["a:long"], 300_000);
  for (let at = 0; at < 3; at++) {
    places.note(["a:long"], "here", 300_000, 3);
    assertEquals(places.isAway("a:long"), false);
  }
  for (let at = 0; at < 3; at++) {
    assertEquals(places.isAway("a:long"), false);
    places.note(["a:long"], "worker", 300_000, 1);
  }
  assertEquals(places.isAway("a:long"), true);
  assertEquals(places.isAway("a:other"), false);
  for (let at = 0; at < 30; at++) sizes.note(["a:long"], 1000);
  assertEquals(places.isAway("a:long"), false);
});

Deno.test("a worker starts when it would have saved about what that takes, and no answer waits for it", async () => {
  await using server = await deployment();
  const sizes = new AnswerSizes();
  const long = ["long:list"];
  sizes.note(long, 300_000);
  const { url: workerUrl } = mortalExchange();
  const places = new WorkerPlaces({ workerUrl }, sizes, 2 ** 28);
  try {
    for (let at = 0; at < 6; at++) {
      places.note(long, "here", 300_000, 2);
      assertEquals(places.sends(long), false);
    }
    places.note(long, "here", 300_000, 1000);
    assertEquals(places.sends(long), false, "it has yet to start");
    for (let at = 0; at < 1000 && !places.sends(long); at++) await pause(10);
    assertEquals(places.sends(["short:name"]), false);
    const body = JSON.stringify({ path: "long:list" });
    const request = {
      url: server.url,
      headers: {},
      body,
      maxAnswerBytes: 1e6,
      keepalive: undefined,
    };
    await places.send(request, {
      names: long,
      isRepeatable: true,
      signal: new AbortController().signal,
      onSent() {},
      onHeard() {},
    });
    assertEquals(server.sent.map(({ place }) => place), ["worker"]);
  } finally {
    await places.close();
  }
});

Deno.test("the option says where requests are made", async () => {
  await using server = await deployment();
  const workerUrl = mortalExchange().url;
  await using never = open(server.url, { workers: "never", workerUrl });
  await using always = open(server.url, { workers: "always", workerUrl });
  for (const client of [never, never, always, always]) {
    assertEquals(await client.query("long:list"), LONG);
    assertEquals(await client.query("short:name"), "short:name");
  }
  const places = server.sent.map(({ place }) => place);
  assertEquals(places.slice(0, 4), Array(4).fill("here"));
  assertEquals(places.slice(4), Array(4).fill("worker"));
});

Deno.test("where no worker starts, or `fetch` was replaced, requests are made here", async () => {
  await using server = await deployment();
  await using refused = open(server.url, {
    workers: "always",
    workerUrl: "data:text/javascript,throw new Error('refused by the test')",
  });
  assertEquals(await refused.query("long:list"), LONG);
  const plain = globalThis.fetch;
  let replaced = 0;
  globalThis.fetch = (...call: Parameters<typeof fetch>) => {
    replaced++;
    return plain(...call);
  };
  try {
    await using client = open(server.url, {
      workers: "always",
      workerUrl: mortalExchange().url,
    });
    assertEquals(await client.query("long:list"), LONG);
  } finally {
    globalThis.fetch = plain;
  }
  assertEquals(replaced, 1);
  assertEquals(server.sent.map(({ place }) => place), ["here", "here"]);
});

Deno.test("equal queries with a long answer each get a copy of their own", async () => {
  await using server = await deployment();
  for (const workers of ["never", "always"] as const) {
    await using client = open(server.url, { workers });
    const [one, other] = await Promise.all(
      [1, 2].map(() => client.query("long:list")),
    ) as [typeof LONG, typeof LONG];
    one[0]!.text = "changed";
    one[1]!.vector[0] = -1;
    assertEquals(other, LONG);
  }
  assertEquals(server.sent.length, 2);
});

Deno.test("when a worker is killed what may be done again is, and the rest says so", async () => {
  const { promise: hold, resolve: letGo } = Promise.withResolvers<void>();
  await using server = await deployment(hold);
  const worker = mortalExchange();
  await using client = open(server.url, {
    workers: "always",
    workerUrl: worker.url,
  });
  await client.query("short:name");
  const calls = [
    client.query("held:query"),
    client.mutation("held:keyed", {}, { idempotencyKey: "once" }),
    client.mutation("held:plain"),
    client.action("held:action"),
  ].map(outcome);
  while (server.sent.length < 5) await new Promise((done) => setTimeout(done));
  worker.kill();
  const failed = await Promise.all(calls.slice(2));
  assertEquals(failed, ["WORKER_LOST", "WORKER_LOST"]);
  letGo();
  assertEquals(await Promise.all(calls.slice(0, 2)), [
    "held:query",
    "held:keyed",
  ]);
  const times = (path: string) =>
    server.sent.filter((sent) => sent.path === path).length;
  assertEquals(
    ["held:query", "held:keyed", "held:plain", "held:action"].map(times),
    [2, 2, 1, 1],
  );
  assert(
    server.sent.filter(({ path }) => path === "held:keyed")
      .every(({ idempotencyKey }) => idempotencyKey === "once"),
  );
  // It is not the deployment that failed, and another worker takes over.
  assertEquals(client.connectionState().circuit, "closed");
  assertEquals(await client.query("short:name"), "short:name");
  assertEquals(server.sent.at(-1)!.place, "worker");
  assertEquals(client.stats().inFlight, 0);
});

Deno.test("a call that is given up in a worker hangs up, and a closed client ends what is open", async () => {
  await using server = await deployment(new Promise(() => {}));
  const client = open(server.url, { workers: "always" });
  await client.query("short:name");
  const giveUp = new AbortController();
  const reason = new Error("not wanted any more");
  const calls = [
    client.action("held:aborted", {}, { signal: giveUp.signal }),
    client.action("held:late", {}, { timeoutMs: 300 }),
  ].map(outcome);
  while (server.sent.length < 3) await new Promise((done) => setTimeout(done));
  giveUp.abort(reason);
  assertEquals(await Promise.all(calls), [reason, "TIMEOUT"]);
  while (server.aborted.size < 2) await new Promise((done) => setTimeout(done));
  await client.close();
});

Deno.test("a server that cannot be reached is told the same way from a worker", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const errors: CortexError[] = [];
  for (const workers of ["never", "always"] as const) {
    await using client = AsyncConvexClient.http(url, {
      workers,
      retry: { maxAttempts: 1 },
    });
    await client.mutation("a:b").catch((error) => errors.push(error));
  }
  const [here, there] = errors.map(({ name, code, message, data }) => ({
    name,
    code,
    message,
    data,
  }));
  assertEquals(here, there);
  assertEquals(here!.data, { sent: false });
});
