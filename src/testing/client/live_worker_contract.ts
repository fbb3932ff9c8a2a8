/**
 * Live queries whose WebSocket is held by a worker, on hosts whose workers can open one; elsewhere the same must hold
 * on the caller's thread.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { CortexError } from "../../errors.ts";
import { ordinaryFetch } from "../../client/exchange/ordinary_fetch.ts";
import { liveCase, liveContract, type LiveSubject } from "./live_contract.ts";
import { Seen } from "../support/seen.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** A module for the client's worker, and a function that ends the workers started from it. */
export interface MortalWorker {
  url: string;
  kill(): void;
}

const overSocket = { transport: "websocket" } as const;
const always = { workers: "always" } as const;

/** Cases of live queries that must hold here as well. */
const SAME = [
  "a slow reader gets",
  "a watch ends with its signal",
  "a query that fails says why",
  "after a loss it comes back",
  "a mutation whose connection is lost runs once",
  "results of many megabytes",
  "an action goes over the socket",
];

/**
 * Whether a connection moves to a worker on this host: not in a page, which receives on another thread anyway, and not
 * where `fetch` is not the host's, as while a function of the engine runs.
 */
function moves({ WebSocket }: Pick<LiveSubject, "WebSocket">): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return WebSocket === undefined && ordinaryFetch()() &&
    navigator?.userAgent !== "Cloudflare-Workers";
}

/** Cases that hold on every host that has a WebSocket, or is given one. */
export const liveWorkerContract: ContractCase<LiveSubject>[] = [
  ...liveContract
    .filter(({ name }) => SAME.some((part) => name.includes(part)))
    .map(({ name, run }) => ({
      name: `${name}, workers: always`,
      run: (subject: LiveSubject) => run({ ...subject, options: always }),
    })),
  liveCase(
    "a short message does not overtake a long one, whoever holds the socket",
    async ({ client, channel }) => {
      const texts = new Seen<string[]>();
      client.onUpdate("messages:list", { channel }, texts.add as never);
      const other = `${channel} short`;
      const shorts = new Seen<string[]>();
      client.onUpdate("messages:list", { channel: other }, shorts.add as never);
      const order: string[] = [];
      const send = async (channel: string, text: string) => {
        const message = { channel, text };
        await client.mutation("messages:send", message, overSocket);
        order.push(text.slice(0, 7));
      };
      const long = "x".repeat(300_000);
      await Promise.all([1, 2, 3, 4].flatMap((at) => [
        send(channel, `long ${at} ${long}`),
        send(other, `short ${at}`),
      ]));
      assertEquals(
        order,
        [1, 2, 3, 4].flatMap((at) => [`long ${at} `, `short ${at}`]),
      );
      for (const { all } of [texts, shorts]) {
        const lengths = all.map(({ length }) => length);
        assertEquals(lengths, lengths.toSorted((a, b) => a - b));
        assertEquals(lengths.at(-1), 4);
      }
    },
    always,
  ),
  {
    name:
      "live: a connection that brings a large result moves to a worker, misses nothing and repeats nothing",
    async run(subject) {
      const { url, WebSocket } = subject;
      await using client = AsyncConvexClient.http(url, { WebSocket });
      const channel = crypto.randomUUID();
      const big = new Seen<string>();
      const texts = new Seen<string[]>();
      client.onUpdate("messages:list", { channel }, texts.add as never);
      const length = 2_000_000;
      client.onUpdate("messages:big", { length }, big.add as never);
      // Further long results do not move it again.
      for (let at = 1; at <= 3; at++) {
        const watch = client.watch("messages:big", { length: length + at });
        await watch.next();
        await watch.return();
      }
      await Promise.all([big, texts].map((seen) => seen.until(() => true)));
      const count = moves(subject) ? 2 : 1;
      for (let at = 1; at <= 10; at++) {
        await client.mutation(
          "messages:send",
          { channel, text: String(at) },
          at % 2 === 0 ? overSocket : {},
        );
        if (at === 5) {
          // Time for a connection that moves late, or that moves but should not.
          for (let looks = 0; looks < (count === 2 ? 1000 : 100); looks++) {
            await pause(10);
            const { connectionCount } = client.connectionState();
            if (count === 2 && connectionCount === 2) break;
          }
        }
      }
      await texts.until(({ length }) => length === 10);
      assertEquals(client.connectionState().connectionCount, count);
      assertEquals(big.all.map(({ length }) => length), [2_000_000]);
      const lengths = texts.all.map(({ length }) => length);
      assertEquals(lengths, [...new Set(lengths)].sort((a, b) => a - b));
      const late = new Seen<string>();
      client.onUpdate("messages:big", { length: 3_000_000 }, late.add as never);
      await late.until(() => true);
      assertEquals(late.last!.length, 3_000_000);
    },
  },
  liveCase(
    "a result beyond the bound is refused, whoever holds the socket",
    async ({ client }) => {
      const watch = client.watch("messages:big", { length: 200_000 });
      const { code } = await assertRejects(() => watch.next()) as CortexError;
      assertEquals(code, "BAD_RESPONSE");
      assertEquals(client.connectionState().connectionCount, 1);
    },
    { ...always, maxAnswerBytes: 190_000 },
  ),
  liveCase(
    "a client that is closed while large results come is told no more",
    async ({ client }) => {
      const seen = new Seen<string>();
      for (let at = 0; at < 5; at++) {
        client.onUpdate(
          "messages:big",
          { length: 3_000_000 + at },
          seen.add as never,
        );
      }
      await seen.until(() => true);
      await client.close();
      const told = seen.all.length;
      await pause(50);
      assertEquals(seen.all.length, told);
    },
    always,
  ),
];

