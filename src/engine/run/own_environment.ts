import type { Environment } from "../components/component_environment.ts";

/** Returns the variables for the calling code; undefined means the host's. */
type Finder = () => Environment | undefined;

/**
 * Key of the state that all engines of a host share: modules keep the `process.env` that they were loaded with, and can
 * serve several engines.
 */
const SHARED = Symbol.for("cortex.environment");

interface HostProcess {
  env: object;
}

interface Shared {
  readonly finders: Set<Finder>;
  /** The stand-in for the host's `process.env`. */
  readonly inner: object;
  /** The host's `process.env`. */
  outer: object;
}

/**
 * Replaces `process.env` so that functions of components see only what their component is given, as on Convex. In place
 * while a function runs or a module loads. For code outside of functions it behaves as the host's, even if kept.
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

  /** Call this before a function of this engine runs. */
  enter(): void {
    if (this.#users++ > 0 || !this.#process) return;
    const shared = sharedParts(this.#process);
    shared.finders.add(this.#finder);
    if (this.#process.env === shared.inner) return;
    shared.outer = this.#process.env;
    this.#process.env = shared.inner;
  }

  /** Call this when no function of this engine is running. */
  leave(): void {
    if (--this.#users > 0 || !this.#process) return;
    const shared = sharedParts(this.#process);
    shared.finders.delete(this.#finder);
    // A property that other code has defined meanwhile is left alone.
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

/** A proxy that forwards each use to the object that `seen` returns. */
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
      // The proxy's target has no properties, so it may report none as non-configurable.
      return found && { ...found, configurable: true };
    },
  });
}
