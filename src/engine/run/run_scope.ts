import { hostModule } from "../../store/host_modules.ts";
import { HostPatches } from "./host_patches.ts";
import type { Environment } from "../components/component_environment.ts";
import { OwnEnvironment } from "./own_environment.ts";
import { OwnGlobals } from "./own_globals.ts";
import type { PlacesOf } from "../functions/thrown.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { Run } from "./run.ts";
import { RunHold } from "./run_hold.ts";

/** The part of the host's `AsyncLocalStorage` that is used. */
interface AsyncStorage<Kept> {
  run<T>(store: Kept | undefined, body: () => T): T;
  getStore(): Kept | undefined;
  disable?(): void;
}

type AsyncStorageClass = new <Kept>() => AsyncStorage<Kept>;

/** Finds the run that the calling code is part of, also after an `await`. */
export class RunScope {
  /** Whether it can be found however many functions run at once: on hosts with `AsyncLocalStorage`. */
  readonly isExact: boolean;
  readonly #storage: AsyncStorage<RunHold> | undefined;
  /** Active runs, oldest first. Not a set: emptying and refilling one costs more. */
  readonly #active: Run[] = [];
  readonly #patches: HostPatches;
  readonly #globals: OwnGlobals | undefined;
  #environment: OwnEnvironment | undefined;
  #loadingWith: AsyncStorage<Environment> | undefined;
  #canRest = true;

