import type { Run } from "./run.ts";

/** Globals that code assigns to, such as libraries that make functions deterministic. */
const NAMES = [
  ...["Date", "Math", "console", "performance", "process", "fetch"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  ...["crypto", "Crypto", "CryptoKey", "SubtleCrypto"],
  ...["Request", "Response", "Headers", "URL", "URLSearchParams"],
  ...["AbortController", "TextEncoder", "TextDecoder", "atob", "btoa"],
  ...["structuredClone", "queueMicrotask"],
];

/**
 * Restored whenever no function runs, because tests replace these by spies, and the spies of Node and Bun replace only
 * data properties, not getters.
 */
const SPIED = ["fetch"];

/** Key of the state that all engines of a host share. */
const SHARED = Symbol.for("cortex.ownGlobals");

/** Finds what an engine's functions see. */
interface Finder {
  /** The run that code is part of. */
  find(): Run | undefined;
  /** The value of a global for a function that has not assigned to it. */
  standIn(name: string, outer: unknown): unknown;
}

interface Shared {
  /** Engines whose functions are running. A list, because emptying and refilling a set costs more. */
  readonly finders: Finder[];
  /**
   * From the getter and the setter of each accessor that was installed to the property it replaced, as updated by code
   * outside of functions since.
   */
  readonly outers: WeakMap<object, PropertyDescriptor>;
  /** Number of engines that are open and have run functions. */
  users: number;
  /** Accessors of `SPIED`, kept for reuse: making one takes as long as running a small function. */
  readonly spied: Map<string, { accessor: PropertyDescriptor; outer: object }>;
}

/**
 * Gives each function its own globals, as on Convex, where each has an isolate: only the function itself sees what it
 * assigns to one. Deleting or redefining a global affects all. Code outside functions sees the host's globals, and may
 * replace them, as fake clocks do.
 *
 * The accessors that this needs stay in place from the first function until the engine is closed (those of
 * `convex-test` stay for good), because installing them costs more than most functions do.
 */
export class OwnGlobals {
  readonly #finder: Finder;
  #isUser = false;

  /** Takes the finder of the engine's functions. */
  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** Call this before a function of this engine runs. */
  enter(): void {
    const shared = sharedParts();
    shared.finders.push(this.#finder);
    if (!this.#isUser) shared.users++;
    this.#isUser = true;
    // Every time: other code may have redefined a global meanwhile, as stubs do.
    for (const name of NAMES) takePlace(name, shared);
  }

  /** Call this when no function of this engine is running. */
  leave(): void {
    const shared = sharedParts();
    const { finders } = shared;
    finders.splice(finders.lastIndexOf(this.#finder), 1);
    if (finders.length === 0) giveBack(SPIED, shared);
  }

  /** Call this when no function of this engine will run again. The last engine to close restores the host's globals. */
  close(): void {
    if (!this.#isUser) return;
    this.#isUser = false;
    const shared = sharedParts();
    if (--shared.users > 0) return;
    giveBack(NAMES, shared);
  }
}

/** Restores globals of the host. Globals that other code has replaced since are left alone. */
function giveBack(names: readonly string[], { outers }: Shared): void {
  for (const name of names) {
    const getter = getterOf(name);
    const outer = getter && outers.get(getter);
    if (outer) Object.defineProperty(globalThis, name, outer);
  }
}

function sharedParts(): Shared {
  const host = globalThis as { [SHARED]?: Shared };
  if (!host[SHARED]) {
    const value: Shared = {
      finders: [],
      outers: new WeakMap(),
      users: 0,
      spied: new Map(),
    };
    Object.defineProperty(host, SHARED, { value });
  }
  return host[SHARED]!;
}

/** The getter of a global. Needed so often that reading the whole descriptor would be most of the cost. */
function getterOf(name: string): object | undefined {
  const { __lookupGetter__ } = Object.prototype as unknown as {
    __lookupGetter__(this: object, name: string): object | undefined;
  };
  return __lookupGetter__.call(globalThis, name);
}

/**
 * Makes an accessor a plain property with a value. A spy of Vitest replaces the getter of an accessor, keeps the setter,
 * and calls the getter for the original: if the setter stored the spy, it would call itself. Vitest assigns timers
 * before and after each message to its main thread.
 */
function makePlain(property: PropertyDescriptor, value: unknown): void {
  delete property.get;
  delete property.set;
  Object.assign(property, { value, writable: true });
}

/** Makes a global whose getter other code has replaced a plain property. */
function replace(name: string, value: unknown): void {
  const property = Object.getOwnPropertyDescriptor(globalThis, name)!;
  makePlain(property, value);
  Object.defineProperty(globalThis, name, property);
}

function takePlace(name: string, { finders, outers, spied }: Shared): void {
  const there = getterOf(name);
  if (there && outers.has(there)) return;
  const outer = Object.getOwnPropertyDescriptor(globalThis, name);
  if (!outer?.configurable) return;
  const before = spied.get(name);
  if (before && "value" in outer) {
    Object.assign(before.outer, outer);
    Object.defineProperty(globalThis, name, before.accessor);
    return;
  }
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
    else if (getterOf(name) !== get) replace(name, value);
    else if (outer.set && outers.has(outer.set)) makePlain(outer, value);
    else if (outer.set) outer.set.call(globalThis, value);
    else if (outer.writable) outer.value = value;
    else throw new TypeError(`the global ${name} cannot be assigned to`);
  };
  const { enumerable = false } = outer;
  const accessor = { configurable: true, enumerable, get, set };
  Object.defineProperty(globalThis, name, accessor);
  outers.set(get, outer);
  outers.set(set, outer);
  if ("value" in outer && SPIED.includes(name)) {
    spied.set(name, { accessor, outer });
  }
}
