import { convexTest } from "convex-test";
import { makeFunctionReference } from "convex/server";
import { openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import type { SyncStore } from "../../../src/store/types.ts";
import * as backend from "./backend.ts";

type Args = { [name: string]: unknown };

/** An engine under measurement. */
export interface Subject {
  query(name: string, args: Args): Promise<unknown>;
  mutation(name: string, args: Args): Promise<unknown>;
  action(name: string, args: Args): Promise<unknown>;
  close(): Promise<void>;
}

/** Our engine over a store. */
function ours(store: SyncStore): Subject {
  return openEngine({
    schema: backend.schema,
    modules: { bench: backend },
    store,
  });
}

/** Our engine in memory. */
export function inMemory(): Subject {
  return ours(openMemoryStore());
}

/** Our engine over a file, with the default durability. */
export function inFile(path: string): Subject {
  return ours(openSqliteStore({ path }));
}

/** Convex's mock. */
export function mock(): Subject {
  const test = convexTest(backend.schema, {
    "/convex/bench.ts": () => Promise.resolve(backend),
    "/convex/_generated/api.js": () => Promise.resolve({}),
  });
  return {
    query: (name, args) =>
      test.query(makeFunctionReference<"query">(name), args),
    mutation: (name, args) =>
      test.mutation(makeFunctionReference<"mutation">(name), args),
    action: (name, args) =>
      test.action(makeFunctionReference<"action">(name), args),
    close: () => Promise.resolve(),
  };
}
