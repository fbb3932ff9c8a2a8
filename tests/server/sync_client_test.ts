/** Convex's own WebSocket client talks to the server unmodified. */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { ConvexClient } from "convex/browser";
import { anyApi as api } from "convex/server";
import { ConvexError } from "convex/values";
import { openClientEngine } from "../support/client_engine.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { openSyncEngine, Seen, syncCase } from "../support/sync_case.ts";

Deno.test("ConvexClient gets values back as it sent them", async () => {
  const engine = openClientEngine();
  await using server = startSyncServer(engine);
  const client = new ConvexClient(server.url, { logger: false });
  const value = {
    int: -(2n ** 63n),
    floats: [NaN, Infinity, -Infinity, -0, 1.5],
    bytes: new Uint8Array([0, 255]).buffer,
    nested: [{ a: null, b: [true, "é😀"] }],
  };
  assertEquals(await client.query(api.echo!.query!, { value }), value);
  assertEquals(await client.mutation(api.echo!.mutation!, { value }), value);
  assertEquals(await client.action(api.echo!.action!, { value }), value);
  await client.close();
  await engine.close();
});

Deno.test("ConvexClient has nothing to say of transitions that come at once", async () => {
  const engine = openSyncEngine();
  await using server = startSyncServer(engine);
  const said: unknown[][] = [];
  const verbose: unknown[] = [];
  const say = (...line: unknown[]) => said.push(line);
  const client = new ConvexClient(server.url, {
    verbose: true,
    logger: {
      log: say,
      warn: say,
      error: say,
      logVerbose: (...line: unknown[]) => verbose.push(line.join(" ")),
      addLogLineListener: () => () => {},
    } as never,
  });
  await client.query(api.messages!.list!, { channel: "a" });
  await client.close();
  await engine.close();
  assertEquals(said, []);
  const times = /received .* transition in (-?\d+)ms/.exec(verbose.join("\n"));
  assert(Math.abs(Number(times?.[1])) < 20_000, verbose.join("\n"));
});

syncCase(
  "ConvexClient gets each change, and nothing else",
  async (client) => {
    const a = new Seen<string[]>();
    const b = new Seen<string[]>();
    client.onUpdate(api.messages!.list!, { channel: "a" }, a.add);
    const stop = client.onUpdate(api.messages!.list!, { channel: "b" }, b.add);
    await a.until((texts) => texts.length === 0);
    await client.mutation(api.messages!.send!, { channel: "a", text: "one" });
    // A mutation has resolved only when its writes can be seen.
    assertEquals(a.last, ["one"]);
    await client.mutation(api.messages!.send!, { channel: "b", text: "two" });
    assertEquals(b.last, ["two"]);
    stop();
    await client.mutation(api.messages!.send!, { channel: "b", text: "three" });
    await client.action(api.messages!.sendByAction!, {
      channel: "a",
      text: "4",
    });
    await a.until((texts) => texts.length === 2);
    assertEquals(a.all, [[], ["one"], ["one", "4"]]);
    assertEquals(b.all, [[], ["two"]]);
  },
);

syncCase(
  "ConvexClient sees what another one writes",
  async (client, server) => {
    const other = new ConvexClient(server.url, { logger: false });
    const seen = new Seen<string[]>();
    client.onUpdate(api.messages!.list!, { channel: "a" }, seen.add);
    await seen.until((texts) => texts.length === 0);
    for (const text of ["one", "two", "three"]) {
      await other.mutation(api.messages!.send!, { channel: "a", text });
    }
    await seen.until((texts) => texts.length === 3);
    await other.close();
  },
);

syncCase("ConvexClient runs mutations in their order", async (client) => {
  const texts = Array.from({ length: 50 }, (_, at) => String(at));
  await Promise.all(
    texts.map((text) =>
      client.mutation(api.messages!.send!, { channel: "a", text })
    ),
  );
  assertEquals(
    await client.query(api.messages!.list!, { channel: "a" }),
    texts,
  );
});

syncCase(
  "ConvexClient shows an optimistic update until the real one is there",
  async (client) => {
    const seen = new Seen<string[]>();
    client.onUpdate(api.messages!.list!, { channel: "a" }, seen.add);
    await seen.until((texts) => texts.length === 0);
    await client.mutation(api.messages!.send!, { channel: "a", text: "real" }, {
      optimisticUpdate: (store, { channel }) => {
        const before = store.getQuery(api.messages!.list!, { channel }) ?? [];
        store.setQuery(api.messages!.list!, { channel }, [...before, "hoped"]);
      },
    });
    assertEquals(seen.all, [[], ["hoped"], ["real"]]);
    const refused = client.mutation(api.messages!.refuse!, { data: "no" }, {
      optimisticUpdate: (store) =>
        store.setQuery(api.messages!.list!, { channel: "a" }, ["vain"]),
    });
    await assertRejects(() => refused, ConvexError);
    assertEquals(seen.all.slice(3), [["vain"], ["real"]]);
  },
);

