/** Behaviour of the client itself, before and between calls. */
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { Connection } from "../../client/types.ts";
import { ClientError } from "../../errors.ts";
import { type NodeProcess, rejection } from "./client_contract.ts";
import { pause } from "../support/pause.ts";
import type { ContractCase } from "../types.ts";

/** Cases about the client itself, which need no source. */
export const clientOptionsContract: ContractCase<void>[] = [
  {
    name: "refuses an invalid source",
    run() {
      for (const source of [undefined, null, 5, {}, { query() {} }]) {
        const error = assertThrows(
          () => new AsyncConvexClient(source as unknown as string),
          ClientError,
        ) as ClientError;
        assertEquals(error.code, "INVALID_ARGUMENT");
        assertStringIncludes(error.message, "source must be");
      }
    },
  },
  {
    name: "refuses a URL that is no deployment's, and shows no password",
    run() {
      for (
        const [url, says] of [
          ["happy-otter-1.convex.cloud", "an absolute http: or https: URL"],
          ["ftp://a.example", "an absolute http: or https: URL"],
          ["https://ada:secret@a.example", "without user name and password"],
          ["https://a.example/?q=secret", "without query and fragment"],
          [
            "https://happy-otter-1.convex.site",
            "url must be under .convex.cloud, such as",
          ],
          ["ftp://ada:secret@a.example", "absolute http: or https: URL"],
          [new URL("ftp://ada:secret@a.example"), "got ftp:"],
          [new URL("https://ada:secret@a.example"), "without user name and"],
        ] as const
      ) {
        const error = assertThrows(
          () => new AsyncConvexClient(url),
          ClientError,
        ) as ClientError;
        assertEquals(error.code, "INVALID_ARGUMENT");
        assertStringIncludes(error.message, says);
        assert(!error.message.includes("secret"), error.message);
      }
    },
  },
  {
    name: "names what a wrong object has, and the hook that there is not",
    async run() {
      const url = "https://x.convex.cloud";
      const wrong: [() => unknown, string][] = [
        [
          () => new AsyncConvexClient({ convexUrl: url } as never),
          "query, mutation and action; got { convexUrl }",
        ],
        [
          () => AsyncConvexClient.wrap({ query() {}, act() {} } as never),
          "query, mutation and action; got { query,act }",
        ],
        [
          () =>
            new AsyncConvexClient(url, { hooks: { onCalls() {} } as never }),
          'hooks has no option "onCalls" (did you mean onCallStart?)',
        ],
        [
          () => new AsyncConvexClient(url, { hooks: { onCall: 5 as never } }),
          "hooks.onCall must be a function; got 5",
        ],
      ];
      for (const [make, says] of wrong) {
        assertStringIncludes(assertThrows(make, ClientError).message, says);
      }
      const echo = (name: string) => name;
      await using client = AsyncConvexClient.wrap({
        query: echo,
        mutation: echo,
        action: echo,
      });
      const pages: [unknown, string][] = [
        [null, "options of paginate must be an object; got null"],
        [25, "options of paginate must be an object; got 25"],
        [
          { numItems: 25 },
          'paginate has no option "numItems": it has pageSize, cursor, signal',
        ],
        [{ cursor: 5 }, "cursor must be a continueCursor; got 5"],
        [{ pageSize: 0 }, "pageSize must be a whole number from 1 to 16384"],
        [{ timeoutMs: "1" }, "timeoutMs must be a number over 0"],
      ];
      for (const [options, says] of pages) {
        const make = () => client.paginate("a:b", {}, options as never);
        assertStringIncludes(assertThrows(make, ClientError).message, says);
      }
      const batches: [unknown, string][] = [
        [[{ query: "a:b", args: {} }], "queries[0].ref must be a function's"],
        [[{ query: "a:b", args: {} }], "reference; got { query,args }"],
        [[["a:b", {}]], "reference; got an array"],
        [[{ ref: "a:b" }, null], "queries[1].ref must be a function's name"],
        [[{ ref: "a:b" }, null], "reference; got null"],
        [
          [{ ref: "a:b" }, { ref: "a:b", args: [1] }],
          "queries[1].args of a:b must be an object of named arguments; got an array",
        ],
        [
          [{ ref: "a:b" }, { ref: "a:b", args: { at: new Date(0) } }],
          "queries[1].args of a:b",
        ],
      ];
      for (const [queries, says] of batches) {
        const { message } = await rejection(client.queryBatch(queries as []));
        assertStringIncludes(message, says);
      }
    },
  },
  {
    name: "a watch's time limit holds until its first result, and rejects once",
    async run() {
      let stopped = 0;
      await using client = watching(({ name }, { onValue }) => {
        if (name === "is:there") onValue(1);
        return () => stopped++;
      });
      const [there, silent] = ["is:there", "is:silent"].map((name) =>
        client.watch(name, {}, { timeoutMs: 30 })
      );
      assertEquals((await there!.next()).value, 1);
      const more = there!.next();
      const { code, message } = await rejection(silent!.next());
      assertEquals(code, "TIMEOUT");
      assertEquals(
        message,
        "is:silent was not answered within timeoutMs = 30 ms",
      );
      assertEquals(await silent!.next(), { value: undefined, done: true });
      assertEquals(stopped, 1);
      await there!.return();
      assertEquals((await more).done, true);
    },
  },
  {
    name: "a watch whose signal was aborted before rejects, and opens nothing",
    async run() {
      let opened = 0;
      await using client = new AsyncConvexClient({
        open() {
          opened++;
          throw new Error("opened");
        },
      });
      const signal = AbortSignal.abort(new Error("no longer wanted"));
      const watch = client.watch("is:there", {}, { signal });
      assertEquals((await rejection(watch.next())).message, "no longer wanted");
      assertEquals(await watch.next(), { value: undefined, done: true });
      assertEquals(opened, 0);
    },
  },
  {
    name: "a watch that failed in time says why, however late that is read",
    async run() {
      await using client = watching((_, { onError }) => {
        onError(new Error("no such table"));
        return () => {};
      });
      const watch = client.watch("is:there", {}, { timeoutMs: 20 });
      await pause(60);
      assertEquals((await rejection(watch.next())).message, "no such table");
    },
  },
  {
    name: "takes the options of HTTP beside a deployment's URL",
    async run() {
      const sent: (string | null)[] = [];
      const url = "https://x.convex.cloud";
      for (const address of [url, new URL(url)]) {
        await using client = new AsyncConvexClient(address, {
          auth: "ada",
          timeoutMs: 60_000,
          fetch(to, { headers }) {
            sent.push(to, new Headers(headers).get("authorization"));
            return Promise.resolve(
              Response.json({ status: "success", value: 1 }),
            );
          },
        });
        assertEquals(await client.query("a:b"), 1);
        assertEquals(sent.splice(0), [`${url}/api/query`, "Bearer ada"]);
      }
    },
  },
  {
    name: "opens its source with the first call, once",
    async run() {
      let opened = 0;
      await using client = new AsyncConvexClient({
        open() {
          opened++;
          return connection((call) => call.name);
        },
      });
      assertEquals(opened, 0);
      await Promise.all([client.query("a:b"), client.query("c:d")]);
      assertEquals(opened, 1);
    },
  },
  {
    name: "gives an opening's error to every call and opens again for the next",
    async run() {
      let opened = 0;
      await using client = new AsyncConvexClient({
        open() {
          if (opened++ === 0) throw new ClientError("UNREACHABLE", "not yet");
          return connection(() => "here");
        },
      });
      const calls = await Promise.allSettled([
        client.query("a:b"),
        client.mutation("a:b"),
      ]);
      assertEquals(calls.map(({ status }) => status), ["rejected", "rejected"]);
      assertEquals(await client.query("a:b"), "here");
      assertEquals(opened, 2);
    },
  },
  {
    name: "ends calls at their time limit while the source still opens",
    async run() {
      let open: (() => void) | undefined;
      let calls = 0;
      const client = new AsyncConvexClient({
        open: async () => {
          await new Promise<void>((resolve) => open = resolve);
          return connection(() => calls++);
        },
      });
      const error = await rejection(
        client.query("a:b", {}, { timeoutMs: 20 }),
      );
      assertEquals(error.code, "TIMEOUT");
      open!();
      await client.close();
      assertEquals(calls, 0);
    },
  },
  {
    name: "turns the throw of a source into a rejection",
    async run() {
      await using client = new AsyncConvexClient({
        open: () =>
          connection(() => {
            throw new ClientError("BROKEN", "broken");
          }),
      });
      assertEquals((await rejection(client.query("a:b"))).code, "BROKEN");
      assertEquals(client.stats().inFlight, 0);
    },
  },
  {
    name: "makes no anonymous call when the source could not take the identity",
    async run() {
      let open = () => {};
      await using client = new AsyncConvexClient({
        open: async () => {
          await new Promise<void>((resolve) => open = resolve);
          return connection(() => "here");
        },
      });
      const before = client.query("a:b");
      await Promise.resolve();
      client.setAuth("ada");
      const at = rejection(client.query("a:b"));
      open();
      assertEquals(await before, "here");
      assertEquals((await at).code, "UNSUPPORTED");
      assertEquals((await rejection(client.query("a:b"))).code, "UNSUPPORTED");
      client.clearAuth();
      assertEquals(await client.query("a:b"), "here");
    },
  },
  {
    name:
      "ends all watches that share a signal, which no host takes for a leak",
    async run() {
      const controller = new AbortController();
      const { signal } = controller;
      await using client = watching(() => () => {});
      const watches = Array.from(
        { length: 20 },
        () => client.watch("a:b", {}, { signal }).next(),
      );
      await pause(5);
      const { process } = globalThis as { process?: NodeProcess };
      if (process?.version?.startsWith("v20.")) {
        const events = process.getBuiltinModule!("node:events");
        assertEquals(events.getMaxListeners(signal), Infinity);
      }
      controller.abort();
      const errors = await Promise.all(watches.map((next) => rejection(next)));
      assert(errors.every(({ name }) => name === "AbortError"));
    },
  },
  {
    name: "says so when a wrapped client cannot forget its token",
    async run() {
      const call = () => "here";
      const methods = { query: call, mutation: call, action: call };
      const wrapped = { ...methods, setAuth: () => {} };
      await using client = AsyncConvexClient.wrap(wrapped);
      client.setAuth("ada");
      client.clearAuth();
      const error = await rejection(client.query("a:b"));
      assertEquals(error.code, "UNSUPPORTED");
      assertStringIncludes(error.message, "clearAuth");
    },
  },
  {
    name: "says where a token goes if the source takes none",
    async run() {
      const call = () => "here";
      const methods = { query: call, mutation: call, action: call };
      for (
        const [client, where] of [
          [AsyncConvexClient.wrap(methods), "client that is wrapped"],
          [AsyncConvexClient.embedded(), "the option auth of Cortex"],
          [
            AsyncConvexClient.fromModule("data:text/javascript,"),
            "createClient",
          ],
        ] as const
      ) {
        client.setAuth("ada");
        const error = await rejection(client.query("a:b"));
        assertEquals(error.code, "UNSUPPORTED");
        assertStringIncludes(error.message, where);
        await client.close();
      }
    },
  },
  {
    name:
      "passes the observer of auth changes on to a client of Convex's, if it takes one, and no token after clearAuth",
    async run() {
      const told: unknown[] = [];
      const call = () => "here";
      const methods = { query: call, mutation: call, action: call };
      const live = {
        ...methods,
        onUpdate: () => () => {},
        setAuth: (...said: unknown[]) => told.push(...said),
        clearAuth: () => told.splice(0),
      };
      const seen: boolean[] = [];
      await using client = AsyncConvexClient.wrap(live);
      const tokens = ["unasked", "ada", "ada"];
      for (const auth of ["ada", () => tokens.pop()!]) {
        client.setAuth(auth, (isTaken) => seen.push(isTaken));
        await client.query("a:b");
        const [give, onChange] = told as [Give, (isTaken: boolean) => void];
        assertEquals(await give(), "ada");
        onChange(true);
        const asked = give();
        client.clearAuth();
        onChange(false);
        assertEquals([await asked, await give()], [null, null]);
        assertEquals([seen.splice(0), tokens[0]], [[true], "unasked"]);
      }
      const plain = { ...methods, setAuth: live.setAuth };
      await using other = AsyncConvexClient.wrap(plain);
      other.setAuth("ada", () => {});
      assertEquals((await rejection(other.query("a:b"))).code, "UNSUPPORTED");
    },
  },
];

type Give = () => Promise<string | null>;

function connection(call: (call: { name: string }) => unknown): Connection {
  return {
    call: (made) => call(made) as Promise<unknown>,
    stats: () => ({ calls: 0, requests: 0 }),
    close: () => Promise.resolve(),
  };
}

/** A client whose source only follows queries. */
function watching(subscribe: Connection["subscribe"]): AsyncConvexClient {
  return new AsyncConvexClient({
    open: () => ({ ...connection(() => null), subscribe }),
  });
}
