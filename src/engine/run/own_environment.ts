import type { Environment } from "../components/component_environment.ts";

/** Tells what variables the calling code is to see; undefined: the host's. */
type Finder = () => Environment | undefined;

/**
 * Where the engines of a host have what they share: modules keep the `process.env` that they were loaded with, and serve
 * more than one engine.
 */
const SHARED = Symbol.for("cortex.environment");

interface HostProcess {
  env: object;
}

interface Shared {
  readonly finders: Set<Finder>;
  /** What is in the place of the host's. */
  readonly inner: object;
  /** The host's. */
  outer: object;
}

/**
 * `process.env` as functions of components see it: only what their component is given, as on Convex. In place while a
 * function runs or a module loads; to code outside of functions it is the host's, in place or kept.
 */
export class OwnEnvironment {
  readonly #finder: Finder;
  readonly #process: HostProcess | undefined;
  #users = 0;

  /** Takes the function that returns the variables for the calling code. */
  constructor(finder: Finder) {
    this.#finder = finder;
    this.#process = (globalThis as { process?: HostProcess }).process;
  }

  /** From now on functions of this engine run. */
  enter(): void {
    if (this.#users++ > 0 || !this.#process) return;
    const shared = sharedParts(this.#process);
    shared.finders.add(this.#finder);
    if (this.#process.env === shared.inner) return;
    shared.outer = this.#process.env;
    this.#process.env = shared.inner;
  }

  /** No function of this engine runs any more. */
  leave(): void {
    if (--this.#users > 0 || !this.#process) return;
    const shared = sharedParts(this.#process);
    shared.finders.delete(this.#finder);
    // What other code has put there meanwhile stays.
    if (shared.finders.size === 0 && this.#process.env === shared.inner) {
      this.#process.env = shared.outer;
    }
  }
}

function sharedParts(process: HostProcess): Shared {
  const host = globalThis as { [SHARED]?: Shared };
  if (!host[SHARED]) {
    const finders = new Set<Finder>();
    const seen = () => {
      for (const finder of finders) {
        const found = finder();
        if (found) return found;
      }
      return shared.outer;
    };
    const shared: Shared = {
      finders,
      inner: standIn(seen),
      outer: process.env,
    };
    Object.defineProperty(host, SHARED, { value: shared });
  }
  return host[SHARED]!;
}

/** An object that is, at each use, another one. */
function standIn(seen: () => object): object {
  return new Proxy({}, {
    get: (_, name) => Reflect.get(seen(), name),
    set: (_, name, value) => Reflect.set(seen(), name, value),
    has: (_, name) => Reflect.has(seen(), name),
    deleteProperty: (_, name) => Reflect.deleteProperty(seen(), name),
    ownKeys: () => Reflect.ownKeys(seen()),
    defineProperty: (_, name, property) =>
      Reflect.defineProperty(seen(), name, property),
    getOwnPropertyDescriptor(_, name) {
      const found = Reflect.getOwnPropertyDescriptor(seen(), name);
      // The object behind the stand-in has no properties, so none may be called fixed.
      return found && { ...found, configurable: true };
    },
  });
}
