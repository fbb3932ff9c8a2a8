import { checkToken } from "../at_once.ts";
import type { AuthSource } from "./types.ts";

/** Time before its end at which a token is replaced, in ms. */
const LEEWAY_MS = 10_000;

/**
 * The identity token of those who call. A token with an end (JWT with `exp`) is kept and replaced in time; one without
 * is asked for each time. Askers share one question.
 */
export class AuthTokens {
  readonly #source: AuthSource | undefined;
  #token: string | undefined;
  /** By the clock of the day, which goes on while the machine sleeps, and by the one that nobody sets. */
  #replaceAt = { dayMs: 0, ms: 0 };
  #asking: Promise<string | undefined> | undefined;
  /** Whether a new one is asked for. */
  #isForced = false;
  #refused: string | undefined;

  /** Asks nothing yet. */
  constructor(source: AuthSource | undefined) {
    this.#source = source;
  }

  /** Whether a new token can be had. */
  get canReplace(): boolean {
    return typeof this.#source === "function";
  }

  /** Notes that a token was refused, so that another is asked for. */
  refuse(token: string): void {
    this.#refused = token;
  }

  /** Time until the kept token is to be replaced, in ms; `undefined` when there is none, or no other can be had. */
  get leftMs(): number | undefined {
    if (this.#token === undefined) return undefined;
    const { dayMs, ms } = this.#replaceAt;
    return Math.max(0, Math.min(dayMs - Date.now(), ms - performance.now()));
  }

  /**
   * The token; `refused` is one that the deployment did not take, so that another is wanted. Rejects as its provider
   * does, and with `INVALID_ARGUMENT` when that gives none.
   */
  get(
    refused: string | undefined = this.#refused,
  ): string | undefined | Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    if (this.leftMs! > 0 && this.#token !== refused) return this.#token;
    if (this.#asking === undefined) {
      this.#isForced = refused !== undefined || this.#token !== undefined;
      this.#asking = this.#ask(this.#isForced);
    } else if (refused !== undefined && !this.#isForced) {
      // Who comes while it is asked gets the same answer, unless that is what was refused.
      return this.#asking.then((token) =>
        token === refused ? this.get(refused) : token
      );
    }
    return this.#asking;
  }

  async #ask(forceRefreshToken: boolean): Promise<string | undefined> {
    const source = this.#source as Exclude<AuthSource, string>;
    try {
      const given = await source({ forceRefreshToken });
      const token = given === null || given === "" ? undefined : given;
      if (token !== undefined) checkToken(token);
      const lifetimeMs = token === undefined ? undefined : lifetime(token);
      this.#token = lifetimeMs === undefined ? undefined : token;
      if (token !== this.#refused) this.#refused = undefined;
      const useMs = lifetimeMs === undefined
        ? 0
        : Math.max(lifetimeMs - LEEWAY_MS, lifetimeMs / 2);
      this.#replaceAt = {
        dayMs: Date.now() + useMs,
        ms: performance.now() + useMs,
      };
      return token;
    } finally {
      this.#asking = undefined;
    }
  }
}

/**
 * Lifetime of a JWT in ms, by its own `iat` and `exp`: the clock of this host may be wrong. `undefined` without `exp`.
 * The signature is the server's affair.
 */
function lifetime(token: string): number | undefined {
  try {
    const payload = token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    const { exp, iat = Date.now() / 1000 } = JSON.parse(atob(payload));
    return typeof exp === "number"
      ? Math.max(0, (exp - iat) * 1000)
      : undefined;
  } catch {
    return undefined;
  }
}
