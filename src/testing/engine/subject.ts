import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Engine, EngineOptions } from "../../engine/engine.ts";
import { type CortexError, isCortexError } from "../../errors.ts";
import type { StoreOp, SyncStore } from "../../store/types.ts";
import type { Value } from "../../values/types.ts";
import type { ContractCase } from "../types.ts";

/** What the engine's cases need: engines with the fixture backend of `tests/fixtures/engine_backend`. */
export interface EngineSubject {
  /** Opens an empty store. */
  openStore(): SyncStore;
  /** The backend's schema, a later version of it, and one that documents may violate. */
  schemas: {
    current: object;
    next: object;
    stricter: object;
  };
  /** The backend's functions. */
  modules: EngineOptions["modules"];
  /** Opens an engine with the backend, by default over an empty store; the case closes it. */
  open(options?: Partial<EngineOptions>): Engine;
}

/** A document as an engine returns it. */
export type Doc = { [field: string]: Value } & {
  _id: string;
  _creationTime: number;
};

/** A case with an engine that is opened before it and closed after it. */
export function engineCase(
  name: string,
  run: (engine: Engine, subject: EngineSubject) => Promise<void>,
  options?: Partial<EngineOptions>,
): ContractCase<EngineSubject> {
  return {
    name,
    async run(subject) {
      const engine = subject.open(options);
      try {
        await run(engine, subject);
      } finally {
        await engine.close();
      }
    },
  };
}

/** Asserts that a call rejects with an error of this code whose message has all of these texts. */
export async function assertRefused(
  call: Promise<unknown> | (() => Promise<unknown>),
  code: string,
  ...texts: string[]
): Promise<CortexError> {
  let error: unknown;
  try {
    const value = await (typeof call === "function" ? call() : call);
    throw new Error(`resolved with ${JSON.stringify(value)}`);
  } catch (thrown) {
    error = thrown;
  }
  assert(
    isCortexError(error),
    `expected an error of this module with code ${code}, got ${
      error instanceof Error ? error.stack : String(error)
    }`,
  );
  assertEquals(error.code, code, `${error.code}: ${error.message}`);
  for (const text of texts) assertStringIncludes(error.message, text);
  return error;
}

/** Adds a note and returns its id. */
export async function addNote(
  engine: Engine,
  owner: string,
  fields: { [field: string]: unknown } = {},
): Promise<string> {
  const note = { owner, text: "a note", ...fields };
  return await engine.mutation("notes:add", note) as string;
}

/** A store that counts writes, can be made to fail, and survives the engine that closes it. */
export class SpyStore implements SyncStore {
  /** What the engine asked for, in order. */
  readonly events: ("write" | "flush")[] = [];
  /** Ops of the writes so far. */
  writtenOps = 0;
  /** Makes the next call of this kind throw. */
  failNext: "write" | "flush" | undefined;
  /** Number of writes that still succeed before all fail; undefined if all succeed. */
  failAfterWrites: number | undefined;
  readonly #store: SyncStore;

  /** Wraps a store. */
  constructor(store: SyncStore) {
    this.#store = store;
  }

  /** Capabilities of the wrapped store. */
  get capabilities(): SyncStore["capabilities"] {
    return this.#store.capabilities;
  }
  /** Reads a key. */
  get(key: string): string | undefined {
    return this.#store.get(key);
  }
  /** Reads a range. */
  scan(range: Parameters<SyncStore["scan"]>[0]): ReturnType<SyncStore["scan"]> {
    return this.#store.scan(range);
  }
  /** Writes, or fails if told to. */
  write(ops: readonly StoreOp[]): void {
    this.#event("write");
    this.writtenOps += ops.length;
    this.#store.write(ops);
  }
  /** Flushes, or fails if told to. */
  flush(): void {
    this.#event("flush");
    this.#store.flush();
  }
  /** Only flushes; the case closes the wrapped store with `closeReally`. */
  close(): void {
    this.#store.flush();
  }
  /** Closes the wrapped store. */
  closeReally(): void {
    this.#store.close();
  }

  #event(kind: "write" | "flush"): void {
    this.events.push(kind);
    if (kind === "write" && this.failAfterWrites !== undefined) {
      if (this.failAfterWrites-- <= 0) throw new Error("the store is broken");
    }
    if (this.failNext !== kind) return;
    this.failNext = undefined;
    throw new Error(`${kind} refused by the case`);
  }
}

/** Resolves when the engine has reported the changes of all commits so far. */
export async function settled(engine: Engine): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const set = engine.follow({
      onState: () => {
        set.close();
        resolve();
      },
      onError: reject,
      onEnd: () => reject(new Error("the engine was closed")),
    });
    set.tell();
  });
}
