import { capturingConsole } from "./log_lines.ts";
import type { Run } from "./run.ts";

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** The parts of the host that are other ones while functions run. */
interface Host {
  Date: DateConstructor;
  fetch?: AnyFunction;
  setTimeout: AnyFunction;
  setInterval: AnyFunction;
  console: object;
  Convex?: object | undefined;
}

/** The prototype of the host's `crypto`. */
interface HostCrypto {
  randomUUID?: AnyFunction;
  getRandomValues?: AnyFunction;
}

/** A stand-in, and what it stands for. */
interface StandIn<T> {
  outer: T;
  inner: T;
  /** Whether what it stands for is another engine's. */
  isNested: boolean;
}

/** Where a stand-in keeps what it stands for, so that those of several engines come off in any order. */
const OUTER = Symbol.for("cortex.patched");

/**
 * Time, random numbers, `fetch` and timers as queries and mutations see them, and `globalThis.Convex` for code that
 * makes system calls. They are in place only while a function of the engine runs, and to code outside of it they do
 * what the host's own do.
 */
export class HostPatches {
  readonly #current: () => Run | undefined;
  readonly #convex: object;
  readonly #isDeterministic: boolean;
  readonly #isPutInPlace: boolean;
  readonly #host: Host = globalThis as unknown as Host;
  readonly #crypto: HostCrypto;
  /** Made again only when the host's own have changed, as fake clocks do: making one costs more than its use. */
  #console: StandIn<object> | undefined;
  #math: StandIn<typeof Math> | undefined;
  #date: StandIn<DateConstructor> | undefined;
  #random: StandIn<AnyFunction> | undefined;
  #fetch: StandIn<AnyFunction> | undefined;
  #timeout: StandIn<AnyFunction> | undefined;
  #interval: StandIn<AnyFunction> | undefined;
  #clearTimeout: StandIn<AnyFunction> | undefined;
  #clearInterval: StandIn<AnyFunction> | undefined;
  #uuid: StandIn<AnyFunction> | undefined;
  #bytes: StandIn<AnyFunction> | undefined;
  #outerConvex: object | undefined;
  #users = 0;

  /**
   * Takes what tells the run that code is part of, and what `Convex` is. Without determinism only `Convex` is set.
   * Where somebody else hands out what `standIn` gives, globals stay as they are.
   */
  constructor(
    current: () => Run | undefined,
    convex: object,
    isDeterministic: boolean,
    isPutInPlace = true,
  ) {
    this.#isPutInPlace = isPutInPlace;
    this.#current = current;
    this.#convex = convex;
    this.#isDeterministic = isDeterministic;
    this.#crypto = Object.getPrototypeOf(globalThis.crypto ?? {});
  }

  /** What `globalThis.Convex` was before; undefined when there was none. */
  get outerConvex(): { [method: string]: AnyFunction } | undefined {
    return this.#outerConvex as { [method: string]: AnyFunction } | undefined;
  }

