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

  /** Asks nothing yet. */
  constructor(source: AuthSource | undefined) {
    this.#source = source;
  }

  /** Whether a new token can be had. */
  get canReplace(): boolean {
    return typeof this.#source === "function";
  }

  /** Notes that a token was refused, so that it is not given again. */
  refuse(token: string): void {
    if (this.#token === token) this.#replaceIn(0);
  }

  /**
   * The token; `refused` is one that the deployment did not take, so that another is wanted. Rejects as its provider
   * does.
   */
  get(refused?: string): string | undefined | Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    const isKept = this.#token !== undefined && this.#token !== refused;
    const { dayMs, ms } = this.#replaceAt;
    if (isKept && Date.now() < dayMs && performance.now() < ms) {
      return this.#token;
    }
    // Who comes while it is asked gets the same answer, unless that is what was refused.
    this.#asking ??= this.#ask(
      refused !== undefined || this.#token !== undefined,
    );
    return this.#asking;
  }

  #replaceIn(ms: number): void {
    this.#replaceAt = { dayMs: Date.now() + ms, ms: performance.now() + ms };
  }

  async #ask(forceRefreshToken: boolean): Promise<string | undefined> {
    const source = this.#source as Exclude<AuthSource, string>;
    try {
      const token = await source({ forceRefreshToken }) ?? undefined;
      const lifetimeMs = token === undefined ? undefined : lifetime(token);
      this.#token = lifetimeMs === undefined ? undefined : token;
      this.#replaceIn(tokenUseMs(lifetimeMs ?? 0));
      return token;
    } finally {
      this.#asking = undefined;
    }
  }
}

/** Time for which a token of this lifetime is used, in ms. */
export function tokenUseMs(lifetimeMs: number): number {
  return Math.max(lifetimeMs - LEEWAY_MS, lifetimeMs / 2);
}

/**
 * Lifetime of a JWT in ms, by its own `iat` and `exp`: the clock of this host may be wrong. `undefined` without `exp`.
 * The signature is the server's affair.
 */
export function lifetime(token: string): number | undefined {
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