  /**
   * `makeConvex` creates `globalThis.Convex`. `hasOwnGlobals` gives each function its own globals, on hosts with
   * `AsyncLocalStorage`. `placesOf` finds positions in functions.
   */
  constructor(
    makeConvex: (scope: RunScope) => object,
    hasOwnGlobals: boolean,
    placesOf: PlacesOf | undefined,
  ) {
    const Storage = findAsyncStorage();
    this.#storage = Storage && new Storage();
    this.isExact = this.#storage !== undefined;
    this.#patches = new HostPatches(
      () => this.current(),
      makeConvex(this),
      this.isExact,
      !(hasOwnGlobals && this.isExact),
      placesOf,
      (body) => this.outside(body),
    );
    if (hasOwnGlobals && this.isExact) {
      this.#globals = new OwnGlobals({
        find: () => this.current(),
        standIn: (name, outer) => this.#patches.standIn(name, outer),
      });
    }
  }

  /** The run that the calling code is part of. Without `AsyncLocalStorage`, known only while there is a single run. */
  current(): Run | undefined {
    if (this.#storage) return this.#storage.getStore()?.run;
    return this.#active.length === 1 ? this.#active[0] : undefined;
  }

  /**
   * From now on, functions of components that have an environment see it as `process.env`, on hosts with
   * `AsyncLocalStorage`.
   */
  useEnvironments(): void {
    const Storage = findAsyncStorage();
    if (!Storage || this.#environment) return;
    const loadingWith = new Storage<Environment>();
    this.#loadingWith = loadingWith;
    this.#environment = new OwnEnvironment(() =>
      this.current()?.parts.component.env ?? loadingWith.getStore()
    );
    // Each active run will call `leave`.
    for (const _ of this.#active) this.#environment.enter();
  }

  /** `globalThis.Convex` for code outside of every run, if there is one. */
  get outerConvex(): HostPatches["outerConvex"] {
    return this.#patches.outerConvex;
  }

  /** Restores the host's globals. */
  close(): void {
    this.#patches.close();
    this.#globals?.close();
    this.#rest();
  }

  /** Runs a function's body as part of a run. */
  async enter<T>(run: Run, body: () => T | Promise<T>): Promise<T> {
    this.begin(run);
    try {
      return await this.call(run, body);
    } finally {
      this.end(run);
    }
  }

  /** Whether a run has begun, and has not ended. */
  isActive(run: Run): boolean {
    return this.#active.includes(run);
  }

  /** Begins a run: code can be part of it until `end`. With `call` and `end`, saves a promise compared with `enter`. */
  begin(run: Run): void {
    this.#patches.enter();
    this.#environment?.enter();
    if (this.#active.length === 0) this.#globals?.enter();
    this.#active.push(run);
  }

  /** Calls the body of a run that has begun. */
  call<T>(run: Run, body: () => T): T {
    return this.#storage
      ? this.#storage.run(run.hold = new RunHold(run), body)
      : body();
  }

  /** Ends a run, even one that still waits. Does nothing if it has ended. */
  end(run: Run): void {
    const active = this.#active;
    const at = active.lastIndexOf(run);
    if (at < 0) return;
    if (at === active.length - 1) active.pop();
    else active.splice(at, 1);
    if (active.length === 0) this.#globals?.leave();
    // With own globals, code of an ended function that still runs must keep them.
    if (run.isTransactional && !this.#globals) run.hold?.letGo();
    this.#environment?.leave();
    this.#patches.leave();
    this.#rest();
  }

  /** Whether the calling code is part of a run inside a transaction, as far as that is known. */
  isInside(transaction: Transaction): boolean {
    const inner = this.isExact ? this.current()?.parts.transaction : undefined;
    return inner?.isInside(transaction) ?? false;
  }

  /** Ends the runs of a transaction that has ended: those of one that was given up may wait for ever. */
  endOf(transaction: Transaction): void {
    for (let at = this.#active.length - 1; at >= 0; at--) {
      const run = this.#active[at]!;
      if (isPartOf(run, transaction)) this.end(run);
    }
  }

  /**
   * Replaces the reference to the promise of a transaction's outermost function by a weak one: it is collected once
   * nothing can resolve it.
   */
  letGoOf(transaction: Transaction): WeakRef<object> | undefined {
    const run = this.#active.find((run) => isPartOf(run, transaction));
    const { promised } = run ?? {};
    if (!run || !(promised instanceof Promise)) return undefined;
    run.promised = undefined;
    return new WeakRef(promised);
  }

  /**
   * Loads a module outside of all runs, with `env` as its `process.env`. Sets `globalThis.Convex` meanwhile, as some
   * libraries refuse to be loaded outside of a backend.
   */
  async loading<T>(load: () => Promise<T>, env?: Environment): Promise<T> {
    const environment = this.#environment;
    this.#patches.enter();
    environment?.enter();
    try {
      return await this.outside(() =>
        env && this.#loadingWith ? this.#loadingWith.run(env, load) : load()
      );
    } finally {
      environment?.leave();
      this.#patches.leave();
      this.#rest();
    }
  }

  /** Runs the engine's own code outside of all runs, even if it is called from within one. */
  outside<T>(body: () => T): T {
    return this.#storage && this.#active.length > 0
      ? this.#storage.run(undefined, body)
      : body();
  }

  /**
   * Disables the storage while nothing runs: Node before 24 propagates each enabled storage through every promise of
   * the process.
   */
  #rest(): void {
    if (this.#active.length > 0 || !this.#canRest) return;
    try {
      this.#storage?.disable?.();
      this.#loadingWith?.disable?.();
    } catch {
      // workerd has the method, but it throws.
      this.#canRest = false;
    }
  }
}

function isPartOf(run: Run, transaction: Transaction): boolean {
  const own = run.parts.transaction;
  return own === transaction || own?.isInside(transaction) === true;
}

/**
 * The host's `AsyncLocalStorage`: a builtin module in Node, Deno, Bun and workerd, a global in edge runtimes, undefined
 * in browsers. Looked up at run time, so that bundlers do not see an import.
 */
function findAsyncStorage(): AsyncStorageClass | undefined {
  const hosts = [hostModule("node:async_hooks"), globalThis] as (
    | { AsyncLocalStorage?: AsyncStorageClass }
    | undefined
  )[];
  return hosts.find((host) => host?.AsyncLocalStorage)?.AsyncLocalStorage;
}
