/**
 * What the generated bundle holds: the engine, the stores and Cortex's functions behind one task handler.
 *
 * @module
 */
import type { Call } from "../client/types.ts";
import { modules, schema } from "../convex/index.ts";
import { openEngine } from "../engine/engine.ts";
import type { Timers } from "../engine/scheduler.ts";
import { ValueError } from "../errors.ts";
import { serveWorker } from "../executor/serve.ts";
import type { HandlerHost } from "../executor/types.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import type { Durability } from "../store/sqlite_open.ts";
import { openSqliteStore } from "../store/sqlite_store.ts";

/** What the embedded engine is started with. */
export interface EmbeddedInit {
  /** SQLite file; absent: in memory. */
  path?: string;
  /** What a mutation waits for. */
  durability?: Durability;
}

/**
 * Opens the engine and answers calls with it. Throws `StoreError` when the file cannot be opened.
 *
 * @param timers For the jobs that the backend does by itself. On a caller's own thread there are none: they would hold
 * its process, and some hosts have timers in requests only.
 */
export function createHandler(init: unknown, timers?: Timers): HandlerHost {
  const { path, durability } = (init ?? {}) as EmbeddedInit;
  const store = path === undefined
    ? openMemoryStore()
    : openSqliteStore({ path, durability });
  const engine = openEngine({
    schema,
    modules,
    store,
    ...(timers && { timers }),
  });
  return {
    handle(task, { signal }) {
      const { kind, name, args } = task as Call;
      switch (kind) {
        case "query":
          return engine.query(name, args, { signal });
        case "mutation":
          return engine.mutation(name, args, { signal });
        case "action":
          return engine.action(name, args, { signal });
        default:
          throw new ValueError(
            "INVALID_CALL",
            `kind must be "query", "mutation" or "action"; got ${
              JSON.stringify(kind)
            }`,
          );
      }
    },
    close: () => engine.close(),
  };
}

/** Serves calls from inside a worker. */
export function startWorker(): void {
  serveWorker((init) =>
    createHandler(init, {
      set: (delayMs, callback) => setTimeout(callback, delayMs),
      clear: (timer) => clearTimeout(timer as number),
    })
  );
}