  /** Puts them in place, unless they are. Costs half a microsecond, hence each is written out. */
  enter(): void {
    if (this.#users++ > 0) return;
    const host = this.#host;
    if (!("Convex" in host)) {
      const property = { value: undefined, writable: true, configurable: true };
      Object.defineProperty(host, "Convex", property);
    }
    this.#outerConvex = host.Convex;
    host.Convex = this.#convex;
    if (!this.#isDeterministic) return;
    if (this.#isPutInPlace) this.#putInPlace(host);
    const { randomUUID, getRandomValues } = this.#crypto;
    if (randomUUID) {
      if (this.#uuid?.outer !== randomUUID) {
        this.#uuid = this.#newUuid(randomUUID);
      }
      this.#crypto.randomUUID = this.#uuid!.inner;
    }
    if (getRandomValues) {
      if (this.#bytes?.outer !== getRandomValues) {
        this.#bytes = this.#newBytes(getRandomValues);
      }
      this.#crypto.getRandomValues = this.#bytes!.inner;
    }
  }

  #putInPlace(host: Host): void {
    const { Date, fetch, setTimeout, setInterval, console } = host;
    const { random } = Math;
    if (this.#console?.outer !== console) {
      this.#console = this.#newConsole(console);
    }
    host.console = this.#console!.inner;
    if (this.#date?.outer !== Date) this.#date = this.#newDate(Date);
    host.Date = this.#date!.inner;
    if (this.#random?.outer !== random) this.#random = this.#newRandom(random);
    Math.random = this.#random!.inner as typeof random;
    if (fetch) {
      if (this.#fetch?.outer !== fetch) {
        this.#fetch = this.#newRefusal("fetch", fetch);
      }
      host.fetch = this.#fetch!.inner;
    }
    if (this.#timeout?.outer !== setTimeout) {
      this.#timeout = this.#newRefusal("setTimeout", setTimeout);
    }
    host.setTimeout = this.#timeout!.inner;
    if (this.#interval?.outer !== setInterval) {
      this.#interval = this.#newRefusal("setInterval", setInterval);
    }
    host.setInterval = this.#interval!.inner;
  }

  /** What a function gets for a global of the host. */
  standIn(name: string, outer: unknown): unknown {
    if (!outer || !this.#isDeterministic) return outer;
    const own = outer as AnyFunction;
    switch (name) {
      case "console":
        if (this.#console?.outer !== outer) {
          this.#console = this.#newConsole(outer);
        }
        return this.#console!.inner;
      case "Date":
        if (this.#date?.outer !== outer) {
          this.#date = this.#newDate(outer as DateConstructor);
        }
        return this.#date.inner;
      case "Math":
        if (this.#math?.outer !== outer) {
          this.#math = this.#newMath(outer as typeof Math);
        }
        return this.#math.inner;
      case "fetch":
        if (this.#fetch?.outer !== outer) {
          this.#fetch = this.#newRefusal(name, own);
        }
        return this.#fetch.inner;
      case "setTimeout":
        if (this.#timeout?.outer !== outer) {
          this.#timeout = this.#newRefusal(name, own);
        }
        return this.#timeout.inner;
      case "setInterval":
        if (this.#interval?.outer !== outer) {
          this.#interval = this.#newRefusal(name, own);
        }
        return this.#interval.inner;
      case "clearTimeout":
        if (this.#clearTimeout?.outer !== outer) {
          this.#clearTimeout = this.#newRefusal(name, own);
        }
        return this.#clearTimeout.inner;
      case "clearInterval":
        if (this.#clearInterval?.outer !== outer) {
          this.#clearInterval = this.#newRefusal(name, own);
        }
        return this.#clearInterval.inner;
      default:
        return outer;
    }
  }

  /** Leaves nothing behind, not even the name `Convex`. */
  close(): void {
    if (this.#users === 0 && this.#host.Convex === undefined) {
      delete this.#host.Convex;
    }
  }

  /** Takes them away when nobody needs them any more. What somebody else has put there meanwhile stays. */
  leave(): void {
    if (--this.#users > 0) return;
    const host = this.#host;
    if (host.Convex === this.#convex) {
      // Not deleted: that would slow down the next few uses of every global.
      host.Convex = this.#outerConvex;
    }
    if (!this.#isDeterministic) return;
    if (this.#isPutInPlace) this.#takeAway(host);
    if (this.#uuid && this.#crypto.randomUUID === this.#uuid.inner) {
      this.#crypto.randomUUID = stillInPlace(this.#uuid);
    }
    if (this.#bytes && this.#crypto.getRandomValues === this.#bytes.inner) {
      this.#crypto.getRandomValues = stillInPlace(this.#bytes);
    }
  }

  #takeAway(host: Host): void {
    const own = this.#console!;
    if (host.console === own.inner) host.console = stillInPlace(own);
    const date = this.#date!;
    const random = this.#random!;
    const timeout = this.#timeout!;
    const interval = this.#interval!;
    if (host.Date === date.inner) host.Date = stillInPlace(date);
    if (Math.random === random.inner) {
      Math.random = stillInPlace(random) as typeof Math.random;
    }
    if (this.#fetch && host.fetch === this.#fetch.inner) {
      host.fetch = stillInPlace(this.#fetch);
    }
    if (host.setTimeout === timeout.inner) {
      host.setTimeout = stillInPlace(timeout);
    }
    if (host.setInterval === interval.inner) {
      host.setInterval = stillInPlace(interval);
    }
  }

  /** The run whose time and random numbers the calling code gets. */
  #seeded(): Run | undefined {
    const run = this.#current();
    return run?.isDeterministic ? run : undefined;
  }

  #standIn<T extends object>(outer: T, inner: unknown): StandIn<T> {
    Object.defineProperty(inner, OUTER, {
      value: { outer, isOver: () => this.#users === 0 },
    });
    return { outer, inner: inner as T, isNested: OUTER in outer };
  }

  #newConsole(outer: object): StandIn<object> {
    const inner = capturingConsole(outer, () => {
      const { caller, component } = this.#current()?.parts ?? {};
      if (!caller || !component) return undefined;
      const { limits } = component.database.catalog;
      return { lines: caller.logLines, limits };
    });
    return this.#standIn(outer, inner);
  }

  #newDate(outer: DateConstructor): StandIn<DateConstructor> {
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
    Object.defineProperties(Date, {
      // A bundler may have given it another one.
      name: { value: "Date" },
      length: { value: 7 },
      prototype: { value: outer.prototype },
    });
    return this.#standIn(
      outer,
      Object.assign(Date, {
        now: () => seeded()?.startMs ?? outer.now(),
        parse: outer.parse,
        UTC: outer.UTC,
      }),
    );
  }

  #newRandom(outer: () => number): StandIn<AnyFunction> {
    // A test that has put its own numbers there wants these.
    const isOwn = isHostsOwn(outer) && isNative(outer);
    return this.#standIn(
      outer as AnyFunction,
      () =>
        (isOwn ? this.#seeded()?.random.nextFloat() : undefined) ??
          outer(),
    );
  }

  #newMath(outer: typeof Math): StandIn<typeof Math> {
    const random = () => {
      const isOwn = isHostsOwn(outer.random) && isNative(outer.random);
      return (isOwn ? this.#seeded()?.random.nextFloat() : undefined) ??
        outer.random();
    };
    const value = { value: random, writable: true, configurable: true };
    return this.#standIn(outer, Object.create(outer, { random: value }));
  }

  #newUuid(outer: AnyFunction): StandIn<AnyFunction> {
    const seeded = () => this.#seeded();
    const isOwn = isHostsOwn(outer);
    return this.#standIn(outer, function (this: unknown) {
      return (isOwn && seeded()?.random.nextUuid()) || outer.call(this);
    });
  }

