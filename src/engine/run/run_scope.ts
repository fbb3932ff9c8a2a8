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

/** Tells which function of an engine code is part of, also after an `await`. */
export class RunScope {
  /** Whether the host can tell, however many functions run at once. */
  readonly isExact: boolean;
  readonly #storage: AsyncStorage<RunHold> | undefined;
  /** In the order of their beginning: a list, as a set that loses its only member is made anew. */
  readonly #active: Run[] = [];
  readonly #patches: HostPatches;
  readonly #globals: OwnGlobals | undefined;
  #environment: OwnEnvironment | undefined;
  #loadingWith: AsyncStorage<Environment> | undefined;
  #canRest = true;

  /**
   * Takes what makes `globalThis.Convex`, which looks for the run itself, whether each function has globals of its own,
   * where the host can tell which function code is part of, and what gives places in functions, if somebody can.
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
    );
    if (hasOwnGlobals && this.isExact) {
      this.#globals = new OwnGlobals({
        find: () => this.current(),
        standIn: (name, outer) => this.#patches.standIn(name, outer),
      });
    }
  }

  /** The run that the calling code is part of. A host without `AsyncLocalStorage` knows it only while there is one. */
  current(): Run | undefined {
    if (this.#storage) return this.#storage.getStore()?.run;
    return this.#active.length === 1 ? this.#active[0] : undefined;
  }

  /**
   * From now on functions of components that have an environment see that as `process.env`, where the host can tell
   * which function code is part of.
   */
  useEnvironments(): void {
    const Storage = findAsyncStorage();
    if (!Storage || this.#environment) return;
    const loadingWith = new Storage<Environment>();
    this.#loadingWith = loadingWith;
    this.#environment = new OwnEnvironment(() =>
      this.current()?.parts.component.env ?? loadingWith.getStore()
    );
    // For the functions that run at this moment.
    for (const _ of this.#active) this.#environment.enter();
  }

  /** What `globalThis.Convex` is to code outside of every run; undefined when there is none. */
  get outerConvex(): HostPatches["outerConvex"] {
    return this.#patches.outerConvex;
  }

  /** Leaves nothing behind on the host. */
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

  /** Begins a run: code may be part of it until `end`. For who would pay for `enter` with a promise more. */
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

  /** Ends a run, whatever has become of it. Harmless when it has ended. */
  end(run: Run): void {
    const active = this.#active;
    const at = active.lastIndexOf(run);
    if (at < 0) return;
    if (at === active.length - 1) active.pop();
    else active.splice(at, 1);
    if (active.length === 0) this.#globals?.leave();
    // Code of such a function that still runs keeps the globals of its own.
    if (run.isTransactional && !this.#globals) run.hold?.letGo();
    this.#environment?.leave();
    this.#patches.leave();
    this.#rest();
  }

  /** Ends the runs of a transaction that is over: one that was given up may wait for ever. */
  endOf(transaction: Transaction): void {
    for (let at = this.#active.length - 1; at >= 0; at--) {
      const run = this.#active[at]!;
      if (isPartOf(run, transaction)) this.end(run);
    }
  }

  /** Lets go of the promise of the outermost function of a transaction: it is gone once nothing can resolve it. */
  letGoOf(transaction: Transaction): WeakRef<object> | undefined {
    const run = this.#active.find((run) => isPartOf(run, transaction));
    const { promised } = run ?? {};
    if (!run || !(promised instanceof Promise)) return undefined;
    run.promised = undefined;
    return new WeakRef(promised);
  }

  /**
   * Loads a module, as part of no run, with what is `process.env` to it. `globalThis.Convex` is there meanwhile: some
   * libraries refuse to be loaded elsewhere than on a backend.
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

  /** Runs the engine's own code, which is part of no run, whatever code called it. */
  outside<T>(body: () => T): T {
    return this.#storage && this.#active.length > 0
      ? this.#storage.run(undefined, body)
      : body();
  }

  /**
   * Lets the host forget the storage while nothing runs. Node before 24 follows each storage that is in use through
   * every promise of the process.
   */
  #rest(): void {
    if (this.#active.length > 0 || !this.#canRest) return;
    try {
      this.#storage?.disable?.();
      this.#loadingWith?.disable?.();
    } catch {
      // workerd knows the name only.
      this.#canRest = false;
    }
  }
}

function isPartOf(run: Run, transaction: Transaction): boolean {
  const own = run.parts.transaction;
  return own === transaction || own?.isInside(transaction) === true;
}

/**
 * The host's `AsyncLocalStorage`: in Node, Deno, Bun and workerd by `process`, in edge runtimes a global. Undefined in
 * browsers. Asked for at run time, so that no bundler sees the name.
 */
function findAsyncStorage(): AsyncStorageClass | undefined {
  const { process, AsyncLocalStorage } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
    AsyncLocalStorage?: AsyncStorageClass;
  };
  try {
    const module = process?.getBuiltinModule?.("node:async_hooks") as
      | { AsyncLocalStorage?: AsyncStorageClass }
      | undefined;
    return module?.AsyncLocalStorage ?? AsyncLocalStorage;
  } catch {
    // A host may know the name and refuse the module.
    return AsyncLocalStorage;
  }
}
