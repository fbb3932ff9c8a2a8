import { PERFORMANCE } from "./clock_methods.ts";
import { copyProperties } from "./stand_in.ts";

/** The part of a query or mutation that the clocks need. */
interface FrozenRun {
  /** When it began, in ms. */
  readonly startMs: number;
  /** Why it may not use a part of the host; undefined if it may. */
  refusal(name: string): string | undefined;
}

type Finder = () => FrozenRun | undefined;

/** Key of the state that all engines of a host share. */
const SHARED = Symbol.for("cortex.stillTime");

interface Shared {
  /** Engines whose functions are running. */
  readonly finders: Finder[];
  /** Number of engines that are open and have run functions. */
  users: number;
  /** The properties that were replaced. */
  places: Place[];
}

/** A property of the host that reveals the time. */
interface Place {
  readonly on: object;
  readonly key: string;
  readonly outer: PropertyDescriptor;
  readonly inner: PropertyDescriptor;
}

type Put = (
  on: object | undefined,
  key: string,
  make: (outer: PropertyDescriptor) => PropertyDescriptor | undefined,
) => void;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Freezes what reveals the time besides `Date` and the methods of `performance`: formats without a date,
 * `Temporal.Now`, files and events, `performance.timeOrigin`, `AbortSignal.timeout`, and the `constructor` of a date.
 * As these are rarely used, they are replaced once, until the last engine of the host is closed; code outside of
 * functions sees no difference.
 */
export class FrozenTime {
  readonly #finder: Finder;
  #isUser = false;

  /** Takes the function that finds the query or mutation which the calling code is part of. */
  constructor(finder: Finder) {
    this.#finder = finder;
  }

