import { awaitedBy, isPlainObject } from "../at_once.ts";
import { cortexClosed } from "../errors.ts";
import { MAX_COPIED, MAX_COPIED_DEPTH } from "./limits.ts";

/** Methods of a module, as called through its stand-in. */
type Methods = { [name: string]: (...args: unknown[]) => unknown };

/** A module with the one method that yields lines, while the others return promises. */
interface Exporter {
  exportAll(...args: unknown[]): AsyncGenerator<string, void, undefined>;
}

/**
 * The API modules of one `Cortex`, each loaded by the first call of one of its methods. Calls made meanwhile, of any
 * module, are issued in the order in which they were made and with the arguments that they had; later ones go straight
 * through. If a module cannot be loaded its waiting calls reject, and the next call tries again.
 */
export class LazyModules {
  readonly #loaders: (() => Promise<object>)[] = [];
  /** Settles when all calls that waited so far are issued. */
  #issued: Promise<unknown> = Promise.resolve();
  /** Number of calls that wait for their module or for earlier calls. */
  #waiting = 0;
  /** Calls that have not settled. */
  readonly #running = new Set<unknown>();
  /** Whether further calls are refused. */
  isClosed = false;

  /**
   * A stand-in for a module that is loaded on first use.
   *
   * @param make Loads the module; called again only after a failure.
   * @param own Methods that return something at once and therefore cannot wait for the module.
   * @param silent Methods that return nothing, so that a failure to load is not reported to anyone. They take objects
   * whose methods are called later, so their arguments are not copied.
   */
  add<Api extends object>(
    make: () => Promise<Api>,
    own: Partial<Api> = {},
    silent: readonly (keyof Api)[] = [],
  ): Api {
    let module: Api | undefined;
    const load = once(async () => module = await make());
    this.#loaders.push(load);

    const call = (name: string, args: unknown[]) => {
      if (this.isClosed) return Promise.reject(cortexClosed());
      if (module && !this.#waiting) {
        return (module as Methods)[name]!(...args);
      }
      const loading = load();
      const turn = this.#issued.then(() => loading);
      const issue = () => {
        this.#waiting--;
        // Rejects with the loading error if there is no module.
        return module ? (module as Methods)[name]!(...args) : loading;
      };
      this.#waiting++;
      const calling = turn.then(issue, issue);
      this.#issued = turn.catch(() => {});
      return calling;
    };

    const get = (target: Partial<Api>, name: string | symbol) => {
      if (name in target) return target[name as keyof Api];
      // A stand-in is not a promise, has no `toJSON`, and neither the symbols that hosts look for nor `inspect` and
      // `asymmetricMatch`, which test frameworks call.
      if (/^(then|toJ|insp|asym|Symbol)/.test(String(name))) return;
      if (module && !(name in module)) return;
      if (name === "exportAll") {
        return (...args: unknown[]) => {
          args = taken(args);
          return this.#lines(async () =>
            (await load() as Exporter)[name](...args)
          );
        };
      }
      if (silent.includes(name as keyof Api)) {
        return (...args: unknown[]) => {
          Promise.resolve(call(name as string, args)).catch(() => {});
        };
      }
      return async (...args: unknown[]) => {
        const calling = call(name as string, taken(args));
        this.#running.add(calling);
        try {
          return await calling;
        } catch (error) {
          throw awaitedBy(error);
        } finally {
          this.#running.delete(calling);
        }
      };
    };

    return new Proxy(own, {
      get,
      has: (target, name) => get(target, name) !== undefined,
      // Where `node:test` and Sinon look for the method that they are to replace.
      getOwnPropertyDescriptor(target, name) {
        const value = get(target, name);
        return value && { value, writable: true, configurable: true };
      },
      getPrototypeOf: (target) => Object.getPrototypeOf(module ?? target),
    }) as Api;
  }

  /** Loads them all. */
  async load(): Promise<void> {
    await Promise.all(this.#loaders.map((load) => load()));
  }

  /** Refuses further calls. Resolves when those that were made have settled. */
  finish(): Promise<unknown> {
    this.isClosed = true;
    return Promise.allSettled(this.#running);
  }

  /** Yields the lines of an export, which runs from the first line that is asked for to the last. */
  async *#lines(
    make: () => Promise<ReturnType<Exporter["exportAll"]>>,
    // Evaluated when the method is called: an import that runs may begin to read the lines later.
    isLate = this.isClosed,
  ): ReturnType<Exporter["exportAll"]> {
    if (isLate) throw cortexClosed();
    let end!: () => void;
    const reading = new Promise<void>((resolve) => end = resolve);
    this.#running.add(reading);
    try {
      yield* await make();
    } finally {
      this.#running.delete(reading);
      end();
    }
  }

  /** Refuses further calls. Resolves when the waiting ones are issued; `undefined` when there are none. */
  close(): Promise<unknown> | undefined {
    this.isClosed = true;
    if (this.#waiting) return this.#issued;
  }
}

function taken(args: unknown[]): unknown[] {
  return args.map((value) => snapshot(value, 0, []));
}

/**
 * A copy of an argument's plain objects, arrays and typed arrays, so that later changes are not seen. An object with
 * methods inside it is kept: it may be changed by them. What is deeper than any valid argument, or comes after more values
 * than one has, is kept for the validation to refuse: copying what holds itself would not end.
 *
 * @param count Gets one element for each value met, but none for the numbers of a list of nothing else.
 */
function snapshot(value: unknown, depth: number, count: number[]): unknown {
  if (depth++ > MAX_COPIED_DEPTH || count.push(depth) > MAX_COPIED) {
    return value;
  }
  const copy = (member: unknown) => snapshot(member, depth, count);
  if (ArrayBuffer.isView(value)) {
    return (value as Float64Array).slice?.() ?? value;
  }
  if (Array.isArray(value)) {
    // Numbers together: one by one takes 30 times as long.
    return value.every(Number.isFinite) ? value.slice() : value.map(copy);
  }
  if (!isPlainObject(value)) return value;
  // With symbols, by which a source of lines is iterated.
  const copied = { ...value };
  for (const name in copied) {
    if (depth > 1 && typeof copied[name] === "function") return value;
    copied[name] = copy(copied[name]);
  }
  return copied;
}

/** Calls `make` once and shares the result with all callers; a failure is not cached. */
export function once<Thing>(make: () => Promise<Thing>): () => Promise<Thing> {
  let made: Promise<Thing> | undefined;
  return () =>
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
}
