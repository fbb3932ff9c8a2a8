/** The whole backend on an engine in memory, with shorthands for what the tests write. */
import {
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { modules } from "../../src/convex/index.ts";
import schema from "../../src/convex/schema.ts";
import type { DataModel, TableName } from "../../src/convex/lib/model.ts";
import type {
  ConversationView,
  FactRecord,
  MemoryEntry,
} from "../../src/convex/lib/shapes.ts";
import type { RememberResult } from "../../src/convex/lib/memory/rememberArgs.ts";
import type { ForgetResult } from "../../src/convex/lib/memory/forget.ts";
import type { ConversationList } from "../../src/convex/lib/conversations/conversationList.ts";
import {
  type Engine,
  type EngineOptions,
  openEngine,
} from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

/** Time of every call that does not give its own, in ms. */
export const NOW = Date.UTC(2024, 5, 1, 12);
/** Memory space of every call that does not give its own. */
export const SPACE = "space-1";

type Args = Record<string, unknown>;
type Rows = (Record<string, unknown> & { _id: string })[];

const inspect = {
  /** Every row of a table, for assertions on what is stored. */
  rows: queryGeneric({
    args: { table: v.string() },
    returns: v.array(v.any()),
    handler: async (ctx, args) => await ctx.db.query(args.table).take(2000),
  }),
  patch: mutationGeneric({
    args: { table: v.string(), changes: v.any() },
    returns: v.null(),
    handler: async (ctx, args) => {
      for (const row of await ctx.db.query(args.table).take(100)) {
        await ctx.db.patch(row._id, args.changes);
      }
      return null;
    },
  }),
  /** Removes every row of a table, as if an older version had not had it. */
  clear: mutationGeneric({
    args: { table: v.string() },
    returns: v.null(),
    handler: async (ctx, args) => {
      for (const row of await ctx.db.query(args.table).collect()) {
        await ctx.db.delete(row._id);
      }
      return null;
    },
  }),
  /** Calls a mutation that is not public, as the scheduler does. */
  run: mutationGeneric({
    args: { name: v.string(), args: v.any() },
    handler: async (ctx, { name, args }) =>
      await ctx.runMutation(makeFunctionReference<"mutation">(name), args),
  }),
};

/** Every table. */
export const TABLES = Object.keys(schema.tables) as TableName[];

/** An engine with the backend's functions under shorter names. */
export interface Backend {
  engine: Engine;
  remember(changes?: Args): Promise<RememberResult>;
  forget(changes: Args): Promise<ForgetResult>;
  mutation<Result = Args>(name: string, args?: Args): Promise<Result>;
  query<Result = Args>(name: string, args?: Args): Promise<Result>;
  internal<Result = Args>(name: string, args?: Args): Promise<Result>;
  addMessage(changes: Args): Promise<ConversationView>;
  list(args?: Args): Promise<ConversationList>;
  rows(table: TableName): Promise<Rows>;
  patchAll(table: keyof DataModel, changes: Args): Promise<void>;
  clear(table: TableName): Promise<void>;
}

/** A deployment's clock: the time in ms, while it is to be another than the machine's. */
export interface Clock {
  ms?: number;
}

/** Runs a test on a backend of its own. */
export function backendTest(
  name: string,
  run: (backend: Backend, clock: Clock) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const clock: Clock = {};
    const backend = openBackend({ now: () => clock.ms ?? Date.now() });
    try {
      await run(backend, clock);
    } finally {
      await backend.engine.close();
    }
  });
}

/** A backend that the caller closes by its engine. */
export function openBackend(options: Partial<EngineOptions> = {}): Backend {
  const engine = openEngine({
    schema,
    modules: { ...modules, inspect },
    store: openMemoryStore(),
    ...options,
  });
  const mutation = async <Result>(name: string, args: Args = {}) =>
    await engine.mutation(name, { now: NOW, ...args }) as Result;
  const query = async <Result>(name: string, args: Args = {}) =>
    await engine.query(name, { now: NOW, ...args }) as Result;
  return {
    engine,
    mutation,
    query,
    remember: (changes = {}) => mutation("memory:remember", exchange(changes)),
    forget: (changes) =>
      mutation("memory:forget", { memorySpaceId: SPACE, ...changes }),
    internal: async <Result>(name: string, args: Args = {}) =>
      await engine.mutation("inspect:run", { name, args }) as Result,
    addMessage: (changes) => mutation("conversations:addMessage", changes),
    list: (args) => query("conversations:list", args),
    rows: async (table) =>
      await engine.query("inspect:rows", { table }) as unknown as Rows,
    patchAll: async (table, changes) => {
      await engine.mutation("inspect:patch", { table, changes });
    },
    clear: async (table) => {
      await engine.mutation("inspect:clear", { table });
    },
  };
}

/** Every row of every table, as text. */
export async function everything(
  backend: Backend,
  without: readonly string[] = [],
): Promise<string> {
  const tables = TABLES.filter((table) => !without.includes(table));
  const rows = await Promise.all(tables.map((table) => backend.rows(table)));
  return JSON.stringify(rows);
}

/**
 * Arguments of `memory:remember` for an exchange named by `n` (default 1): messages `u<n>` and `a<n>`, memories
 * `mem-u<n>` and `mem-a<n>`, said at `base + 10 n` (base: `NOW`).
 */
export function exchange(changes: Args = {}): Args {
  const { n: given, say, answer, base, ...rest } = changes;
  const n = Number(given ?? 1);
  const at = Number(base ?? NOW) + 10 * n;
  const user = { id: `u${n}`, content: say ?? `question ${n}`, timestamp: at };
  const agent = {
    id: `a${n}`,
    content: answer ?? `answer ${n}`,
    timestamp: at + 1,
  };
  return {
    memorySpaceId: SPACE,
    conversationId: "conv-1",
    userId: "ann",
    userName: "Ann",
    agentId: "helper",
    skipLayers: [],
    userMessage: user,
    agentMessage: agent,
    memories: [
      {
        memoryId: `mem-u${n}`,
        messageRole: "user",
        content: user.content,
        contentType: "raw",
        sourceTimestamp: at,
      },
      {
        memoryId: `mem-a${n}`,
        messageRole: "agent",
        content: agent.content,
        contentType: "raw",
        sourceTimestamp: at + 1,
      },
    ],
    importance: 50,
    tags: ["chat"],
    facts: [],
    factMode: "revise",
    ...rest,
  };
}

/** A fact as `memory:remember` takes it. */
export function fact(factId: string, changes: Args = {}): Args {
  return {
    factId,
    fact: `Statement ${factId}`,
    factType: "knowledge",
    confidence: 80,
    tags: [],
    ...changes,
  };
}

/** A vector of `dims` numbers that points along one axis. */
export function axis(at: number, dims = 384): number[] {
  return Array.from({ length: dims }, (_, index) => index === at ? 1 : 0);
}

export type { ConversationView, FactRecord, MemoryEntry, RememberResult };
