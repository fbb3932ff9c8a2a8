/** Property of a stand-in that holds the original, so that stand-ins of several engines can be removed in any order. */
const OUTER = Symbol.for("cortex.patched");

/** A value that may be a stand-in. */
interface Patched {
  [OUTER]?: {
    /** The original, or the stand-in of another engine. */
    outer: object;
    /** Whether no function of its engine is still running. */
    isOver(): boolean;
  };
}

/**
 * Replaces one of the host's globals while functions run. It is created again only when the original changes, as with
 * fake clocks, because creating one costs more than using it.
 */
export class StandIn<T extends object> {
  readonly #make: (outer: T) => object;
  readonly #isOver: () => boolean;
  #outer: T | undefined;
  #inner: T | undefined;
  /** Whether the original is another engine's stand-in. */
  #isNested = false;

  /** `make` creates it from the original; `isOver` says whether it is no longer in use. */
  constructor(make: (outer: T) => object, isOver: () => boolean) {
    this.#make = make;
    this.#isOver = isOver;
  }

  /** The stand-in for an original. */
  for(outer: T): T {
    if (outer !== this.#outer) {
      const inner = this.#make(outer);
      const value = { outer, isOver: this.#isOver };
      Object.defineProperty(inner, OUTER, { value });
      this.#inner = inner as T;
      this.#outer = outer;
      this.#isNested = OUTER in outer;
    }
    return this.#inner!;
  }

  /** Whether a value is the stand-in. */
  is(value: T | undefined): boolean {
    return value !== undefined && value === this.#inner;
  }

  /** The original, below all stand-ins that are no longer in use. */
  get outer(): T {
    let value = this.#outer!;
    while (this.#isNested) {
      const patched = (value as Patched)[OUTER];
      if (!patched?.isOver()) break;
      value = patched.outer as T;
    }
    return value;
  }
}

/** The original below all stand-ins. */
export function behindStandIns<T>(value: T): T {
  const patched = (value as Patched)[OUTER];
  return patched ? behindStandIns(patched.outer as T) : value;
}

/**
 * False for a mock that a test has put in place of a host's function. Mocks have own properties, or, on Node and Bun,
 * pass for the original except for a `mock` property that records the calls.
 */
export function isHostsOwn(value: object): boolean {
  const original = behindStandIns(value) as { mock?: unknown };
  return Object.keys(original).length === 0 && original.mock === undefined;
}

/** Whether a function is part of the host rather than of the JavaScript that it runs. */
export function isNative(value: object): boolean {
  return /\[native code\]/.test(
    Function.prototype.toString.call(behindStandIns(value)),
  );
}

/**
 * Copies the properties of an original to its stand-in: hosts and fake clocks have some, such as `setTimeout.clock`.
 */
export function copyProperties(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    if (key === "prototype" || key === OUTER) continue;
    const property = Object.getOwnPropertyDescriptor(from, key)!;
    Object.defineProperty(to, key, property);
  }
}
