/**
 * What every client must do, over any source. The backend has `echo:query|mutation|action` ({ value }), `greet` (a
 * default export), `typed:add` ({ a, b }: numbers), `fail:withData` (query), `fail:withText` (mutation), `fail:plainly`
 * (action), `slow:wait` (action, { ms }), `log:append` ({ text }) and `log:all`.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type {
  AsyncConvexClient,
  AsyncConvexClientOptions,
} from "../../client/async_convex_client.ts";
import type { FunctionKind } from "../../client/types.ts";
import {
  ClientError,
  ConvexError,
  isConvexError,
  ValueError,
} from "../../errors.ts";
import type { ContractCase } from "../types.ts";

/** What a case needs: a client over a backend of its own. */
export interface ClientSubject {
  /** Makes a client; the case closes it. */
  open(
    options?: AsyncConvexClientOptions,
  ): AsyncConvexClient | Promise<AsyncConvexClient>;
}

/** The part of Node's `process` that cases look at. */
export interface NodeProcess {
  /** Its version. */
  version?: string;
  /** Gives its events. */
  getBuiltinModule?(name: "node:events"): {
    getMaxListeners(target: EventTarget): number;
  };
}

type Run = (client: AsyncConvexClient) => void | Promise<void>;

function withClient(
  name: string,
  run: Run,
  options?: AsyncConvexClientOptions,
): ContractCase<ClientSubject> {
  return {
    name,
    async run(subject) {
      await using client = await subject.open(options);
      await run(client);
    },
  };
}

const bytes = (...values: number[]): ArrayBuffer =>
  new Uint8Array(values).buffer;

/** Values that must come back unchanged, by description. */
const values: { [name: string]: unknown } = {
  "null": null,
  "booleans": [true, false],
  "the largest int64": 2n ** 63n - 1n,
  "the smallest int64": -(2n ** 63n),
  "a small bigint": -1n,
  "a fraction": 0.1 + 0.2,
  "the largest float": Number.MAX_VALUE,
  "Infinity": Infinity,
  "-Infinity": -Infinity,
  "NaN": NaN,
  "minus zero": -0,
  "a string of any letters": 'é "\\ \n \u0000 日本 😀 \u2028',
  "no bytes": bytes(),
  "bytes": bytes(0, 1, 127, 128, 255),
  "a nested value": {
    list: [1n, [bytes(7), { "deep er": [-0, NaN] }], {}],
    empty: [],
    text: "",
  },
};

/** Returns the error that a call rejects with; fails if the call resolves. */
export async function rejection(promise: Promise<unknown>): Promise<
  Error & { code?: unknown; data?: unknown }
> {
  return await assertRejects(() => promise);
}

