import {
  type Methods,
  PERFORMANCE,
  performanceMethods,
} from "./clock_methods.ts";
import type { PlacesOf } from "../functions/thrown.ts";
import { capturingConsole } from "./log_lines.ts";
import {
  drawsRandom,
  RANDOM_CIPHERS,
  RANDOMNESS,
  subtleOf,
} from "./random_ciphers.ts";
import type { Run } from "./run.ts";
import { SharedConvex } from "./shared_convex.ts";
import { copyProperties, isHostsOwn, isNative, StandIn } from "./stand_in.ts";
import { FrozenTime } from "./frozen_time.ts";
import { uuidOf } from "../ids.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The parts of the host that are replaced while functions run. */
interface Host {
  Date: DateConstructor;
  fetch?: AnyFunction;
  setTimeout: AnyFunction;
  setInterval: AnyFunction;
  console: object;
}

/** The prototype of the host's `crypto`. */
interface HostCrypto {
  randomUUID?: AnyFunction;
  getRandomValues?: AnyFunction;
}

/**
 * Replaces time, random numbers, `fetch` and timers for queries and mutations, and sets `globalThis.Convex` for code
 * that makes system calls. The replacements are in place only while a function of the engine runs, and for code outside
 * of functions they behave like the originals.
 */
export class HostPatches {
  readonly #current: () => Run | undefined;
  readonly #convex: SharedConvex;
  readonly #isDeterministic: boolean;
  readonly #isPutInPlace: boolean;
  readonly #placesOf: PlacesOf | undefined;
  readonly #outside: (body: () => unknown) => unknown;
  readonly #host: Host = globalThis as unknown as Host;
  readonly #crypto: HostCrypto;
  readonly #logs = this.#standIn((outer) => this.#newConsole(outer));
  readonly #date = this.#standIn((outer: DateConstructor) =>
    this.#newDate(outer)
  );
  readonly #math = this.#standIn((outer: typeof Math) => this.#newMath(outer));
  readonly #random = this.#standIn((outer: typeof Math.random) =>
    this.#newRandom(outer)
  );
  readonly #fetch = this.#refusalOf("fetch");
  readonly #timeout = this.#refusalOf("setTimeout");
  readonly #interval = this.#refusalOf("setInterval");
  readonly #clearTimeout = this.#refusalOf("clearTimeout");
  readonly #clearInterval = this.#refusalOf("clearInterval");
  readonly #uuid = this.#standIn((outer: AnyFunction) => this.#newUuid(outer));
  readonly #bytes = this.#standIn((outer: AnyFunction) =>
    this.#newBytes(outer)
  );
  readonly #methods = [
    ...this.#methodsOf(
      subtleOf(globalThis.crypto),
      Object.keys(RANDOM_CIPHERS),
      (name, outer) => this.#newCipher(name, outer),
    ),
    ...performanceMethods().flatMap(({ on, names }) =>
      this.#methodsOf(on, names, (_, outer) => this.#newClock(outer))
    ),
  ];
  readonly #frozenTime = new FrozenTime(() => {
    const run = this.#seeded();
    return run && {
      startMs: run.startMs,
      refusal: (name) => this.#refusal(name),
    };
  });
  #users = 0;

  /**
   * `current` finds the run that the calling code is part of. Without determinism, only `Convex` is set. With
   * `isPutInPlace` false, globals stay as they are, and the caller hands out what `standIn` returns. `placesOf` serves
   * `console.trace`, and `outside` calls the host's console.
   */
  constructor(
    current: () => Run | undefined,
    convex: object,
    isDeterministic: boolean,
    isPutInPlace: boolean,
    placesOf: PlacesOf | undefined,
    outside: (body: () => unknown) => unknown,
  ) {
    this.#outside = outside;
    this.#placesOf = placesOf;
    this.#isPutInPlace = isPutInPlace;
    this.#current = current;
    this.#convex = new SharedConvex(convex, () => current() !== undefined);
    this.#isDeterministic = isDeterministic;
    this.#crypto = Object.getPrototypeOf(globalThis.crypto ?? {});
  }

  /** `globalThis.Convex` for code outside of every run, if there is one. */
  get outerConvex(): ReturnType<SharedConvex["other"]> {
    return this.#convex.other();
  }

  /** Puts the replacements in place, unless they are. Written out without loops, as it runs for every function. */
  enter(): void {
    if (this.#users++ > 0) return;
    this.#convex.enter();
    if (!this.#isDeterministic) return;
    this.#frozenTime.enter();
    const host = this.#host;
    if (this.#isPutInPlace) this.#putInPlace(host);
    const { randomUUID, getRandomValues } = this.#crypto;
    if (randomUUID) this.#crypto.randomUUID = this.#uuid.for(randomUUID);
    if (getRandomValues) {
      this.#crypto.getRandomValues = this.#bytes.for(getRandomValues);
    }
    for (const { on, name, standIn } of this.#methods) {
      on[name] = standIn.for(on[name]!);
    }
  }

  #putInPlace(host: Host): void {
    const { fetch } = host;
    host.console = this.#logs.for(host.console);
    host.Date = this.#date.for(host.Date);
    Math.random = this.#random.for(Math.random);
    if (fetch) host.fetch = this.#fetch.for(fetch);
    host.setTimeout = this.#timeout.for(host.setTimeout);
    host.setInterval = this.#interval.for(host.setInterval);
  }

  /** The replacement of a global of the host. */
  standIn(name: string, outer: unknown): unknown {
    if (!outer || !this.#isDeterministic) return outer;
    switch (name) {
      case "console":
        return this.#logs.for(outer);
      case "Date":
        return this.#date.for(outer as DateConstructor);
      case "Math":
        return this.#math.for(outer as typeof Math);
      case "fetch":
        return this.#fetch.for(outer as AnyFunction);
      case "setTimeout":
        return this.#timeout.for(outer as AnyFunction);
      case "setInterval":
        return this.#interval.for(outer as AnyFunction);
      case "clearTimeout":
        return this.#clearTimeout.for(outer as AnyFunction);
      case "clearInterval":
        return this.#clearInterval.for(outer as AnyFunction);
      default:
        return outer;
    }
  }

  /** Removes everything from the host, even the name `Convex`. */
  close(): void {
    if (this.#users === 0) this.#convex.close();
    this.#frozenTime.close();
  }

  /**
   * Restores the host's globals when no function runs any more, except those that other code has replaced meanwhile.
   */
  leave(): void {
    if (--this.#users > 0) return;
    this.#convex.leave();
    if (!this.#isDeterministic) return;
    this.#frozenTime.leave();
    const host = this.#host;
    if (this.#isPutInPlace) this.#takeAway(host);
    const crypto = this.#crypto;
    if (this.#uuid.is(crypto.randomUUID)) crypto.randomUUID = this.#uuid.outer;
    if (this.#bytes.is(crypto.getRandomValues)) {
      crypto.getRandomValues = this.#bytes.outer;
    }
    for (const { on, name, standIn } of this.#methods) {
      if (standIn.is(on[name])) on[name] = standIn.outer;
    }
  }

  #takeAway(host: Host): void {
    if (this.#logs.is(host.console)) host.console = this.#logs.outer;
    if (this.#date.is(host.Date)) host.Date = this.#date.outer;
    if (this.#random.is(Math.random)) Math.random = this.#random.outer;
    if (this.#fetch.is(host.fetch)) host.fetch = this.#fetch.outer;
    if (this.#timeout.is(host.setTimeout)) {
      host.setTimeout = this.#timeout.outer;
    }
    if (this.#interval.is(host.setInterval)) {
      host.setInterval = this.#interval.outer;
    }
  }

  /** The run whose time and random numbers the calling code gets. */
  #seeded(): Run | undefined {
    const run = this.#current();
    return run?.isTransactional ? run : undefined;
  }

  #standIn<T extends object = object>(make: (outer: T) => object): StandIn<T> {
    return new StandIn(make, () => this.#users === 0);
  }

  #refusalOf(name: string): StandIn<AnyFunction> {
    return this.#standIn((outer: AnyFunction) => this.#newRefusal(name, outer));
  }

  /** The named methods that the host has on a prototype, each with its stand-in. */
  #methodsOf(
    on: Methods,
    names: string[],
    make: (name: string, outer: AnyFunction) => object,
  ): { on: Methods; name: string; standIn: StandIn<AnyFunction> }[] {
    return names.filter((name) => on[name] !== undefined).map((name) => ({
      on,
      name,
      standIn: this.#standIn((outer: AnyFunction) => make(name, outer)),
    }));
  }

  #newConsole(outer: object): object {
    return capturingConsole(outer, () => {
      const run = this.#current();
      if (!run) return undefined;
      const { caller, component } = run.parts;
      const { limits } = component.database.catalog;
      const placesOf = this.#placesOf;
      const outside = this.#outside;
      const { logLines: lines } = caller;
      return { lines, limits, timers: run.timers, placesOf, outside };
    });
  }

  #newDate(outer: DateConstructor): object {
    const seeded = () => this.#seeded();
    function Date(this: unknown, ...args: unknown[]): unknown {
      const run = seeded();
      if (new.target === undefined) {
        return run ? new outer(run.startMs).toString() : outer();
      }
      return Reflect.construct(
        outer,
        run && args.length === 0 ? [run.startMs] : args,
        new.target === (Date as unknown) ? outer : new.target,
      );
    }
    Object.setPrototypeOf(Date, outer);
    const now = () => seeded()?.startMs ?? outer.now();
    const method = { writable: true, configurable: true };
    // Not assigned: `Object.keys(Date)` is empty everywhere.
    return Object.defineProperties(Date, {
      // A bundler may have renamed the function.
      name: { value: "Date" },
      length: { value: 7 },
      prototype: { value: outer.prototype },
      now: { value: now, ...method },
      parse: { value: outer.parse, ...method },
      UTC: { value: outer.UTC, ...method },
    });
  }

  #newRandom(outer: () => number): object {
    // If a test has replaced `Math.random`, it wants its own numbers.
    const isOwn = isHostsOwn(outer) && isNative(outer);
    return () =>
      (isOwn ? this.#seeded()?.random.nextFloat() : undefined) ?? outer();
  }

  #newMath(outer: typeof Math): object {
    const random = () => {
      const isOwn = isHostsOwn(outer.random) && isNative(outer.random);
      return (isOwn ? this.#seeded()?.random.nextFloat() : undefined) ??
        outer.random();
    };
    const value = { value: random, writable: true, configurable: true };
    return Object.create(outer, { random: value });
  }

  #newUuid(outer: AnyFunction): object {
    const seeded = () => this.#seeded();
    const isOwn = isHostsOwn(outer);
    return function (this: unknown) {
      const bytes = isOwn ? seeded()?.randomBytes(16) : undefined;
      return bytes ? uuidOf(bytes) : outer.call(this);
    };
  }

  #newBytes(outer: AnyFunction): object {
    const seeded = () => this.#seeded();
    const isOwn = isHostsOwn(outer);
    return function (this: unknown, view: unknown, ...args: unknown[]) {
      // Called in any case, as it checks the argument.
      outer.call(this, view, ...args);
      const { buffer, byteOffset, byteLength } = view as Uint8Array;
      const bytes = isOwn ? seeded()?.randomBytes(byteLength) : undefined;
      if (bytes) new Uint8Array(buffer, byteOffset, byteLength).set(bytes);
      return view;
    };
  }

  #newCipher(name: string, outer: AnyFunction): object {
    const refusal = () => this.#refusal(RANDOMNESS);
    return function (this: unknown, ...args: unknown[]) {
      const text = drawsRandom(name, args) ? refusal() : undefined;
      return text === undefined
        ? outer.apply(this, args)
        : Promise.reject(new Error(text));
    };
  }

  #newClock(outer: AnyFunction): object {
    const refusal = () => this.#refusal(PERFORMANCE);
    return function (this: unknown, ...args: unknown[]) {
      const text = refusal();
      if (text !== undefined) throw new Error(text);
      return outer.apply(this, args);
    };
  }

  #newRefusal(name: string, outer: AnyFunction): object {
    const refused = (...args: unknown[]): unknown => {
      const refusal = this.#refusal(name);
      if (refusal !== undefined) throw new Error(refusal);
      const result = outer.apply(globalThis, args);
      const unawaited = name === "fetch" && this.#current()?.unawaited;
      return unawaited && result instanceof Promise
        ? counted(result, unawaited.add(name))
        : result;
    };
    copyProperties(outer, refused);
    return refused;
  }

  /** Why the calling code may not use a part of the host; undefined if it may. */
  #refusal(name: string): string | undefined {
    const run = this.#seeded();
    return run?.parts.component.database.behaviour.globalRefusal(name);
  }
}

async function counted<T>(promise: Promise<T>, got: () => void): Promise<T> {
  try {
    return await promise;
  } finally {
    got();
  }
}