/** Cases for hosts on which a worker can be killed. */
export function mortalSocketCases(
  start: () => MortalWorker,
): ContractCase<LiveSubject>[] {
  return [{
    name:
      "live: a worker that is killed with the socket open is a lost connection: it comes back, and mutations run once",
    async run({ url, WebSocket }) {
      const worker = start();
      const isHeld = moves({ WebSocket });
      await using client = AsyncConvexClient.http(url, {
        WebSocket,
        ...always,
        workerUrl: worker.url,
      });
      const channel = crypto.randomUUID();
      const texts = new Seen<string[]>();
      client.onUpdate("messages:list", { channel }, texts.add as never);
      await texts.until(() => true);
      const sent: string[] = [];
      for (let round = 0; round < 3; round++) {
        const calls = Array.from({ length: 10 }, (_, at) => {
          const text = `${round}.${at} ${"x".repeat(20_000)}`;
          sent.push(text);
          const message = { channel, text };
          return client.mutation("messages:send", message, overSocket);
        });
        await pause(round * 5);
        worker.kill();
        await Promise.all(calls);
      }
      await texts.until(({ length }) => length === sent.length);
      assertEquals(texts.last, sent);
      const { connectionCount } = client.connectionState();
      if (isHeld) {
        assert(connectionCount > 1, `${connectionCount}`);
      }
    },
  }, {
    name:
      "live: where no worker starts, or may not connect, the socket is this thread's",
    async run({ url, WebSocket }) {
      const module = (code: string) => `data:text/javascript,${code}`;
      await using client = AsyncConvexClient.http(url, {
        WebSocket,
        ...always,
        workerUrl: module("throw new Error('refused by the test')"),
      });
      const watch = client.watch("messages:big", { length: 700_000 });
      assertEquals((await watch.next()).value?.length, 700_000);
      await watch.return();
      const error = await assertRejects(() =>
        client.mutation("messages:refuse", { data: { code: "NO" } }, overSocket)
      );
      assertEquals((error as CortexError).code, "NO");
    },
  }];
}
