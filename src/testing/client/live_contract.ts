/**
 * Live queries, and calls over their WebSocket, against a server of Convex's protocols with the functions of
 * `tests/fixtures/sync_backend.ts`, which other cases use as well.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { HttpSourceOptions } from "../../client/http/http_source.ts";
import { ConvexError, type CortexError } from "../../errors.ts";
import { Seen } from "../support/seen.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** The server that the cases use, and how to reach it. */
export interface LiveSubject {
  /** Its origin; a POST to its path `/test/break` ends every WebSocket that is open. */
  url: string;
  /** For hosts without a WebSocket of their own. */
  WebSocket?: HttpSourceOptions["WebSocket"];
  /** Further options of the client that a case opens. */
  options?: HttpSourceOptions;
}

/** What a case gets. */
export interface LivePlace {
  client: AsyncConvexClient;
  /** A channel of messages for this case alone. */
  channel: string;
  /** Sends a message from another client. */
  send(channel: string, text: string): Promise<unknown>;
  /** Closes the open WebSockets, as a network failure would. */
  breakConnections(): Promise<void>;
}

/** A case with a client of its own. */
export function liveCase(
  name: string,
  run: (place: LivePlace) => Promise<void>,
  options: HttpSourceOptions = {},
): ContractCase<LiveSubject> {
  return {
    name: `live: ${name}`,
    async run({ url, WebSocket, options: more }) {
      await using client = AsyncConvexClient.http(url, {
        WebSocket,
        ...options,
        ...more,
      });
      await using other = AsyncConvexClient.http(url);
      await run({
        client,
        channel: crypto.randomUUID(),
        send: (channel, text) =>
          other.mutation("messages:send", { channel, text }),
        async breakConnections() {
          const response = await fetch(`${url}/test/break`, { method: "POST" });
          await response.body?.cancel();
        },
      });
    },
  };
}

const overSocket = { transport: "websocket" } as const;

