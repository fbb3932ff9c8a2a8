import { assertEquals } from "@std/assert";
import type { EngineLimits } from "../../engine/limits/limits.ts";
import { assertRefused, engineCase, type EngineSubject } from "./subject.ts";
import { FakeTimers } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";

/** A limit and a call on either side of it. */
interface Edge {
  /** Name of the limit. */
  limit: keyof EngineLimits;
  /** Its value in the case; absent: Convex's. */
  bound?: number;
  /** Calls before these two. */
  setUp?: Call[];
  /** The most that is allowed. */
  within: Call;
  /** One more than allowed. */
  beyond: Call;
  /** The error's code; its message also contains the bound. */
  code: string;
  texts: string[];
}

type Call = [
  kind: "query" | "mutation",
  name: string,
  args: { [name: string]: unknown },
];

const put = (value: unknown): Call => ["mutation", "limits:put", { value }];
const echo = (value: unknown): Call => ["query", "flow:echo", { value }];
const use = (writes: number, ranges: number, text = "x"): Call => [
  "mutation",
  "limits:within",
  { limits: {}, use: [], after: { writes, ranges, text } },
];
const insertMany = (count: number): Call => [
  "mutation",
  "flow:insertMany",
  { count },
];
const nested = (depth: number): unknown =>
  depth === 0 ? 1 : [nested(depth - 1)];
const fields = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, at]));
/** A thing counts 71 bytes besides the characters of its text. */
const thing = (bytes: number) => put("x".repeat(bytes - THING_BYTES));
const THING_BYTES = 71;

const edges: Edge[] = [
  {
    limit: "arrayLength",
    within: put(new Array(8192).fill(0)),
    beyond: put(new Array(8193).fill(0)),
    code: "INVALID_VALUE",
    texts: ["8192", "8193"],
  },
  {
    limit: "arrayLength",
    bound: 3,
    within: put([1, 2, 3]),
    beyond: put([1, 2, 3, 4]),
    code: "INVALID_VALUE",
    texts: ["Array length is too long (4 > maximum length 3)"],
  },
  {
    limit: "objectFields",
    within: put(fields(1024)),
    beyond: put(fields(1025)),
    code: "INVALID_VALUE",
    texts: ["1024", "1025"],
  },
  {
    limit: "objectFields",
    bound: 2000,
    within: put(fields(2000)),
    beyond: put(fields(2001)),
    code: "INVALID_VALUE",
    texts: ["2000", "2001"],
  },
  {
    limit: "documentNesting",
    within: put(nested(15)),
    beyond: put(nested(16)),
    code: "LIMIT_EXCEEDED",
    texts: ["17", "16"],
  },
  {
    limit: "valueNesting",
    within: echo(nested(63)),
    beyond: echo(nested(64)),
    code: "INVALID_VALUE",
    texts: ["nested 65 levels deep > maximum nesting 64"],
  },
  {
    limit: "documentBytes",
    within: thing(1 << 20),
    beyond: thing((1 << 20) + 1),
    code: "DOCUMENT_TOO_LARGE",
    texts: ["1048576", "1048577"],
  },
  {
    limit: "documentBytes",
    bound: 200,
    within: thing(200),
    beyond: thing(201),
    code: "DOCUMENT_TOO_LARGE",
    texts: ["200", "201"],
  },
  {
    limit: "argumentBytes",
    bound: 100,
    within: echo("x".repeat(90)),
    beyond: echo("x".repeat(91)),
    code: "LIMIT_EXCEEDED",
    texts: ["arguments of flow:echo", "100", "101"],
  },
  {
    limit: "resultBytes",
    bound: 50,
    within: echo("x".repeat(48)),
    beyond: echo("x".repeat(49)),
    code: "LIMIT_EXCEEDED",
    texts: ["return value of flow:echo", "50", "51"],
  },
  {
    limit: "databaseQueries",
    bound: 10,
    within: use(0, 9),
    beyond: use(0, 10),
    code: "LIMIT_EXCEEDED",
    texts: ["index ranges", "11", "10"],
  },
  {
    limit: "documentsWritten",
    within: insertMany(16_000),
    beyond: insertMany(16_001),
    code: "LIMIT_EXCEEDED",
    texts: ["documents written", "16001", "16000"],
  },
  {
    limit: "documentsRead",
    // Every read of a document counts.
    setUp: [insertMany(2_000)],
    within: ["query", "limits:readTimes", { times: 16, more: 0 }],
    beyond: ["query", "limits:readTimes", { times: 16, more: 1 }],
    code: "LIMIT_EXCEEDED",
    texts: ["documents read", "32001", "32000"],
  },
  {
    limit: "bytesWritten",
    bound: 1000,
    within: use(10, 0, "x".repeat(100 - THING_BYTES)),
    beyond: use(10, 0, "x".repeat(101 - THING_BYTES)),
    code: "LIMIT_EXCEEDED",
    texts: ["bytes written", "1010", "1000"],
  },
  {
    limit: "bytesRead",
    bound: 1000,
    setUp: [...new Array(9).fill(thing(100))],
    within: use(1, 0, "x".repeat(100 - THING_BYTES)),
    beyond: use(1, 0, "x".repeat(100 - THING_BYTES)),
    code: "LIMIT_EXCEEDED",
    texts: ["bytes read", "1100", "1000"],
  },
  {
    limit: "callDepth",
    bound: 2,
    within: ["mutation", "flow:recurse", { depth: 2 }],
    beyond: ["mutation", "flow:recurse", { depth: 3 }],
    code: "LIMIT_EXCEEDED",
    texts: ["Cross component call depth limit exceeded. Do you have", "3 > 2"],
  },
  {
    limit: "queryOperators",
    within: ["query", "limits:operators", { count: 256 }],
    beyond: ["query", "limits:operators", { count: 257 }],
    code: "LIMIT_EXCEEDED",
    texts: ["256"],
  },
];

