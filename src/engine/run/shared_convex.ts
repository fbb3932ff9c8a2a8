/** `globalThis.Convex`, as far as this looks at it. */
interface Convex {
  [method: string]: (this: unknown, ...args: unknown[]) => unknown;
}

/** An engine whose functions run at this moment. */
interface Sharer {
  convex: object;
  /** Whether the code that asks is part of one of them. */
  owns: () => boolean;
}

/** What engines whose functions run at the same time have in common. */
interface Shared {
  /** Those that came last are last. */
  running: Sharer[];
  /** What `Convex` was before the first of them. */
  outer: object | undefined;
}

/** Where an engine's `Convex` keeps what it shares with those of other engines. */
const SHARED = Symbol.for("cortex.convex");

/**
 * One engine's part in `globalThis.Convex`, which others may put theirs into and take out again in any order, as tests
 * that run at the same time do.
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
      // A new one is cheaper than to see whether an old one is still of use.
      this.#shared = { running: [this.#own], outer: undefined };
    } else {
      this.#shared = there[SHARED] ?? { running: [], outer: there };
      this.#shared.running.push(this.#own);
    }
    const { convex } = this.#own;
    (convex as { [SHARED]?: Shared })[SHARED] = this.#shared;
    host.Convex = convex;
  }

  /** Removes it. What other code has put there meanwhile stays. */
  leave(): void {
    const { running, outer } = this.#shared;
    const at = running.lastIndexOf(this.#own);
    if (at >= 0) running.splice(at, 1);
    if (this.#host.Convex !== this.#own.convex) return;
    // Not deleted: that would slow down the next few uses of every global.
    this.#host.Convex = running.at(-1)?.convex ?? outer;
  }

  /** Leaves nothing behind, not even the name. */
  close(): void {
    if (this.#host.Convex === undefined) delete this.#host.Convex;
  }

  /** What answers code that is part of no function of this engine: the one of its own, or what was there before. */
  other(): Convex | undefined {
    const { running, outer } = this.#shared;
    const found = running.findLast((other) =>
      other !== this.#own && other.owns()
    );
    return (found?.convex ?? outer) as Convex | undefined;
  }
}