  /** Call this before a function of this engine runs. */
  enter(): void {
    const shared = sharedParts();
    shared.finders.push(this.#finder);
    if (this.#isUser) return;
    this.#isUser = true;
    if (shared.users++ === 0) takePlaces(shared);
  }

  /** Call this when no function of this engine is running. */
  leave(): void {
    const { finders } = sharedParts();
    finders.splice(finders.lastIndexOf(this.#finder), 1);
  }

  /**
   * Call this when no function of this engine will run again. The last engine to close restores what was there before.
   */
  close(): void {
    if (!this.#isUser) return;
    this.#isUser = false;
    const shared = sharedParts();
    if (--shared.users > 0) return;
    for (const { on, key, outer, inner } of shared.places) {
      const { get, value } = Object.getOwnPropertyDescriptor(on, key) ?? {};
      // A property that other code has defined since is left alone.
      if (get === inner.get && value === inner.value) {
        Object.defineProperty(on, key, outer);
      }
    }
    shared.places = [];
  }
}

function sharedParts(): Shared {
  const host = globalThis as { [SHARED]?: Shared };
  if (!host[SHARED]) {
    const value: Shared = { finders: [], users: 0, places: [] };
    Object.defineProperty(host, SHARED, { value });
  }
  return host[SHARED]!;
}

function takePlaces(shared: Shared): void {
  const { finders } = shared;
  const frozen: Finder = () => {
    for (const find of finders) {
      const found = find();
      if (found) return found;
    }
    return undefined;
  };
  const put: Put = (on, key, make) => {
    const outer = on && Object.getOwnPropertyDescriptor(on, key);
    const inner = outer?.configurable && make(outer);
    if (!inner) return;
    const { enumerable = false } = outer;
    Object.defineProperty(on, key, {
      ...inner,
      configurable: true,
      enumerable,
    });
    shared.places.push({ on: on!, key, outer, inner });
  };
  timesOfFormats(put, frozen);
  timesOfTemporal(put, frozen);
  timesOfFiles(put, frozen);
  putConstructor(put);
  const refuse = (name: string) => {
    const text = frozen()?.refusal(name);
    if (text !== undefined) throw new Error(text);
  };
  const { AbortSignal, Event, performance } = globalThis;
  const clock = performance && Object.getPrototypeOf(performance);
  put(
    AbortSignal,
    "timeout",
    method((outer, self, args) => {
      // It would set a timer.
      refuse("setTimeout");
      return outer.apply(self, args);
    }),
  );
  put(
    clock,
    "timeOrigin",
    getter((outer) => {
      refuse(PERFORMANCE);
      return outer();
    }),
  );
  put(
    clock,
    "toJSON",
    method((outer, self) => {
      refuse(PERFORMANCE);
      return outer.call(self);
    }),
  );
  put(
    Event?.prototype,
    "timeStamp",
    getter((outer) => frozen()?.startMs ?? outer()),
  );
}

/** Date formats use the present time when given no date. */
function timesOfFormats(put: Put, frozen: Finder): void {
  const { prototype } = Intl.DateTimeFormat;
  const dated = (date: unknown) =>
    date === undefined ? frozen()?.startMs : date;
  const formats = new WeakMap<object, Method>();
  put(
    prototype,
    "format",
    getter((outer) => {
      const format = outer() as Method;
      // The same function each time, as on the host.
      let made = formats.get(format);
      if (!made) formats.set(format, made = (date) => format(dated(date)));
      return made;
    }),
  );
  put(
    prototype,
    "formatToParts",
    method((outer, self, [date]) => outer.call(self, dated(date))),
  );
}

/** The parts of `Temporal` that are used. */
interface HostTemporal {
  Now: object;
  Instant: { fromEpochMilliseconds(ms: number): Instant };
}

interface Instant {
  toZonedDateTimeISO(timeZone: unknown): {
    toPlainDateTime(): unknown;
    toPlainDate(): unknown;
    toPlainTime(): unknown;
  };
}

function timesOfTemporal(put: Put, frozen: Finder): void {
  const { Temporal } = globalThis as { Temporal?: HostTemporal };
  if (!Temporal?.Now) return;
  const now = Temporal.Now as { timeZoneId(): string };
  const { Instant } = Temporal;
  const at = (
    key: string,
    tell: (instant: Instant, zone: unknown) => unknown,
  ) =>
    put(
      Temporal.Now,
      key,
      method((outer, self, args) => {
        const found = frozen();
        if (!found) return outer.apply(self, args);
        const [zone = now.timeZoneId()] = args;
        const startMs = Math.floor(found.startMs);
        return tell(Instant.fromEpochMilliseconds(startMs), zone);
      }),
    );
  at("instant", (instant) => instant);
  at("zonedDateTimeISO", (instant, zone) => instant.toZonedDateTimeISO(zone));
  at(
    "plainDateTimeISO",
    (instant, zone) => instant.toZonedDateTimeISO(zone).toPlainDateTime(),
  );
  at(
    "plainDateISO",
    (instant, zone) => instant.toZonedDateTimeISO(zone).toPlainDate(),
  );
  at(
    "plainTimeISO",
    (instant, zone) => instant.toZonedDateTimeISO(zone).toPlainTime(),
  );
}

type FileClass = new (...args: unknown[]) => object;

/** A file is last modified now, unless its options say otherwise. */
function timesOfFiles(put: Put, frozen: Finder): void {
  const classes = new WeakMap<object, FileClass>();
  const classFor = (outer: FileClass) => {
    const made: FileClass = classes.get(outer) ?? new Proxy(outer, {
      construct(target, args, newTarget): object {
        const lastModified = frozen()?.startMs;
        const [parts, name, options] = args;
        const given = lastModified === undefined || args.length < 2
          ? args
          : [parts, name, { lastModified, ...options }];
        return Reflect.construct(
          target,
          given,
          newTarget === made ? target : newTarget,
        );
      },
    });
    classes.set(outer, made);
    return made;
  };
  // On workerd, globals are inherited.
  let owner: object | null = globalThis;
  while (owner && !Object.hasOwn(owner, "File")) {
    owner = Object.getPrototypeOf(owner);
  }
  put(owner ?? undefined, "File", (outer) => ({
    get() {
      // Some hosts load `File` lazily, by a getter.
      const value = outer.get ? outer.get.call(globalThis) : outer.value;
      return value && frozen() ? classFor(value) : value;
    },
    set(value: unknown) {
      if (outer.set) outer.set.call(globalThis, value);
      else outer.value = value;
    },
  }));
}

/**
 * Makes the `constructor` of a date the current global `Date`, by which libraries recognise dates. Code that replaces
 * `Date` sets this property without restoring it, so what it sets is ignored.
 */
function putConstructor(put: Put): void {
  const { prototype } = Date;
  put(prototype, "constructor", ({ value: outer, get }) =>
    get ? undefined : ({
      get() {
        const { Date } = globalThis;
        return Date?.prototype === prototype ? Date : outer;
      },
      set(this: object, value: unknown) {
        if (this === prototype) return;
        Object.defineProperty(this, "constructor", {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      },
    }));
}

/** Replaces a method. */
function method(
  call: (outer: Method, self: unknown, args: unknown[]) => unknown,
): (outer: PropertyDescriptor) => PropertyDescriptor | undefined {
  return ({ value: outer, writable = true }) => {
    if (typeof outer !== "function") return undefined;
    const value = function (this: unknown, ...args: unknown[]) {
      return call(outer, this, args);
    };
    copyProperties(outer, value);
    return { value, writable };
  };
}

/** Replaces a getter. */
function getter(
  value: (outer: () => unknown) => unknown,
): (outer: PropertyDescriptor) => PropertyDescriptor | undefined {
  return ({ get: outer, set }) =>
    outer && {
      get(this: unknown) {
        return value(() => outer.call(this));
      },
      set,
    };
}
