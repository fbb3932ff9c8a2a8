/** The part of `globalThis.Convex` that is used. */
interface Convex {
  [method: string]: (this: unknown, ...args: unknown[]) => unknown;
}

/** An engine whose functions are running. */
interface Sharer {
  convex: object;
  /** Whether the calling code is part of one of them. */
  owns: () => boolean;
}

/** State shared by the engines whose functions are running. */
interface Shared {
  /** In the order in which they entered. */
  running: Sharer[];
  /** The value of `Convex` before the first of them. */
  outer: object | undefined;
}

/** Key of the shared state in each engine's `Convex`. */
const SHARED = Symbol.for("cortex.convex");

/**
 * One engine's part in `globalThis.Convex`. Several engines may enter and leave in any order, as in tests that run
 * concurrently.
 */
export class SharedConvex {
  readonly #host: { Convex?: object | undefined } = globalThis as object;
  readonly #own: Sharer;
  #shared: Shared = { running: [], outer: undefined };

  /** Takes the engine's own, and a test for whether the running code is part of one of its functions. */
  constructor(convex: object, owns: () => boolean) {
    this.#own = { convex, owns };
  }

  /** Puts it in place. */
  enter(): void {
    const host = this.#host;
    if (!("Convex" in host)) {
      const property = { value: undefined, writable: true, configurable: true };
      Object.defineProperty(host, "Convex", property);
    }
    const there = host.Convex as { [SHARED]?: Shared } | undefined;
    if (there === undefined) {
      // Creating one is cheaper than checking whether the old one is still in use.
      this.#shared = { running: [this.#own], outer: undefined };
    } else {
      this.#shared = there[SHARED] ?? { running: [], outer: there };
      this.#shared.running.push(this.#own);
    }
    const { convex } = this.#own;
    (convex as { [SHARED]?: Shared })[SHARED] = this.#shared;
    host.Convex = convex;
  }

  /** Removes it, unless other code has replaced it meanwhile. */
  leave(): void {
    const { running, outer } = this.#shared;
    const at = running.lastIndexOf(this.#own);
    if (at >= 0) running.splice(at, 1);
    if (this.#host.Convex !== this.#own.convex) return;
    // Not deleted: that would slow down the next few uses of every global.
    this.#host.Convex = running.at(-1)?.convex ?? outer;
  }

  /** Removes even the name `Convex`. */
  close(): void {
    if (this.#host.Convex === undefined) delete this.#host.Convex;
  }

  /**
   * The `Convex` for code outside of this engine's functions: that of the engine it belongs to, or what was there
   * before.
   */
  other(): Convex | undefined {
    const { running, outer } = this.#shared;
    const found = running.findLast((other) =>
      other !== this.#own && other.owns()
    );
    return (found?.convex ?? outer) as Convex | undefined;
  }
}
