/**
 * Entry of the generated bundle: the engine, the stores and Cortex's functions behind one task handler.
 *
 * @module
 */
import type { WatchTask } from "../client/sources/embedded_watch.ts";
import type { Call } from "../client/types.ts";
import { modules, schema } from "../convex/index.ts";
import { openEngine } from "../engine/engine.ts";
import type { Timers } from "../engine/timers.ts";
import { ValueError } from "../errors.ts";
import { serveWorker } from "../executor/serve.ts";
import { LoopTurn } from "../executor/loop_turn.ts";
import type { HandlerHost } from "../executor/types.ts";
import {
  type DurableObjectStorageLike,
  openDurableObjectStore,
} from "../store/durable_object_store.ts";
import { importHostModules } from "../store/host_modules.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import { type Durability, openDatabase } from "../store/sqlite_open.ts";
import { SqliteStore } from "../store/sqlite_store.ts";
import type { SyncStore } from "../store/types.ts";
import { hostClock } from "./host_clock.ts";
import { ReopenedEngine } from "./reopened_engine.ts";

/** Modules of the host that every engine uses, and those that one on a file uses. */
const ENGINE_MODULES = ["node:async_hooks"];
const FILE_MODULES = ["node:buffer", "node:sqlite"];

/** Configuration of the embedded engine. */
export interface EmbeddedInit {
  /** SQLite file; absent: in memory. */
  path?: string;
  /** Storage of the Durable Object that the engine is in, instead of a file. */
  storage?: DurableObjectStorageLike;
  /** What a mutation waits for. */
  durability?: Durability;
}

/**
 * Opens the engine and answers calls with it. Throws `StoreError` when the file cannot be opened.
 *
 * @param timers For the backend's scheduled work. Absent on a caller's own thread, where they would keep the process
 * alive, and where some hosts allow timers only within requests.
 */
export function createHandler(init: unknown, timers?: Timers): HandlerHost {
  const turn = new LoopTurn();
  const engine = new ReopenedEngine(() => {
    const store = openStore((init ?? {}) as EmbeddedInit);
    const engine = openEngine({
      schema,
      modules,
      store,
      preload: hostClock,
      // A worker has its thread to itself; on a caller's own thread, the engine must yield.
      ...(timers ? { timers, watchdog: timers } : { turn: () => turn.due() }),
    });
    return { engine, store };
  });
  return {
    handle(task, { signal }) {
      const { kind, name, args } = task as Call | WatchTask;
      const options = { signal };
      switch (kind) {
        case "watch":
          return engine.watch(name, args, signal);
        case "query":
          return engine.run((it) => it.query(name, args, options), true);
        case "mutation":
          return engine.run((it) => it.mutation(name, args, options), false);
        case "action":
          return engine.run((it) => it.action(name, args, options), false);
        default:
          throw new ValueError(
            "INVALID_CALL",
            `kind must be "query", "mutation", "action" or "watch"; got ${
              JSON.stringify(kind)
            }`,
          );
      }
    },
    close: () => engine.close(),
  };
}

function openStore({ path, storage, durability }: EmbeddedInit): SyncStore {
  if (storage !== undefined) return openDurableObjectStore(storage);
  if (path === undefined) return openMemoryStore();
  // As the facade's options are named.
  const instead = "storage (in a Durable Object) or convexUrl";
  return new SqliteStore(openDatabase(path, durability, instead), path);
}

/** Serves calls from inside a worker, which can import modules of the host by `importModule`. */
export function startWorker(
  importModule?: (name: string) => Promise<unknown>,
): void {
  serveWorker(async (init) => {
    if (importModule !== undefined) {
      const { path } = (init ?? {}) as EmbeddedInit;
      const names = path === undefined
        ? ENGINE_MODULES
        : [...ENGINE_MODULES, ...FILE_MODULES];
      await importHostModules(importModule, names);
    }
    return createHandler(init, {
      set: (delayMs, callback) => setTimeout(callback, delayMs),
      clear: (timer) => clearTimeout(timer as number),
    });
  });
}
