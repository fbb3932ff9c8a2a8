import { assertEquals, assertRejects } from "@std/assert";
import { createFunctionHandle } from "convex/server";
import type { ContractCase } from "../types.ts";
import { type ConvexTestSubject, m, testCase } from "./subject.ts";

/** What functions of a test see of the host's globals, and what other code sees meanwhile. */
export const convexTestGlobalsContract: ContractCase<ConvexTestSubject>[] = [
  ...(["convex", "convex-test"] as const).map((compat) =>
    testCase(
      `a test can load what needs a backend, but is none itself (${compat})`,
      async () => {
        const { Convex } = globalThis as { Convex?: unknown };
        assertEquals(typeof Convex, "object");
        await assertRejects(
          () => createFunctionHandle(m("system:write")),
          Error,
          "No active convexTest context. Make sure you are calling methods on the object returned by convexTest().",
        );
      },
      { compat },
    )
  ),

  testCase("each function has globals of its own", async (t) => {
    const host = globalThis as unknown as { [name: string]: unknown };
    const before = ["Math", "Date", "crypto"].map((name) => host[name]);
    const seen: unknown[] = [];
    const run = t.action(async (ctx) => {
      host.Math = Object.create(Math, { random: { value: () => 42 } });
      host.Date = undefined;
      host.crypto = undefined;
      await new Promise((resolve) => setTimeout(resolve, 10));
      const nested = await ctx.runMutation(m("system:chance"), {});
      return [Math.random(), typeof Date, typeof crypto, typeof nested];
    });
    await new Promise((resolve) => setTimeout(resolve, 1));
    seen.push(...["Math", "Date", "crypto"].map((name) => host[name]));
    const other = await t.query(() => Promise.resolve(typeof crypto));
    assertEquals(await run, [42, "undefined", "undefined", "object"]);
    assertEquals(other, "object");
    // Outside of functions, globals are unchanged, even while one runs.
    assertEquals(
      seen.map((value, at) => value === before[at]),
      [true, true, true],
    );
    assertEquals(
      ["Math", "Date", "crypto"].map((name, at) => host[name] === before[at]),
      [true, true, true],
    );
  }, { isExact: true }),

  testCase(
    "the console of a test may read a clock, as that of Vitest does on Deno",
    async (t) => {
      const host = globalThis as unknown as {
        console: { timeEnd(): void };
      };
      const outer = host.console;
      const { timeEnd } = outer;
      let readMs = 0;
      outer.timeEnd = () => void (readMs = performance.now());
      try {
        await t.query(() => {
          const { console: inner } = host;
          return Promise.resolve(inner.timeEnd());
        });
      } finally {
        outer.timeEnd = timeEnd;
      }
      assertEquals(readMs > 0, true);
    },
  ),

  testCase(
    "a global that a test replaces while a function runs stays so",
    async (t) => {
      const host = globalThis as unknown as { [name: string]: unknown };
      const { fetch } = host;
      const fake = () => "fake";
      const run = t.action(() =>
        new Promise((resolve) => setTimeout(resolve, 10))
      );
      await new Promise((resolve) => setTimeout(resolve, 1));
      try {
        host.fetch = fake;
        assertEquals(
          await t.action(() => Promise.resolve(String(host.fetch === fake))),
          // Functions see a global of their own, which may refuse.
          "false",
        );
        await run;
        assertEquals(host.fetch === fake, true);
      } finally {
        host.fetch = fetch;
      }
      await t.query(() => Promise.resolve(1));
      assertEquals(host.fetch === fetch, true);
    },
    { isExact: true },
  ),

  testCase(
    "a global that a test defines anew between two calls counts for the next",
    async (t) => {
      const host = globalThis as unknown as { [name: string]: unknown };
      await t.query(() => Promise.resolve(1));
      const { fetch, crypto } = host;
      const names = ["fetch", "crypto"];
      const before = names.map((name) =>
        Object.getOwnPropertyDescriptor(host, name)!
      );
      const fake = () => "fake";
      for (const name of names) {
        const value = { value: fake, writable: true, configurable: true };
        Object.defineProperty(host, name, value);
      }
      try {
        const seen = await t.action(() => {
          const first = [host.fetch === fake, host.crypto === fake];
          host.crypto = "of the function";
          const then = host.crypto;
          return Promise.resolve([...first, then, String(fake())]);
        });
        // Functions see a `fetch` of their own, which may refuse.
        assertEquals(seen, [false, true, "of the function", "fake"]);
        assertEquals([host.fetch, host.crypto], [fake, fake]);
      } finally {
        names.forEach((name, at) =>
          Object.defineProperty(host, name, before[at]!)
        );
      }
      await t.action(() => {
        host.crypto = "of the function";
        return Promise.resolve(1);
      });
      assertEquals([host.fetch === fetch, host.crypto === crypto], [
        true,
        true,
      ]);
    },
    { isExact: true },
  ),

  testCase(
    "a getter that a test puts over a global is not there after it is taken back",
    async (t) => {
      const host = globalThis as unknown as { [name: string]: unknown };
      await t.query(() => Promise.resolve(1));
      const { performance } = host;
      const before = Object.getOwnPropertyDescriptor(host, "performance")!;
      const spied = { now: () => 7 };
      Object.defineProperty(host, "performance", {
        ...before,
        get: () => spied,
      });
      const seen = await t.action(() =>
        Promise.resolve((host.performance as typeof spied).now())
      );
      Object.defineProperty(host, "performance", before);
      await t.query(() => Promise.resolve(1));
      assertEquals(seen, 7);
      assertEquals(host.performance === performance, true);
    },
    { isExact: true },
  ),

  testCase(
    "files, formats and dates of a function are of its time and of its own globals",
    async (t) => {
      const told = () => {
        const format = new Intl.DateTimeFormat("en", { timeStyle: "full" });
        const own = new Date();
        return Promise.resolve([
          new File([], "a").lastModified === Date.now(),
          format.format() === format.format(Date.now()),
          own.constructor === Date,
        ]);
      };
      assertEquals(await t.query(told), [true, true, true]);
      assertEquals(await t.mutation(told), [true, true, true]);
      assertEquals(new Date().constructor === Date, true);
    },
    { isExact: true },
  ),

  testCase(
    "a Date that a function puts in the place of the host's is the constructor of its dates alone",
    async (t) => {
      const host = globalThis as { Date: unknown };
      const seen = await t.mutation(() => {
        const { prototype } = Date;
        const own = Object.assign(function () {}, { prototype });
        host.Date = own;
        prototype.constructor = own;
        class Later extends (own as unknown as DateConstructor) {}
        return Promise.resolve([
          prototype.constructor === own,
          Later.prototype.constructor === Later,
        ]);
      });
      assertEquals(seen, [true, true]);
      assertEquals(new Date(0).constructor === Date, true);
      const names: string[] = [];
      for (const name in new Date(0)) names.push(name);
      assertEquals(names, []);
    },
    { isExact: true },
  ),
];
