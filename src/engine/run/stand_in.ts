/** Where a stand-in keeps what it stands for, so that those of several engines come off in any order. */
const OUTER = Symbol.for("cortex.patched");

/** What a stand-in says of itself. */
interface Patched {
  [OUTER]?: {
    /** What it stands for. */
    outer: object;
    /** Whether its engine has nothing running any more. */
    isOver(): boolean;
  };
}

/**
 * What functions get in the place of one of the host's globals. It is made again only when the host's own has changed,
 * as fake clocks do: making it costs more than its use.
 */
export class StandIn<T extends object> {
  readonly #make: (outer: T) => object;
  readonly #isOver: () => boolean;
  #outer: T | undefined;
  #inner: T | undefined;
  /** Whether what it stands for is another engine's stand-in. */
  #isNested = false;

  /** Takes what makes it of what it stands for, and what tells whether nobody needs it any more. */
  constructor(make: (outer: T) => object, isOver: () => boolean) {
    this.#make = make;
    this.#isOver = isOver;
  }

  /** What functions get for this one of the host's. */
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

  /** Whether this is what functions get. */
  is(value: T | undefined): boolean {
    return value !== undefined && value === this.#inner;
  }

  /** What it stands for, below all stand-ins whose engines have nothing running any more. */
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

/** The value below all stand-ins. */
export function behindStandIns<T>(value: T): T {
  const patched = (value as Patched)[OUTER];
  return patched ? behindStandIns(patched.outer as T) : value;
}

/** False for what a test has put in the place of a host's function. */
export function isHostsOwn(value: object): boolean {
  return Object.keys(behindStandIns(value)).length === 0;
}

/** Whether a function is a part of the host, and not of JavaScript that it runs. */
export function isNative(value: object): boolean {
  return /\[native code\]/.test(
    Function.prototype.toString.call(behindStandIns(value)),
  );
}

/** Gives a stand-in the properties of what it stands for: hosts and fake clocks have some, such as `setTimeout.clock`. */
export function copyProperties(from: object, to: object): void {
  for (const key of Reflect.ownKeys(from)) {
    if (key === "prototype" || key === OUTER) continue;
    const property = Object.getOwnPropertyDescriptor(from, key)!;
    Object.defineProperty(to, key, property);
  }
}