/** Calls on both sides of each limit. */
export const engineLimitContract: ContractCase<EngineSubject>[] = [
  ...edges.map(({ limit, bound, setUp = [], within, beyond, code, texts }) =>
    engineCase(
      `limit ${limit}${bound === undefined ? "" : ` set to ${bound}`}`,
      async (engine) => {
        for (const [kind, name, args] of setUp) await engine[kind](name, args);
        {
          const [kind, name, args] = within;
          await engine[kind](name, args);
        }
        const [kind, name, args] = beyond;
        await assertRefused(engine[kind](name, args), code, ...texts);
      },
      bound === undefined ? {} : { limits: { [limit]: bound } },
    )
  ),

  engineCase(
    "a nested call has limits of its own, below those around it, and what fails in it is undone",
    async (engine) => {
      const run = (
        limits: { [name: string]: unknown },
        ...use: { writes: number; ranges: number }[]
      ) => engine.mutation("limits:within", { limits, use });
      assertEquals(
        await run(
          { documentsWritten: 2 },
          { writes: 2, ranges: 0 },
          { writes: 3, ranges: 0 },
          { writes: 1, ranges: 0 },
        ),
        {
          outcomes: [
            "done",
            // What was used before it starts counts, too.
            "Too many writes in a single function execution (limit: 4) [documents written: 5 > 4]",
            "done",
          ],
          things: 3,
        },
      );
      assertEquals(
        await engine.query("limits:lookWithin", {
          ranges: 3,
          databaseQueries: 3,
        }),
        3,
      );
      await assertRefused(
        engine.query("limits:lookWithin", { ranges: 4, databaseQueries: 3 }),
        "LIMIT_EXCEEDED",
        "Too many reads in a single function execution (limit: 3)",
      );
      const { outcomes } = await run(
        { documentsWritten: -1 },
        { writes: 0, ranges: 0 },
      ) as { outcomes: string[] };
      assertEquals(outcomes, [
        "transactionLimits.documentsWritten must be an integer from 0 on, or Infinity, got -1",
      ]);
    },
  ),

  engineCase(
    "nested calls share the limits of the call around them, also those with higher ones",
    async (engine) => {
      const limits = { documentsWritten: 100 };
      assertEquals(
        await engine.mutation("limits:within", {
          limits,
          use: [{ writes: 3, ranges: 0 }, { writes: 2, ranges: 0 }],
        }),
        {
          outcomes: [
            "done",
            "Too many writes in a single function execution (limit: 4) [documents written: 5 > 4]",
          ],
          things: 3,
        },
      );
    },
    { limits: { documentsWritten: 4 } },
  ),

  {
    name:
      "a limit that there is not, or with a value that is none, is refused by name",
    async run(subject) {
      for (
        const [limits, text] of [
          [{ documents: 1 }, '"documents" is not a limit'],
          [{ documentsRead: -1 }, "limits.documentsRead"],
          [{ arrayLength: 0 }, "limits.arrayLength"],
          [{ documentsRead: 1.5 }, "1.5"],
          [{ bytesRead: NaN }, "NaN"],
          [{ bytesRead: "many" }, "many"],
        ] as const
      ) {
        await assertRefused(
          // deno-lint-ignore require-await -- what it throws becomes a rejection
          async () =>
            subject.open({ limits: limits as unknown as EngineLimits }),
          "INVALID_ARGUMENT",
          text,
        );
      }
      const engine = subject.open({
        limits: { objectFields: Infinity, documentsRead: undefined },
      });
      try {
        await engine.mutation("limits:put", { value: fields(1025) });
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "an action is ended when it runs for too long, and does no more",
    async run(subject) {
      const clock = new FakeTimers();
      const limits = { actionMs: 1600 };
      const engine = subject.open({ limits, watchdog: clock });
      try {
        const wait = (owner: string, ms: number) =>
          engine.action("system:wait", { owner, ms });
        const [first, second] = [wait("ada", 1), wait("bob", 20)];
        clock.advance(1600);
        await first;
        clock.advance(100);
        await assertRefused(
          second,
          "LIMIT_EXCEEDED",
          "Function execution timed out (maximum duration: 1.6s)",
        );
        // By then, what it waits for has happened.
        await new Promise((resolve) => setTimeout(resolve, 40));
        const count = (owner: string) => engine.query("flow:count", { owner });
        assertEquals([await count("ada"), await count("bob")], [1, 0]);
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "an action that was ended finds nothing more, either",
    async run(subject) {
      const clock = new FakeTimers();
      let found: unknown;
      interface Ctx {
        vectorSearch(...args: unknown[]): Promise<unknown>;
      }
      const search = {
        isAction: true,
        isPublic: true,
        _handler: async (ctx: Ctx) => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          const query = { vector: [1, 0, 0] };
          found = await ctx.vectorSearch("notes", "by_embedding", query)
            .catch(({ code }) => code);
        },
      };
      const limits = { actionMs: 1600 };
      const modules = { a: { search } };
      const engine = subject.open({ limits, modules, watchdog: clock });
      try {
        const ended = assertRefused(
          engine.action("a:search", {}),
          "LIMIT_EXCEEDED",
        );
        clock.advance(1700);
        await ended;
        await new Promise((resolve) => setTimeout(resolve, 20));
        assertEquals(found, "LIMIT_EXCEEDED");
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "an action of Node takes fewer bytes of arguments",
    async run(subject) {
      const action = {
        isAction: true,
        isPublic: true,
        _handler: (_ctx: unknown, { text }: { text: string }) => text.length,
      };
      const engine = subject.open({
        modules: { a: { own: action, node: { ...action, isNode: true } } },
      });
      try {
        // Besides its characters: 2 bytes of each value, 5 of the field.
        const [within, beyond] = [-9, -8].map((more) => ({
          text: "x".repeat(5 * 1024 * 1024 + more),
        }));
        await engine.action("a:node", within!);
        await engine.action("a:own", beyond!);
        await assertRefused(
          engine.action("a:node", beyond!),
          "LIMIT_EXCEEDED",
          "Arguments for a:node are too large (5 MiB, limit: 5 MiB)",
        );
      } finally {
        await engine.close();
      }
    },
  },
];
