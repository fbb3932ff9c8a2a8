import { CommitTsPlaceholder } from "../values/commit_ts.ts";

/** Longest wait for the package, in ms. */
const MAX_WAIT_MS = 1000;

/** The host's own timers, before a test puts fake ones in their place. */
const realSetTimeout = globalThis.setTimeout;
const realClearTimeout = globalThis.clearTimeout;

/**
 * `ctx.db.vars.commitTs` as `convex/values` makes it, so that its functions know it and `instanceof` of its class tells
 * it. Where the package is not to be had, an object of the engine's own does.
 */
export class ConvexCommitTs {
  #commitTs: object | undefined;
  #isReady = false;
  readonly #ready: Promise<void>;

  /** Asks for the package. */
  constructor() {
    this.#ready = import("convex/values").then(
      ({ jsonToConvex }) => {
        this.#commitTs ??= jsonToConvex({ $commitTs: null }) as object;
      },
      () => {},
    ).then(() => void (this.#isReady = true));
  }

  /** The object. */
  get(): object {
    return this.#commitTs ??= new CommitTsPlaceholder();
  }

  /** Waits for the package before the first mutation, however a test holds the time; undefined: it has come. */
  wait(): Promise<void> | undefined {
    if (this.#isReady) return undefined;
    return new Promise((resolve) => {
      const timer = realSetTimeout(resolve, MAX_WAIT_MS);
      this.#ready.then(() => {
        realClearTimeout(timer);
        resolve();
      });
    });
  }
}
