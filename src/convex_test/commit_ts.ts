import { CommitTsPlaceholder } from "../values/commit_ts.ts";
import { realClearTimeout, realSetTimeout } from "./real_timers.ts";

/** Longest wait for the package, in ms. */
const MAX_WAIT_MS = 1000;

/** What is needed of the package. */
type Values = { jsonToConvex(json: { $commitTs: null }): unknown };

/**
 * `ctx.db.vars.commitTs` as `convex/values` makes it, so that its functions know it and `instanceof` of its class tells
 * it. Where the package is not to be had, or is older than such times, an object of the engine's own does.
 */
export class ConvexCommitTs {
  #commitTs: object | undefined;
  #isReady = false;
  readonly #ready: Promise<void>;

  /** Asks for the package. */
  constructor(values: () => Promise<Values> = () => import("convex/values")) {
    this.#ready = values().then(({ jsonToConvex }) => {
      this.#commitTs ??= jsonToConvex({ $commitTs: null }) as object;
    }).catch(() => {}).then(() => void (this.#isReady = true));
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