  #newBytes(outer: AnyFunction): StandIn<AnyFunction> {
    const seeded = () => this.#seeded();
    const isOwn = isHostsOwn(outer);
    return this.#standIn(
      outer,
      function (this: unknown, view: unknown, ...args: unknown[]) {
        // Called in any case, for its checks of the argument.
        outer.call(this, view, ...args);
        const { buffer, byteOffset, byteLength } = view as Uint8Array;
        if (isOwn) {
          seeded()?.random.fill(
            new Uint8Array(buffer, byteOffset, byteLength),
          );
        }
        return view;
      },
    );
  }

  #newRefusal(name: string, outer: AnyFunction): StandIn<AnyFunction> {
    const refused = (...args: unknown[]): unknown => {
      const run = this.#current();
      if (!run?.isTransactional) return outer.apply(globalThis, args);
      const { compat, wording } = run.parts.component.database;
      const mock =
        `\`${name}\` is not supported in Convex queries or mutations. Move this code to an action; a mutation can start one with \`ctx.scheduler.runAfter(0, ...)\`.`;
      if (compat === "convex-test") throw new Error(mock);
      if (name.startsWith("clear")) return outer.apply(globalThis, args);
      const text =
        `Can't use ${name}() in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.`;
      // Tests find the one that they look for.
      throw new Error(
        wording ? `${text}\n\nIn the words of convex-test: ${mock}` : text,
      );
    };
    // Hosts and fake clocks hang things on these, such as `setTimeout.clock`.
    for (const key of Reflect.ownKeys(outer)) {
      if (key === "prototype" || key === OUTER) continue;
      const property = Object.getOwnPropertyDescriptor(outer, key)!;
      Object.defineProperty(refused, key, property);
    }
    return this.#standIn(outer, refused);
  }
}

/** The value below all stand-ins. */
export function behindStandIns<T>(value: T): T {
  const patched = (value as { [OUTER]?: { outer: T } })[OUTER];
  return patched ? behindStandIns(patched.outer) : value;
}

/** What a stand-in stands for, below all whose engines have nothing running any more. */
function stillInPlace<T>({ outer, isNested }: StandIn<T>): T {
  let value = outer;
  while (isNested) {
    const patched = (value as {
      [OUTER]?: { outer: T; isOver(): boolean };
    })[OUTER];
    if (!patched?.isOver()) return value;
    value = patched.outer;
  }
  return value;
}

/** False for what a test has put in the place of a host's function. */
function isHostsOwn(value: object): boolean {
  return Object.keys(behindStandIns(value)).length === 0;
}

function isNative(value: object): boolean {
  return /\[native code\]/.test(
    Function.prototype.toString.call(behindStandIns(value)),
  );
}
