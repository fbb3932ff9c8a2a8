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
const SHARED = Symbol.for("cortex.ownGlobals");

/** What an engine knows of its functions. */
interface Finder {
  /** The run that code is part of. */
  find(): Run | undefined;
  /** What a function of it gets for a global that it has not assigned to. */
  standIn(name: string, outer: unknown): unknown;
}

interface Shared {
  /** Engines whose functions run at this moment: a list, as a set that loses its only member is made anew. */
  readonly finders: Finder[];
  /**
   * By the getter of each accessor that was ever put in place, what was there before it, or was put there meanwhile by
   * code outside of functions.
   */
  readonly outers: WeakMap<object, PropertyDescriptor>;
  /** Engines that are open and whose functions have run. */
  users: number;
}

/**
 * Lets each function have globals of its own, as on Convex, where each has an isolate: what it assigns to one of them
 * is seen by this function alone. What it deletes, or defines anew, is so for all. Code outside of functions gets the
 * host's own, and may put others in their place, as fake clocks do.
 *
 * The accessors that this takes stay from the first function on until the engine is closed, as those of `convex-test`
 * stay for good: to put them in place costs more than most functions do.
 */
export class OwnGlobals {
  readonly #finder: Finder;
  #isUser = false;

  /** Takes what tells of an engine's functions. */
  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** From now on functions of this engine run. */
  enter(): void {
    const shared = sharedParts();
    shared.finders.push(this.#finder);
    if (!this.#isUser) shared.users++;
    this.#isUser = true;
    // Each time: other code may have redefined one meanwhile, as stubs of globals do.
    for (const name of NAMES) takePlace(name, shared);
  }

  /** No function of this engine runs any more. */
  leave(): void {
    const { finders } = sharedParts();
    finders.splice(finders.lastIndexOf(this.#finder), 1);
  }

  /** No function of this engine runs ever again. The last one to say so leaves nothing behind. */
  close(): void {
    if (!this.#isUser) return;
    this.#isUser = false;
    const shared = sharedParts();
    if (--shared.users > 0) return;
    for (const name of NAMES) {
      // What other code has put there stays.
      const outer = shared.outers.get(getterOf(name) ?? shared);
      if (outer) Object.defineProperty(globalThis, name, outer);
    }
  }
}

function sharedParts(): Shared {
  const host = globalThis as { [SHARED]?: Shared };
  if (!host[SHARED]) {
    const value: Shared = { finders: [], outers: new WeakMap(), users: 0 };
    Object.defineProperty(host, SHARED, { value });
  }
  return host[SHARED]!;
}

/** The getter of a global. Asked for so often that a descriptor of it would be most of what that costs. */
function getterOf(name: string): object | undefined {
  const { __lookupGetter__ } = Object.prototype as unknown as {
    __lookupGetter__(this: object, name: string): object | undefined;
  };
  return __lookupGetter__.call(globalThis, name);
}

function takePlace(name: string, { finders, outers }: Shared): void {
  const there = getterOf(name);
  if (there && outers.has(there)) return;
  const outer = Object.getOwnPropertyDescriptor(globalThis, name);
  if (!outer?.configurable) return;
  const here = (): { finder: Finder; run: Run } | undefined => {
    for (const finder of finders) {
      const run = finder.find();
      if (run) return { finder, run };
    }
    return undefined;
  };
  const get = () => {
    const found = here();
    const own = found?.run.globals;
    if (own?.has(name)) return own.get(name);
    const value = outer.get ? outer.get.call(globalThis) : outer.value;
    return found ? found.finder.standIn(name, value) : value;
  };
  const set = (value: unknown) => {
    const found = here();
    if (found) found.run.globals.set(name, value);
    else if (outer.set) outer.set.call(globalThis, value);
    else if (outer.writable) outer.value = value;
    else throw new TypeError(`the global ${name} cannot be assigned to`);
  };
  const { enumerable = false } = outer;
  const accessor = { configurable: true, enumerable, get, set };
  Object.defineProperty(globalThis, name, accessor);
  outers.set(get, outer);
}