/** Cases that hold for a client over any source. */
export const clientContract: ContractCase<ClientSubject>[] = [
  ...Object.entries(values).map(([what, value]) =>
    withClient(`brings back ${what} unchanged`, async (client) => {
      const results = await Promise.all([
        client.query("echo:query", { value }),
        client.mutation("echo:mutation", { value }),
        client.action("echo:action", { value }),
      ]);
      for (const result of results) assertSame(result, value);
    })
  ),
  withClient("drops undefined members of an argument", async (client) => {
    const result = await client.query("echo:query", {
      value: { kept: 1, dropped: undefined },
    });
    assertEquals(Object.keys(result as object), ["kept"]);
  }),
  withClient("sees arguments as they were at the call", async (client) => {
    const value = { list: [1] };
    const call = client.query("echo:query", { value });
    value.list.push(2);
    assertEquals(await call, { list: [1] });
  }),
  withClient("finds a function by Convex's other spellings", async (client) => {
    assertEquals(await client.query("greet"), "hello");
    assertEquals(await client.query("greet.js:default"), "hello");
    assertEquals(await client.query("greet:default", {}), "hello");
  }),
  withClient("finds a function by a Convex reference", async (client) => {
    const reference = {
      [Symbol.for("functionName")]: "typed:add",
    } as unknown as {
      readonly _args: { a: number; b: number };
      readonly _returnType: number;
    };
    const sum: number = await client.query(reference, { a: 1, b: 2 });
    assertEquals(sum, 3);
  }),
  withClient(
    "runs calls that were started together at once",
    async (client) => {
      await client.action("slow:wait", { ms: 1 });
      const started = Date.now();
      await Promise.all(
        Array.from(
          { length: 8 },
          () => client.action("slow:wait", { ms: 250 }),
        ),
      );
      assert(Date.now() - started < 1900, "eight waits ran one after another");
    },
  ),
  withClient("gives each of many calls its own answer", async (client) => {
    const calls = Array.from(
      { length: 100 },
      (_, index) => client.query("typed:add", { a: index, b: 1 }),
    );
    assertEquals(
      await Promise.all(calls),
      calls.map((_, index) => index + 1),
    );
    assertEquals(client.stats().calls, 100);
    assertEquals(client.stats().inFlight, 0);
  }),
  withClient(
    "shows a query what a mutation wrote before it",
    async (client) => {
      await client.mutation("log:append", { text: "a" });
      await client.mutation("log:append", { text: "b" });
      assertEquals(await client.query("log:all"), ["a", "b"]);
    },
  ),
  withClient("rejects with a ConvexError and its data", async (client) => {
    const error = await rejection(client.query("fail:withData"));
    assertInstanceOf(error, ConvexError);
    assert(isConvexError(error));
    assertEquals(error.code, "NO_LUCK");
    assertEquals(error.data, { code: "NO_LUCK", count: 7n });
  }),
  withClient("rejects with a ConvexError and its text", async (client) => {
    const error = await rejection(client.mutation("fail:withText"));
    assertInstanceOf(error, ConvexError);
    assertEquals(error.code, "NOT_HERE");
    assertEquals(error.data, "NOT_HERE: it is gone");
  }),
  withClient("rejects when a function throws", async (client) => {
    const error = await rejection(client.action("fail:plainly"));
    assertEquals(error.code, "FUNCTION_ERROR");
    assertStringIncludes(error.message, "the wheel came off");
  }),
  withClient("goes on after a call that failed", async (client) => {
    await rejection(client.action("fail:plainly"));
    assertEquals(await client.query("greet"), "hello");
  }),
  ...(["query", "mutation", "action"] as FunctionKind[]).map((kind) =>
    withClient(`refuses an unknown ${kind} by its name`, async (client) => {
      const error = await rejection(client[kind as "query"]("nowhere:nothing"));
      assertEquals(error.code, "FUNCTION_NOT_FOUND");
      assertStringIncludes(error.message, "nowhere:nothing");
    })
  ),
  withClient("refuses a function of another kind", async (client) => {
    const error = await rejection(client.query("log:append", { text: "a" }));
    assertEquals(error.code, "FUNCTION_NOT_FOUND");
  }),
  withClient("refuses a missing argument", async (client) => {
    const error = await rejection(client.query("typed:add", { a: 1 }));
    assertEquals(error.code, "ARGUMENT_VALIDATION");
    assertStringIncludes(error.message, "`b`");
  }),
  withClient("refuses an argument of the wrong type", async (client) => {
    const error = await rejection(
      client.query("typed:add", { a: "one", b: 2 }),
    );
    assertEquals(error.code, "ARGUMENT_VALIDATION");
    assert(/\ba\b/.test(error.message), error.message);
  }),
  withClient(
    "refuses what Convex cannot hold, with its path",
    async (client) => {
      const error = await rejection(
        client.mutation("echo:mutation", { value: [{ when: new Date(0) }] }),
      );
      assertInstanceOf(error, ValueError);
      assertEquals(error.code, "INVALID_VALUE");
      assertStringIncludes(
        error.message,
        "args of echo:mutation.value[0].when",
      );
      assertStringIncludes(error.message, "Date");
    },
  ),
  withClient("refuses arguments over Convex's size", async (client) => {
    const error = await rejection(
      client.query("echo:query", { value: "x".repeat(16 * 1024 * 1024) }),
    );
    assertInstanceOf(error, ValueError);
    assertEquals(error.code, "VALUE_TOO_LARGE");
    assertStringIncludes(error.message, "at most 16777216 bytes");
    assertEquals(client.stats().requests, 0);
  }),
  ...[null, [], "text", 5].map((args) =>
    withClient(
      `refuses arguments that are ${JSON.stringify(args)}`,
      async (client) => {
        const error = await rejection(
          client.query("greet", args as unknown as Record<string, unknown>),
        );
        assertInstanceOf(error, ClientError);
        assertEquals(error.code, "INVALID_ARGUMENT");
        assertStringIncludes(error.message, "args of greet:default");
      },
    )
  ),
  withClient("refuses what names no function", async (client) => {
    for (const ref of ["", 5, null, {}] as unknown as string[]) {
      const error = await rejection(client.query(ref));
      assertEquals(error.code, "INVALID_ARGUMENT");
      assertStringIncludes(error.message, "ref must be");
    }
  }),
  withClient("refuses a time limit that is none", async (client) => {
    for (const timeoutMs of [0, -1, NaN, 2 ** 31, "1"] as number[]) {
      const error = await rejection(client.query("greet", {}, { timeoutMs }));
      assertEquals(error.code, "INVALID_ARGUMENT");
      assertStringIncludes(error.message, "timeoutMs");
    }
  }),
  withClient("ends a call at its time limit", async (client) => {
    const error = await rejection(
      client.action("slow:wait", { ms: 400 }, { timeoutMs: 30 }),
    );
    assertInstanceOf(error, ClientError);
    assertEquals(error.code, "TIMEOUT");
    assertStringIncludes(error.message, "slow:wait");
    assertStringIncludes(error.message, "30 ms");
  }),
  withClient(
    "ends a call at the client's time limit unless it has its own",
    async (client) => {
      const [own, general] = await Promise.allSettled([
        client.action("slow:wait", { ms: 200 }, { timeoutMs: 5000 }),
        client.action("slow:wait", { ms: 200 }),
      ]);
      assertEquals(own.status, "fulfilled");
      assertEquals(general.status, "rejected");
    },
    { timeoutMs: 100 },
  ),
  withClient("does not make a call that is aborted before", async (client) => {
    const reason = new Error("changed my mind");
    const error = await rejection(
      client.mutation("log:append", { text: "no" }, {
        signal: AbortSignal.abort(reason),
      }),
    );
    assert(error === reason);
    assertEquals(await client.query("log:all"), []);
  }),
  withClient("names who asked in the stack of an error", async (client) => {
    async function asker() {
      await client.query("fail:withData");
    }
    assertMatch((await rejection(asker())).stack!, /asker/);
  }),
  withClient("ends a call that is aborted during", async (client) => {
    const controller = new AbortController();
    const call = client.action("slow:wait", { ms: 400 }, {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 20);
    const error = await rejection(call);
    assertEquals(error.name, "AbortError");
    assertEquals(client.stats().inFlight, 0);
  }),
  withClient(
    "ends all calls that share a signal, which no host takes for a leak",
    async (client) => {
      const controller = new AbortController();
      const { signal } = controller;
      const calls = Array.from(
        { length: 20 },
        () => client.action("slow:wait", { ms: 400 }, { signal }),
      );
      const { process } = globalThis as { process?: NodeProcess };
      await undefined;
      if (process?.version?.startsWith("v20.")) {
        const events = process.getBuiltinModule!("node:events");
        assertEquals(events.getMaxListeners(signal), Infinity);
      }
      setTimeout(() => controller.abort(), 20);
      const errors = await Promise.all(calls.map((call) => rejection(call)));
      assert(errors.every(({ name }) => name === "AbortError"));
      assertEquals(client.stats().inFlight, 0);
    },
  ),
  {
    name: "waits for calls in flight when it is closed, and refuses later ones",
    async run(subject) {
      const client = await subject.open();
      const call = client.action("slow:wait", { ms: 50 });
      const closing = client.close();
      const error = await rejection(client.query("greet"));
      assertInstanceOf(error, ClientError);
      assertEquals(error.code, "CLIENT_CLOSED");
      assertStringIncludes(error.message, "greet:default");
      await closing;
      assertEquals(client.stats().inFlight, 0);
      assertEquals(await call, 50);
      await client.close();
    },
  },
  {
    name: "closes before it was used",
    async run(subject) {
      const client = await subject.open();
      await client.close();
      await rejection(client.query("greet"));
      assertEquals(client.stats(), { calls: 0, requests: 0, inFlight: 0 });
    },
  },
];

/** Asserts equality; distinguishes -0 from 0 and compares the contents of bytes. */
function assertSame(actual: unknown, expected: unknown): void {
  if (expected instanceof ArrayBuffer) {
    assertInstanceOf(actual, ArrayBuffer);
    assertEquals([...new Uint8Array(actual)], [...new Uint8Array(expected)]);
  } else if (Array.isArray(expected)) {
    assert(Array.isArray(actual));
    assertEquals(actual.length, expected.length);
    expected.forEach((member, index) => assertSame(actual[index], member));
  } else if (typeof expected === "object" && expected !== null) {
    assertEquals(
      Object.keys(actual as object).sort(),
      Object.keys(expected).sort(),
    );
    for (const [name, member] of Object.entries(expected)) {
      assertSame((actual as { [name: string]: unknown })[name], member);
    }
  } else {
    assert(
      Object.is(actual, expected),
      `${String(actual)} is not ${String(expected)}`,
    );
  }
}
