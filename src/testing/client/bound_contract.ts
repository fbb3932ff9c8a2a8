/**
 * Servers that send more than a client may hold. No case needs a socket.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { CortexError } from "../../errors.ts";
import {
  openClient,
  overSocket,
  scriptCase,
  type ScriptedSocket,
  scriptedSockets,
  until,
  updated,
} from "./live_fake.ts";
import { Seen } from "../support/seen.ts";
import type { ContractCase } from "../types.ts";

const MAX = 250_000;
const bounded = { maxAnswerBytes: MAX, workers: "never" } as const;

/** Part of a transition that never ends. */
const chunk = (partNumber: number, chunk: string) => ({
  type: "TransitionChunk",
  chunk,
  partNumber,
  totalParts: 1e9,
  transitionId: "x",
});

/** What a server may do to be refused. */
const EXCESSES: {
  name: string;
  exceed(socket: ScriptedSocket): void;
}[] = [
  {
    name: "a message",
    exceed: (socket) => socket.say(updated("x".repeat(MAX))),
  },
  {
    name: "a transition in parts",
    exceed: (socket) => {
      for (let at = 0; at < 6; at++) socket.say(chunk(at, "x".repeat(50_000)));
    },
  },
  {
    name: "a transition in empty parts",
    exceed: (socket) => {
      for (let at = 0; at <= MAX / 100; at++) socket.say(chunk(at, ""));
    },
  },
  {
    name: "a message that the server refuses",
    exceed: (socket) => socket.breakOff(1009),
  },
  // What Deno, Bun and Node's package `ws` say.
  ...["Frame too large", "Message too big", "Max payload size exceeded"].map(
    (said) => ({
      name: `a message of which the host says "${said}"`,
      exceed: (socket: ScriptedSocket) => socket.breakOff(1006, said),
    }),
  ),
];

/** A text whose bytes come one by one, each in the memory of the one before. */
function oneByteAtATime(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const part = new Uint8Array(1);
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at === bytes.length) return controller.close();
      part[0] = bytes[at++]!;
      controller.enqueue(part);
    },
  }, { highWaterMark: 0 });
}

async function isToldAndLeftAlone(
  client: AsyncConvexClient,
  made: ScriptedSocket[],
  exceed: (socket: ScriptedSocket) => void,
): Promise<void> {
  const errors = new Seen<Error>();
  client.onUpdate("a:b", {}, () => {}, errors.add);
  await until(() => made[0]?.sent.length === 2);
  const call = client.mutation("a:b", {}, overSocket);
  await until(() => made[0]!.sent.length === 3);
  exceed(made[0]!);
  const { code, message } = await assertRejects(() => call) as CortexError;
  assertEquals(code, "BAD_RESPONSE");
  assert(message.includes(`more than maxAnswerBytes = ${MAX}`), message);
  assertEquals(errors.all.map(({ message }) => message), [message]);
  assert(!made[0]!.isOpen());
  const { connectionRetries } = client.connectionState();
  assertEquals([made.length, connectionRetries], [1, 0]);
  // Who asks next finds it as it was.
  const values = new Seen<unknown>();
  client.onUpdate("c:d", {}, values.add);
  await until(() => made[1]?.sent.length === 2);
  assertEquals(made[1]!.sent[1]!.modifications?.length, 2);
  made[1]!.say(updated(1));
  assertEquals(errors.all.length, 1);
}

/** Cases of servers that send too much. */
export const boundContract: ContractCase<void>[] = [
  {
    name:
      "HTTP: keeps no part of an answer, as one of a single byte takes more memory than that",
    async run() {
      const text = '{"status":"success","value":"ok"}';
      const fetch = () => Promise.resolve(new Response(oneByteAtATime(text)));
      await using client = AsyncConvexClient.http("http://x.test", { fetch });
      assertEquals(await client.query("a:b"), "ok");
    },
  },
  ...EXCESSES.map(({ name, exceed }) =>
    scriptCase(
      `${name} beyond the bound is told once, and not asked for again`,
      (client, made) => isToldAndLeftAlone(client, made, exceed),
      undefined,
      bounded,
    )
  ),
  {
    name:
      "live: results that come faster than they are read are dropped with their connection",
    async run() {
      const { WebSocket, made } = scriptedSockets();
      await using client = openClient({ WebSocket }, bounded);
      const errors = new Seen<Error>();
      client.onUpdate("a:b", {}, () => {}, errors.add);
      await until(() => made[0]?.sent.length === 2);
      for (let at = 0; at < 4; at++) made[0]!.say(updated("x".repeat(80_000)));
      assert(made[0]!.isOpen());
      made[0]!.say(updated("x".repeat(80_000)));
      assert(!made[0]!.isOpen());
      assertEquals(client.connectionState().connectionRetries, 1);
      assertEquals(errors.all, []);
    },
  },
];
