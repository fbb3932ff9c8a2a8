import type { Run } from "./run.ts";

/** Globals that code assigns to, such as libraries that make their callers deterministic. */
const NAMES = [
  ...["Date", "Math", "console", "performance", "process", "fetch"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  ...["crypto", "Crypto", "CryptoKey", "SubtleCrypto"],
  ...["Request", "Response", "Headers", "URL", "URLSearchParams"],
  ...["AbortController", "TextEncoder", "TextDecoder", "atob", "btoa"],
  ...["structuredClone", "queueMicrotask"],
];

/** Where the engines of a host have what they share: who looks for a function's globals while it runs. */
const SHARED = Symbol.for("cortex.globals");

/** What an engine tells of its functions. */
interface Finder {
  /** The run that code is part of. */
  find(): Run | undefined;
  /** What a function of it gets for a global that it has not assigned to. */
  standIn(name: string, outer: unknown): unknown;
}

/** What is in the place of a host's global meanwhile. */
interface Place {
  /** The accessor that is there. */
  readonly accessor: PropertyDescriptor;
  /** What was there, or was put there meanwhile by code outside of functions. */
  readonly outer: PropertyDescriptor;
}

interface Shared {
  readonly finders: Set<Finder>;
  readonly places: Map<string, Place>;
}

/**
 * Lets each function have globals of its own, as on Convex, where each has an isolate: what it assigns to one of them
 * is seen by this function alone. What it deletes, or defines anew, is so for all. Code outside of functions gets the
 * host's own, and may put others in their place meanwhile, as fake clocks do.
 */
export class OwnGlobals {
  readonly #finder: Finder;

  /** Takes what tells of an engine's functions. */
  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** From now on functions of this engine run. */
  enter(): void {
    const { finders, places } = sharedParts();
    finders.add(this.#finder);
    for (const name of NAMES) takePlace(name, finders, places);
  }

  /** No function of this engine runs any more. */
  leave(): void {
    const { finders, places } = sharedParts();
    finders.delete(this.#finder);
    if (finders.size > 0) return;
    for (const [name, { accessor, outer }] of places) {
      const there = Object.getOwnPropertyDescriptor(globalThis, name);
      // What somebody else has put there stays.
      if (there?.get === accessor.get) {
        Object.defineProperty(globalThis, name, outer);
      }
    }
    places.clear();
  }
}

function sharedParts(): Shared {
  const host = globalThis as { [SHARED]?: Shared };
  if (!host[SHARED]) {
    Object.defineProperty(host, SHARED, {
      value: { finders: new Set(), places: new Map() },
    });
  }
  return host[SHARED]!;
}

function takePlace(
  name: string,
  finders: ReadonlySet<Finder>,
  places: Map<string, Place>,
): void {
  const outer = Object.getOwnPropertyDescriptor(globalThis, name);
  if (!outer?.configurable) return;
  if (places.has(name) && outer.get === places.get(name)!.accessor.get) return;
  const here = (): { finder: Finder; run: Run } | undefined => {
    for (const finder of finders) {
      const run = finder.find();
      if (run) return { finder, run };
    }
    return undefined;
  };
  const accessor: PropertyDescriptor = {
    configurable: true,
    enumerable: outer.enumerable ?? false,
    get() {
      const found = here();
      const own = found?.run.globals;
      if (own?.has(name)) return own.get(name);
      const value = outer.get ? outer.get.call(globalThis) : outer.value;
      return found ? found.finder.standIn(name, value) : value;
    },
    set(value: unknown) {
      const found = here();
      if (found) found.run.globals.set(name, value);
      else if (outer.set) outer.set.call(globalThis, value);
      else if (outer.writable) outer.value = value;
      else throw new TypeError(`the global ${name} cannot be assigned to`);
    },
  };
  Object.defineProperty(globalThis, name, accessor);
  places.set(name, { accessor, outer });
}