/** Cases that hold on every host that has a WebSocket, or is given one. */
export const liveContract: ContractCase<LiveSubject>[] = [
  liveCase(
    "a watch gives the result now and at each change",
    async ({ client, channel, send }) => {
      const seen: unknown[] = [];
      for await (const texts of client.watch("messages:list", { channel })) {
        seen.push(texts);
        if (seen.length === 3) break;
        await send(`${channel} b`, "of no concern");
        await send(channel, String(seen.length));
      }
      assertEquals(seen, [[], ["1"], ["1", "2"]]);
    },
  ),
  liveCase(
    "a slow reader gets the latest result, and no queue",
    async ({ client, channel, send }) => {
      await using watch = client.watch("messages:list", { channel });
      assertEquals((await watch.next()).value, []);
      const other = new Seen<string[]>();
      const stop = client.onUpdate(
        "messages:list",
        { channel },
        other.add as never,
      );
      for (let at = 1; at <= 20; at++) await send(channel, String(at));
      await other.until((texts) => texts.length === 20);
      assertEquals(((await watch.next()).value as string[]).length, 20);
      stop();
    },
  ),
  liveCase(
    "a watch ends with its signal, and with the client",
    async ({ client, channel }) => {
      const controller = new AbortController();
      const aborted = client.watch("messages:list", { channel }, controller);
      await aborted.next();
      const next = aborted.next();
      controller.abort();
      assertEquals(
        (await assertRejects(() => next) as Error).name,
        "AbortError",
      );
      assertEquals((await aborted.next()).done, true);
      const watch = client.watch("messages:list", { channel });
      await watch.next();
      const last = watch.next();
      await client.close();
      assertEquals((await last).done, true);
    },
  ),
  liveCase(
    "equal queries are one at the server, and each observer has its own copy",
    async ({ client }) => {
      const [one, other] = [new Seen<unknown>(), new Seen<unknown>()];
      const args = { value: { list: [1n] } };
      const first = client.onUpdate("values:echo", args, one.add);
      const second = client.onUpdate("values:echo", args, other.add);
      await Promise.all([one.until(() => true), other.until(() => true)]);
      assertEquals(one.last, { list: [1n] });
      assert(one.last !== other.last);
      assertEquals(first.getCurrentValue(), { list: [1n] });
      const late = new Seen<unknown>();
      client.onUpdate("values:echo", args, late.add);
      await late.until(() => true);
      first();
      second.unsubscribe();
    },
  ),
  liveCase(
    "a query that fails says why, and comes back",
    async ({ client, channel, send }) => {
      const values = new Seen<unknown>();
      const errors = new Seen<Error>();
      client.onUpdate(
        "messages:latest",
        { channel },
        values.add,
        errors.add,
      );
      await errors.until(() => true);
      assertInstanceOf(errors.last, ConvexError);
      assertEquals(errors.last.data, { code: "EMPTY", channel });
      await send(channel, "hello");
      await values.until(() => true);
      assertEquals(values.all, ["hello"]);
      const watch = client.watch("messages:latest", {
        channel: `${channel} empty`,
      });
      await assertRejects(() => watch.next(), ConvexError);
      assertEquals((await watch.next()).done, true);
    },
  ),
  liveCase(
    "after a loss it comes back, misses nothing and repeats nothing",
    async ({ client, channel, send, breakConnections }) => {
      const changing = new Seen<string[]>();
      const still = new Seen<unknown>();
      client.onUpdate("messages:list", { channel }, changing.add as never);
      client.onUpdate(
        "messages:list",
        { channel: `${channel} still` },
        still.add,
      );
      await Promise.all([changing.until(() => true), still.until(() => true)]);
      const { isWebSocketConnected, hasEverConnected } = client
        .connectionState();
      assertEquals([isWebSocketConnected, hasEverConnected], [true, true]);
      for (let at = 1; at <= 1; at++) {
        await breakConnections();
        await send(channel, String(at));
        await changing.until((texts) => texts.length === at);
      }
      assertEquals(still.all.length, 1);
      assertEquals(client.connectionState().connectionCount, 2);
    },
  ),
  liveCase(
    "pages keep their bounds after a loss, by their journals",
    async ({ client, channel, send, breakConnections }) => {
      for (const text of ["b", "d"]) await send(channel, text);
      const pages = new Seen<
        { page: { text: string }[]; continueCursor: string }
      >();
      client.onUpdate("messages:page", {
        channel,
        paginationOpts: { numItems: 1, cursor: null },
      }, pages.add as never);
      await pages.until(() => true);
      const { continueCursor } = pages.last!;
      await breakConnections();
      await client.mutation(
        "messages:send",
        { channel: `${channel} other`, text: "x" },
        overSocket,
      );
      const again = new Seen<typeof pages.last>();
      client.onUpdate("messages:page", {
        channel,
        paginationOpts: { numItems: 1, cursor: null },
      }, again.add as never);
      await again.until(() => true);
      assertEquals(again.last!.continueCursor, continueCursor);
    },
  ),
  liveCase(
    "a mutation over the socket resolves when watches show it, in order",
    async ({ client, channel }) => {
      const seen = new Seen<string[]>();
      client.onUpdate("messages:list", { channel }, seen.add as never);
      await Promise.all(Array.from({ length: 20 }, (_, at) =>
        client.mutation(
          "messages:send",
          { channel, text: String(at) },
          overSocket,
        )));
      assertEquals(
        seen.last,
        Array.from({ length: 20 }, (_, at) => String(at)),
      );
      const error = await assertRejects(
        () =>
          client.mutation(
            "messages:refuse",
            { data: { code: "NO" } },
            overSocket,
          ),
        ConvexError,
      );
      assertEquals((error as ConvexError).code, "NO");
    },
  ),
  liveCase(
    "a mutation whose connection is lost runs once",
    async ({ client, channel, breakConnections }) => {
      const list = () => client.query("messages:list", { channel });
      for (let round = 0; round < 3; round++) {
        const calls = Array.from(
          { length: 10 },
          (_, at) =>
            client.mutation("messages:send", {
              channel,
              text: `${round}.${at}`,
            }, overSocket),
        );
        await pause(round);
        await breakConnections();
        await Promise.all(calls);
      }
      const texts = Array.from(
        { length: 30 },
        (_, at) => `${Math.floor(at / 10)}.${at % 10}`,
      );
      assertEquals(await list(), texts);
    },
  ),
  liveCase(
    "results of many megabytes come in parts",
    async ({ client }) => {
      const watch = client.watch("messages:big", { length: 6_000_000 });
      const { value } = await watch.next();
      assertEquals((value as string).length, 6_000_000);
      await watch.return();
    },
  ),
  ...(["auto", "always"] as const).map((workers) =>
    liveCase(
      `long results are read in parts, each observer has its own, and mutations wait for them, workers: ${workers}`,
      async ({ client, channel, breakConnections }) => {
        const value = {
          rows: Array.from({ length: 300 }, (_, at) => ({
            id: BigInt(at),
            vector: Array.from({ length: 100 }, (_, index) => at / (index + 1)),
            text: `${at} 日本 "😀"`.repeat(20),
          })),
          bytes: new Uint8Array(200_000).fill(3).buffer,
          text: "日\\".repeat(100_000),
        };
        const [one, other] = [
          new Seen<typeof value>(),
          new Seen<typeof value>(),
        ];
        client.onUpdate("values:echo", { value }, one.add as never);
        client.onUpdate("values:echo", { value }, other.add as never);
        await Promise.all([one.until(() => true), other.until(() => true)]);
        one.last!.rows[0]!.text = "changed";
        assertEquals(other.last, value);
        const late = new Seen<typeof value>();
        client.onUpdate("values:echo", { value }, late.add as never);
        await late.until(() => true);
        assertEquals(late.last, value);
        const texts = new Seen<string[]>();
        client.onUpdate("messages:list", { channel }, texts.add as never);
        await texts.until(() => true);
        await breakConnections();
        const text = "x".repeat(200_000);
        for (const count of [1, 2]) {
          const message = { channel, text: text + count };
          await client.mutation("messages:send", message, overSocket);
          assertEquals(texts.last?.length, count);
        }
      },
      { workers },
    )
  ),
  liveCase(
    "who follows a long result alone may change it, and who comes later gets it as it was",
    async ({ client, channel }) => {
      const text = "x".repeat(100_000);
      const list = ["messages:list", { channel }] as const;
      await client.mutation("messages:send", { channel, text });
      const [one, late] = [new Seen<string[]>(), new Seen<string[]>()];
      client.onUpdate(...list, one.add as never);
      await one.until(() => true);
      one.last!.push("changed");
      const stop = client.onUpdate(...list, late.add as never);
      await late.until(() => true);
      assertEquals(late.last, [text]);
      await client.mutation("messages:send", { channel, text }, overSocket);
      assertEquals([one.last, late.last], [[text, text], [text, text]]);
      stop();
      await client.mutation("messages:send", { channel, text }, overSocket);
      assertEquals([one.last!.length, late.last!.length], [3, 2]);
    },
  ),
  liveCase(
    "an action goes over the socket, too",
    async ({ client, channel }) => {
      await client.action(
        "messages:sendByAction",
        { channel, text: "x" },
        overSocket,
      );
      assertEquals(await client.query("messages:list", { channel }), ["x"]);
    },
  ),
];

/** A case for a host without a WebSocket. */
export const noSocketCase: ContractCase<void> = {
  name: "live: a host without WebSocket says what it needs",
  async run() {
    const host = globalThis as { WebSocket: unknown };
    const { WebSocket } = host;
    host.WebSocket = undefined;
    try {
      await using client = AsyncConvexClient.http("http://127.0.0.1:9");
      const watch = client.watch("a:b");
      const error = await assertRejects(() => watch.next()) as CortexError;
      assertEquals(error.code, "UNSUPPORTED");
    } finally {
      host.WebSocket = WebSocket;
    }
  },
};