syncCase(
  "ConvexClient gets errors with their data, and a query that recovers",
  async (client) => {
    const errors: unknown[] = [];
    const seen = new Seen<string>();
    client.onUpdate(
      api.messages!.latest!,
      { channel: "a" },
      seen.add,
      (error) => errors.push(error),
    );
    const data = { code: "NO", int: 7n, list: [NaN, null] };
    const error = await assertRejects(() =>
      client.mutation(api.messages!.refuse!, { data })
    );
    assertInstanceOf(error, ConvexError);
    assertEquals(error.data, data);
    assertInstanceOf(errors[0], ConvexError);
    assertEquals(errors[0].data, { code: "EMPTY", channel: "a" });
    await client.mutation(api.messages!.send!, { channel: "a", text: "one" });
    assertEquals(seen.all, ["one"]);
    const wrong = await assertRejects(() =>
      client.query(api.messages!.list!, { channel: 1 })
    ) as Error;
    assert(
      /\[CONVEX Q\(messages:list\)\] \[Request ID: [0-9a-f]{16}\] Server Error\nArgumentValidationError: Value does not match validator/
        .test(wrong.message),
      wrong.message,
    );
    const hidden = await assertRejects(() =>
      client.query(api.who!.secret!, {})
    ) as Error;
    assert(
      hidden.message.includes(
        "Could not find public function for 'who:secret'",
      ),
    );
  },
);

Deno.test("ConvexClient learns only that a function failed, and a ConvexError's data, where errors are redacted", async () => {
  const engine = openSyncEngine();
  await using server = startSyncServer(engine, { redactErrors: true });
  const client = new ConvexClient(server.url, { logger: false });
  const data = { code: 7n };
  const error = await assertRejects(() =>
    client.mutation(api.messages!.refuse!, { data })
  );
  assertInstanceOf(error, ConvexError);
  assertEquals(error.data, data);
  const plain =
    /^\[CONVEX [QM]\([\w:]+\)\] \[Request ID: [0-9a-f]{16}\] Server Error\n {2}Called by client$/;
  for (
    const call of [
      () => client.query(api.messages!.list!, { channel: 1 }),
      () => client.query(api.who!.secret!, {}),
      () => client.mutation(api.messages!.send!, { channel: "a", text: 1 }),
    ]
  ) {
    const { message } = await assertRejects(call, Error);
    assert(plain.test(message), message);
  }
  await client.close();
  await engine.close();
});

syncCase(
  "ConvexClient keeps pages whole while documents come",
  async (client) => {
    const send = (text: string) =>
      client.mutation(api.messages!.send!, { channel: "a", text });
    for (let at = 0; at < 5; at++) await send(String(at));
    const seen = new Seen<
      {
        results: { text: string }[];
        status: string;
        loadMore(n: number): boolean;
      }
    >();
    client.onPaginatedUpdate_experimental(
      api.messages!.page!,
      { channel: "a" },
      { initialNumItems: 2 },
      seen.add as never,
    );
    const textsOf = () => seen.last!.results.map(({ text }) => text);
    await seen.until(({ status }) => status === "CanLoadMore");
    assertEquals(textsOf(), ["0", "1"]);
    seen.last!.loadMore(2);
    await seen.until(({ results }) => results.length === 4);
    assertEquals(textsOf(), ["0", "1", "2", "3"]);
    seen.last!.loadMore(10);
    await seen.until(({ status }) => status === "Exhausted");
    await send("5");
    await seen.until(({ results }) => results.length === 6);
    assertEquals(textsOf(), ["0", "1", "2", "3", "4", "5"]);
  },
);

syncCase(
  "ConvexClient continues after its connection broke, and its mutations run once",
  async (client, server, engine) => {
    const seen = new Seen<string[]>();
    client.onUpdate(api.messages!.list!, { channel: "a" }, seen.add);
    await seen.until((texts) => texts.length === 0);
    for (let round = 0; round < 3; round++) {
      const sent = client.mutation(api.messages!.send!, {
        channel: "a",
        text: `round ${round}`,
      });
      server.breakConnections();
      await sent;
      await seen.until((texts) => texts.length === round + 1);
    }
    assertEquals(await engine.query("messages:list", { channel: "a" }), [
      "round 0",
      "round 1",
      "round 2",
    ]);
  },
);

syncCase(
  "ConvexClient gets results that are longer than a frame should be",
  async (client) => {
    const length = 6_000_000;
    const text = await client.query(api.messages!.big!, { length }) as string;
    assertEquals(text.length, length);
    assert(text.startsWith("😀") && text.endsWith("😀"));
  },
);

Deno.test("ConvexClient reconnects to a server that was started anew", async () => {
  const engine = openSyncEngine();
  const first = startSyncServer(engine);
  const port = Number(new URL(first.url).port);
  const client = new ConvexClient(first.url, { logger: false });
  const seen = new Seen<string[]>();
  client.onUpdate(api.messages!.list!, { channel: "a" }, seen.add);
  await seen.until((texts) => texts.length === 0);
  await first.close();
  await engine.mutation("messages:send", { channel: "a", text: "meanwhile" });
  const second = startSyncServer(engine, { port });
  await seen.until((texts) => texts.length === 1);
  await client.close();
  await second.close();
  await engine.close();
});
