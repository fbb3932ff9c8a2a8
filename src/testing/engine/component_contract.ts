import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";

interface Chance {
  isFrozen: boolean;
  begin: number;
  numbers: number[];
  uuid: string;
  bytes: ArrayBuffer;
}

/** Components, and what is deterministic in queries and mutations. */
export const engineComponentContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a component has tables of its own, and its calls join the caller's transaction",
    async (engine) => {
      // Host without AsyncLocalStorage: handles are made while one function runs.
      const result = await engine.mutation("system:useComponent", {}) as {
        [name: string]: unknown;
      };
      assertEquals(result.first, 1);
      assertEquals(result.second, 2, "what a call wrote that threw is gone");
      assertEquals(result.handle, "function://counter;lib:add");
      assertEquals(result.own, "function://;system:chance");
      assertEquals(result.hasBack, true);
      assertEquals(await engine.query("system:componentTotal", {}), 3);
      await assertRefused(
        engine.mutation("system:useComponent", { fail: true }),
        "FUNCTION_ERROR",
        "all of it goes",
      );
      assertEquals(await engine.query("system:componentTotal", {}), 3);
      const notes = await engine.query("notes:every", {}) as Doc[];
      assertEquals(notes.map(({ owner }) => owner), ["component", "chance"]);
    },
  ),

  engineCase(
    "a parent calls no internal function of a component, and there must be one of its name",
    async (engine) => {
      await assertRefused(
        engine.mutation("system:componentSecret", {}),
        "FUNCTION_NOT_FOUND",
        "lib:hidden",
      );
    },
  ),

  // Convex's documentation says otherwise, but its own components, such as workpool, do this.
  engineCase("a component reads pages", async (engine) => {
    await engine.mutation("system:useComponent", {});
    const { page, isDone } = await engine.query("system:componentPage", {}) as {
      [field: string]: unknown;
    };
    assertEquals([(page as unknown[]).length, isDone], [1, false]);
  }),

  {
    name: "a component that is not there is an error that names it",
    async run(subject) {
      const engine = subject.open({ components: {} });
      await assertRefused(
        engine.query("system:componentTotal", {}),
        "COMPONENT_NOT_FOUND",
        '"counter"',
      );
      await engine.close();
    },
  },

  {
    name: "a component keeps its data when the engine is opened again",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const first = subject.open({ store });
      await first.mutation("system:useComponent", {});
      await first.close();
      const second = subject.open({ store });
      assertEquals(await second.query("system:componentTotal", {}), 3);
      await second.close();
      store.closeReally();
    },
  },

  {
    name: "a component's function can be scheduled",
    async run(subject) {
      const clock = new FakeTimers();
      const engine = subject.open({
        timers: clock,
        crons: false,
        now: () => clock.nowMs,
      });
      await settle();
      await engine.mutation("system:scheduleInComponent", {});
      clock.advance(0);
      await settle();
      assertEquals(await engine.query("system:componentTotal", {}), 10);
      await engine.close();
    },
  },

  engineCase("a component is not told who is signed in", async (engine) => {
    const identity = {
      tokenIdentifier: "https://issuer|ada",
      subject: "ada",
      issuer: "https://issuer",
      email: "ada@example.com",
    };
    assertEquals(
      await engine.query("system:whoAmI", {}, { identity }),
      identity,
    );
    assertEquals(await engine.query("system:whoAmI", {}), null);
    assertEquals(
      await engine.query("system:componentWho", {}, { identity }),
      null,
    );
  }),

  {
    name: "time stands still in a mutation, chance comes from a seed",
    async run(subject) {
      let seed = 7;
      const open = () => {
        seed = 7;
        return subject.open({
          random: (bytes) => bytes.forEach((_, at) => bytes[at] = seed++ * 31),
          now: () => 1_750_000_000_000,
        });
      };
      const runs: Chance[] = [];
      const engine = open();
      if (!engine.capabilities.determinism) return await engine.close();
      for (let run = 0; run < 2; run++) runs.push(await chance(engine));
      await engine.close();
      const again = open();
      runs.push(await chance(again));
      await again.close();
      assertEquals(runs.map(({ isFrozen }) => isFrozen), [true, true, true]);
      assertEquals(runs[0]!.begin, 1_750_000_000_000);
      assertEquals(runs[0], runs[2], "the same seed gives the same");
      assertNotEquals(runs[0]!.numbers, runs[1]!.numbers);
      assertNotEquals(runs[0]!.numbers[0], runs[0]!.numbers[1]);
      assertNotEquals(runs[0]!.uuid, runs[1]!.uuid);
    },
  },

  engineCase("system calls of writes give the document", async (engine) => {
    const texts = await engine.mutation("invoked:writtenDocuments", {});
    assertEquals(texts, ["b", "c", "c"]);
  }),

  engineCase(
    "functions that make system calls are answered by the ctx around them",
    async (engine) => {
      const result = await engine.mutation("invoked:invokeMutation", {}) as {
        [name: string]: unknown;
      };
      const { first, ...rest } = result as { first: Doc };
      assertEquals([first.owner, first.pinned, first.rank], [
        "invoked",
        true,
        undefined,
      ]);
      assertEquals(rest, {
        texts: ["new", "word"],
        filtered: 1,
        found: 1,
        page: [1, false],
        normalized: true,
        job: "canceled",
        identity: null,
        refused: true,
        plain: "Error",
        meta: {
          name: "invoked:invokeMutation",
          componentPath: "",
          type: "mutation",
          visibility: "public",
        },
        url: true,
        file: "hello",
      });
      assertEquals(await engine.action("invoked:invokeAction", {}), [
        "hello",
        0,
      ]);
    },
  ),

  {
    name: "a module finds itself on a backend while it is loaded",
    async run(subject) {
      const convex = () => typeof (globalThis as { Convex?: object }).Convex;
      // Work that other cases left running keeps it set.
      const before = convex();
      let seen = "";
      const load = () => {
        seen = convex();
        const late = {
          isQuery: true,
          isPublic: true,
          _handler: () => "loaded",
        };
        return Promise.resolve({ late });
      };
      const engine = subject.open({ modules: { "module.cts": load } });
      assertEquals(await engine.query("module:late", {}), "loaded");
      assertEquals([seen, convex()], ["object", before]);
      await engine.close();
    },
  },

  engineCase("an index has the ids after the creation time", async (engine) => {
    const owner = "ada";
    const id = await addNote(engine, owner, { rank: 1 });
    await addNote(engine, owner, { rank: 2 });
    const { _creationTime: time } = await engine.query("notes:get", {
      id,
    }) as Doc;
    const read = (bound: string, at = time, other = id) =>
      engine.query("system:besideNote", { owner, id: other, bound, time: at });
    for (const bound of ["eq", "gte", "lte"]) {
      assertEquals(await read(bound), [[1], [1]]);
    }
    for (const bound of ["gt", "lt"]) assertEquals(await read(bound), [[], []]);
    assertEquals(await read("gt", time, ""), [[1], [1]]);
    assertEquals(await read("lt", time, "~"), [[1], [1]]);
    assertEquals(await read("gte", time + 1e6), [[], []]);
  }),

  engineCase("a query may see the data as they were", async (engine) => {
    await engine.mutation("system:chance", {});
    assertEquals(await engine.mutation("system:seeTwice", {}), [2, 1]);
  }),

  engineCase("fields come in the order of their names", async (engine) => {
    const [seen, back] = await engine.query("system:fieldOrder", {
      value: { z: { d: 1, c: [{ y: 1, x: 2 }] }, a: null },
    }) as [string, object];
    assertEquals(seen, '{"a":null,"z":{"c":[{"x":2,"y":1}],"d":1}}');
    assertEquals(Object.keys(back), ["a", "b"]);
  }),

  engineCase("fetch and timers are refused in a query", async (engine) => {
    if (!engine.capabilities.determinism) return;
    const timers = ["setTimeout", "setInterval"];
    for (const what of ["fetch()", ...timers, "the Performance API"]) {
      await assertRefused(
        engine.query("system:forbidden", { what: what.replace("()", "") }),
        "FUNCTION_ERROR",
        `Can't use ${what} in queries and mutations`,
      );
    }
    assertEquals(await engine.action("system:allowedInActions", {}), "number");
  }),

  engineCase(
    "code outside of a function notices nothing, while one runs and after it",
    async (engine, subject) => {
      const names = ["Date", "fetch", "setTimeout", "setInterval", "Convex"];
      const look = () => ({
        host: names.map((name) =>
          (globalThis as { [name: string]: unknown })[name]
        ),
        random: Math.random,
        methods: [performance.now, crypto.randomUUID],
        bytes: crypto.getRandomValues,
      });
      const before = look();
      const other = subject.open();
      const running = [
        engine.mutation("system:chance", { delayMs: 200 }),
        other.mutation("system:chance", { delayMs: 100 }),
      ];
      let differs = 0;
      for (let turn = 0; turn < 50; turn++) {
        await Promise.resolve();
        const [first, second] = [Date.now(), new Date().getTime()];
        if (second - first > 1000 || first < 1_750_000_000_000) differs++;
        if (!(new Date(0) instanceof Date)) differs++;
      }
      // A timer outside functions is not refused while a mutation runs.
      await new Promise((resolve) => setTimeout(resolve, 0));
      await Promise.all(running);
      await other.close();
      assertEquals(differs, 0);
      assertEquals(look(), before);
      assert(!Object.keys(globalThis).includes("Convex"));
    },
  ),

  engineCase(
    "a call made from inside a mutation becomes part of it",
    async (engine, subject) => {
      if (!engine.capabilities.determinism) return;
      const nested: Engine = subject.open({
        modules: {
          a: {
            outer: {
              isMutation: true,
              isPublic: true,
              _handler: async () => {
                await nested.mutation("a:inner", {});
                throw new Error(String(await nested.query("a:count", {})));
              },
            },
            inner: {
              isMutation: true,
              isPublic: true,
              _handler: (ctx: Ctx) => ctx.db.insert("notes", NOTE),
            },
            count: {
              isQuery: true,
              isPublic: true,
              _handler: async (ctx: Ctx) =>
                (await ctx.db.query("notes").collect()).length,
            },
          },
        },
      });
      const error = await assertRefused(
        nested.mutation("a:outer", {}),
        "FUNCTION_ERROR",
      );
      assertStringIncludes(error.message, "Error: 1");
      assertEquals(await nested.query("a:count", {}), 0);
      await nested.close();
    },
  ),

  engineCase(
    "a component's HTTP actions answer below its prefix",
    async (engine) => {
      const ask = (path: string, method: string) =>
        engine.fetch(new Request(`https://site.test${path}`, { method }), {
          identity: { subject: "a", issuer: "b", tokenIdentifier: "b|a" },
        });
      // Parsed here: some hosts parse into another realm.
      const added = await (await ask("/counter/add/2", "POST")).text();
      assertEquals(JSON.parse(added), {
        pathname: "/counter/add/2",
        total: 1,
        who: null,
      });
      for (const path of ["/counter", "/counter/"]) {
        assertEquals(await (await ask(path, "GET")).text(), "counter");
      }
      // The app does not answer a path that the component leaves unanswered.
      assertEquals((await ask("/counter/echo", "POST")).status, 404);
      assertEquals((await ask("/counters", "GET")).status, 404);
      assertEquals((await ask("/files/x", "GET")).status, 200);
    },
  ),

  engineCase(
    "HTTP actions of the app have a prefix, too, and leave the rest to components",
    async (engine) => {
      const status = async (path: string, method = "GET") => {
        const request = new Request(`https://site.test${path}`, { method });
        return (await engine.fetch(request)).status;
      };
      assertEquals(await status("/api/files/x"), 200);
      assertEquals(await status("/counter/api/files/x"), 404);
      assertEquals(await status("/files/x"), 404);
      assertEquals(await status("/counter"), 200);
    },
    { httpPrefix: "/api" },
  ),
];

const NOTE = { owner: "nested", text: "a" };

/** The part of `ctx` that the case uses. */
interface Ctx {
  db: {
    insert(table: string, value: object): Promise<string>;
    query(table: string): { collect(): Promise<unknown[]> };
  };
}

async function chance(engine: Engine): Promise<Chance> {
  return await engine.mutation("system:chance", {}) as unknown as Chance;
}
