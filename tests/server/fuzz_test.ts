/**
 * Random and half-valid input, by frames and by requests: refused by Convex's codes, without harm to other clients.
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Random,
  randomValue,
  seededRandom,
} from "../../src/testing/support/random.ts";
import { type ConvexServer, createConvexServer } from "../../src/server/mod.ts";
import { valueToJson } from "../../src/values/json.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { openSyncEngine } from "../support/sync_case.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const INPUTS = 100_000;
const FRAMES_A_SOCKET = 20;

const names = [
  "messages:list",
  "messages:send",
  "messages:sendByAction",
  "messages:latest",
  "messages:page",
  "values:echo",
  "who:am",
  "who:secret",
  "messages:nothing",
  "nothing:list",
  "__proto__:list",
  "messages:__proto__",
  "constructor",
  "",
  ":",
  "a".repeat(2000),
];
const junk: unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53,
  1e308,
  "",
  "x",
  "\u0000",
  "\ud800",
  [],
  {},
  [[]],
  { $integer: "x" },
  { $float: "AAAAAAAAAAA=" },
  { $bytes: "!" },
  { $undefined: null },
  { __proto__: null },
];

Deno.test("fuzz: whatever is sent, the server stays up and other clients are served", async () => {
  const seed = testSeed();
  const inputs = Math.ceil(INPUTS * testScale());
  console.log(`seed ${seed}, ${inputs} inputs`);
  const random = seededRandom(seed);
  const engine = openSyncEngine();
  const server = createConvexServer(engine, {
    adminKey: "fuzz|key",
    limits: { maxFrameLength: 20_000, maxQueries: 10 },
    maxBodyBytes: 20_000,
  });
  const bystander = new FakeSocket(server);
  bystander.hello();
  bystander.follow({
    udfPath: "messages:list",
    args: [{ channel: "bystander" }],
  });
  const ends: Record<string, number> = {};
  const statuses: Record<number, number> = {};
  for (let sent = 0, round = 0; sent < inputs; round++) {
    const socket = new FakeSocket(server);
    for (let left = FRAMES_A_SOCKET; left > 0 && !socket.closed; left--) {
      socket.send(frame(random, FRAMES_A_SOCKET - left));
      sent++;
      // Sometimes the server gets a chance to answer in between.
      if (random.below(4) === 0) await Promise.resolve();
    }
    for (let left = random.below(6); left > 0; left--, sent++) {
      const { status } = await answered(server, request(random));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    if (socket.closed) {
      const { code, reason } = socket.closed;
      const end = `${code} ${reason}`;
      ends[end] = (ends[end] ?? 0) + 1;
    }
    socket.leave();
    if (round % 50 === 0) await checkBystander(bystander, String(round));
  }
  await checkBystander(bystander, "last");
  // Our own trouble would be 1011, or status 500.
  for (const end of Object.keys(ends)) {
    assert(/^(1003|1008|1009|1013) [A-Z]\w+$/.test(end), JSON.stringify(ends));
  }
  for (const status of Object.keys(statuses)) {
    assert(
      ["200", "201", "204", "400", "401", "403", "404", "405", "413", "503"]
        .includes(status),
      JSON.stringify(statuses),
    );
  }
  assertEquals(bystander.closed, undefined);
  bystander.leave();
  assertEquals(server.connections, 0);
  await engine.close();
});

async function answered(
  server: ConvexServer,
  request: Request,
): Promise<Response> {
  const response = await server.handle(request);
  await response.text();
  return response;
}

async function checkBystander(
  bystander: FakeSocket,
  text: string,
): Promise<void> {
  bystander.send({
    type: "Mutation",
    requestId: bystander.messages.length,
    udfPath: "messages:send",
    args: [{ channel: "bystander", text }],
  });
  await bystander.until(({ modifications: [first] = [] }) =>
    first?.value?.includes(text)
  );
}

/** A frame that is nearly right, or not at all. */
function frame(
  random: Random,
  index: number,
): object | string | Uint8Array<ArrayBuffer> {
  switch (random.below(40)) {
    case 0:
      return noise(random);
    case 1:
      return new Uint8Array(random.below(50));
    case 2:
      return "[".repeat(random.below(19_000));
    case 3:
      return `{"type":"Event","event":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    case 4:
      return " ".repeat(random.below(25_000));
    default: {
      const message = index === 0 && random.below(10) > 0
        ? messages[0]!(random, index)
        : random.pick(messages)(random, index);
      if (random.below(5) > 0) return message;
      const text = JSON.stringify(spoiled(random, message));
      return random.below(3) > 0
        ? text
        : text.slice(0, random.below(text.length));
    }
  }
}

const messages: ((random: Random, index: number) => Record<string, unknown>)[] =
  [
    (random) => ({
      type: "Connect",
      sessionId: `session-${random.below(5)}`,
      connectionCount: random.below(3),
      lastCloseReason: null,
      clientTs: 0,
    }),
    (random, index) => ({
      type: "ModifyQuerySet",
      baseVersion: Math.max(0, index - 1),
      newVersion: index,
      modifications: Array.from({ length: random.below(4) }, () => ({
        type: random.pick(["Add", "Add", "Remove"]),
        queryId: random.below(15),
        ...call(random),
        journal: random.pick([null, null, "x", "eA=="]),
      })),
    }),
    (random) => ({
      type: "Mutation",
      requestId: random.below(50),
      ...call(random),
    }),
    (random) => ({
      type: "Action",
      requestId: random.below(50),
      ...call(random),
    }),
    (random) => ({
      type: "Authenticate",
      baseVersion: random.below(2),
      tokenType: random.pick(["None", "None", "User", "Admin"]),
      value: random.pick(["fuzz|key", "a.b.c", ""]),
      impersonating: random.pick([undefined, {}, {
        subject: "a",
        issuer: "b",
      }]),
    }),
    () => ({ type: "Event", eventType: "x", event: {} }),
  ];

function call(random: Random) {
  return { udfPath: random.pick(names), args: [args(random)] };
}

function args(random: Random): unknown {
  switch (random.below(4)) {
    case 0:
      return { channel: "a", text: "x" };
    case 1:
      return { value: valueToJson(randomValue(random)) };
    case 2:
      return {
        channel: "a",
        paginationOpts: {
          numItems: random.pick([1, 0, -1, 1e9]),
          cursor: random.pick([null, "x", ""]),
        },
      };
    default:
      return random.pick(junk);
  }
}

/** The message with one of its members, at any depth, replaced or removed. */
function spoiled(random: Random, value: unknown): unknown {
  if (typeof value !== "object" || value === null || random.below(4) === 0) {
    return random.pick(junk);
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(junk);
  const key = random.pick(keys);
  const copy = structuredClone(value) as Record<string, unknown>;
  if (random.below(4) === 0) delete copy[key];
  else copy[key] = spoiled(random, copy[key]);
  return copy;
}

function noise(random: Random): string {
  return Array.from(
    { length: random.below(200) },
    () => String.fromCharCode(random.below(random.pick([128, 0x10000]))),
  ).join("");
}

const endpoints = [
  "/api/query",
  "/api/mutation",
  "/api/action",
  "/api/query_batch",
  "/api/query_at_ts",
  "/api/query_ts",
  "/api/function",
  "/api/run/messages/list",
  "/api/run/x",
  "/api/storage/upload?token=x",
  `/api/storage/${"0".repeat(36)}`,
  "/http/echo",
  "/http/nothing",
  "/http",
  "/api/%00",
  "/api//query",
  "/",
  "/echo",
  "/version",
];

function request(random: Random): Request {
  const { udfPath: path, args: [first] } = call(random);
  const body = random.pick([
    { path, args: first },
    { path, args: [first] },
    { queries: [{ path, args: first }, spoiled(random, { path, args: {} })] },
    { path, args: first, ts: random.pick(["AAAAAAAAAAA=", "x", null]) },
    { path, args: first, format: random.pick(junk) },
  ]);
  const text = random.below(5) === 0
    ? noise(random)
    : JSON.stringify(random.below(3) === 0 ? spoiled(random, body) : body);
  const method = random.pick(["POST", "POST", "POST", "GET", "PUT", "OPTIONS"]);
  const query = random.below(5) === 0
    ? `?path=${encodeURIComponent(path)}&args=${
      encodeURIComponent(noise(random).toWellFormed())
    }`
    : "";
  return new Request(`http://server${random.pick(endpoints)}${query}`, {
    method,
    headers: {
      ...random.pick<Record<string, string>>([
        {},
        {},
        { authorization: "Bearer a.b.c" },
        { authorization: "Convex fuzz|key" },
        { authorization: "Convex fuzz|key:e30=" },
        { authorization: ":" },
      ]),
      ...random.pick<Record<string, string>>([
        {},
        { "convex-client": "npm-1.48.0" },
        { "convex-client": "npm-0.1.0" },
        { "convex-client": "x" },
        { range: "bytes=5-1" },
        { "content-length": "99999" },
      ]),
    },
    body: method === "GET" ? undefined : text,
  });
}
