import { CommitTsPlaceholder } from "../values/commit_ts.ts";
import { realClearTimeout, realSetTimeout } from "./real_host.ts";

/** Longest wait for the package, in ms. */
const MAX_WAIT_MS = 1000;

/** The part of the package that is used. */
type Values = { jsonToConvex(json: { $commitTs: null }): unknown };

/**
 * `ctx.db.vars.commitTs` as an object of `convex/values`, so that its functions, and `instanceof` its class, recognise
 * it. If the package is missing, or too old, an object of the engine's own is used.
 */
export class ConvexCommitTs {
  #commitTs: object | undefined;
  #isReady = false;
  readonly #ready: Promise<void>;

  /** Starts loading the package. */
  constructor(values: () => Promise<Values> = () => import("convex/values")) {
    this.#ready = values().then(({ jsonToConvex }) => {
      this.#commitTs ??= jsonToConvex({ $commitTs: null }) as object;
    }).catch(() => {}).then(() => void (this.#isReady = true));
  }

  /** The object. */
  get(): object {
    return this.#commitTs ??= new CommitTsPlaceholder();
  }

  /** Waits for the package, even if a test has stopped the clock; undefined if it is loaded. */
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
