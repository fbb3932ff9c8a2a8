import { checkToken, tell } from "../at_once.ts";
import type { AuthSource, OnAuthChange } from "./types.ts";

/** Time before its end at which a token is replaced, in ms. */
const LEEWAY_MS = 10_000;

/** What is known of a token. */
interface Kept {
  /** It, when it has an end. */
  token?: string | undefined;
  /** One that the deployment did not take. */
  refused?: string | undefined;
  /** The one that its provider gave last. */
  given?: string | undefined;
  /**
   * When it is replaced: by the wall clock, which runs on while the machine sleeps, and by a monotonic one, which
   * nobody sets.
   */
  dayMs: number;
  ms: number;
  /** Whether the deployment takes what is given, as far as that is known. */
  isTaken?: boolean;
  onChange: OnAuthChange | undefined;
}

/**
 * The identity token of those who call. A token with an end (JWT with `exp`) is kept and replaced in time; one without
 * is asked for each time. Askers share one question.
 */
export class AuthTokens {
  readonly #source: AuthSource | undefined;
  readonly #kept: Kept;
  #asking: Promise<string | undefined> | undefined;
  /** Whether a new one is asked for. */
  #isForced = false;

  /** Asks nothing yet. */
  constructor(
    source: AuthSource | undefined,
    onChange?: OnAuthChange,
    kept: Kept = { dayMs: 0, ms: 0, onChange },
  ) {
    this.#source = source;
    this.#kept = kept;
  }

  /** The same identity with the token known so far, for a caller that must not wait for what others asked for. */
  fork(): AuthTokens {
    return new AuthTokens(this.#source, undefined, this.#kept);
  }

  /** Whether a new token can be had. */
  get canReplace(): boolean {
    return typeof this.#source === "function";
  }

  /** Whether an observer still waits to hear, for the first time, whether the deployment accepts the token. */
  get isAwaited(): boolean {
    const { onChange, isTaken } = this.#kept;
    return onChange !== undefined && isTaken === undefined;
  }

  /** Records whether the deployment accepts a token, and reports a change. Verdicts on older tokens are ignored. */
  note(isTaken: boolean, token: string | undefined): void {
    const kept = this.#kept;
    if (this.canReplace && token !== kept.given) return;
    if (kept.isTaken === isTaken) return;
    kept.isTaken = isTaken;
    tell(kept.onChange, isTaken);
  }

  /** Stops reporting: another identity has taken over. */
  mute(): void {
    this.#kept.onChange = undefined;
  }

  /** Notes that a token was refused, so that another is asked for. */
  refuse(token: string): void {
    this.#kept.refused = token;
  }

  /** Time until the kept token is to be replaced, in ms; `undefined` when there is none, or no other can be had. */
  get leftMs(): number | undefined {
    const { token, dayMs, ms } = this.#kept;
    if (token === undefined) return undefined;
    return Math.max(0, Math.min(dayMs - Date.now(), ms - performance.now()));
  }

  /**
   * The token; `refused` is one that the deployment did not take, so that another is wanted. Rejects as its provider
   * does, and with `INVALID_ARGUMENT` when that gives none.
   */
  get(
    refused: string | undefined = this.#kept.refused,
  ): string | undefined | Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    const { token } = this.#kept;
    if (this.leftMs! > 0 && token !== refused) return token;
    if (this.#asking === undefined) {
      this.#isForced = refused !== undefined || token !== undefined;
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
    const kept = this.#kept;
    try {
      // deno-lint-ignore require-await -- what it throws at once comes late, too: before, nobody can forget the question
      const given = await (async () => source({ forceRefreshToken }))();
      const token = given === null || given === "" ? undefined : given;
      if (token !== undefined) checkToken(token);
      kept.given = token;
      if (token === undefined) this.note(false, token);
      const lifetimeMs = token === undefined ? undefined : lifetime(token);
      kept.token = lifetimeMs === undefined ? undefined : token;
      if (token !== kept.refused) kept.refused = undefined;
      const useMs = lifetimeMs === undefined
        ? 0
        : Math.max(lifetimeMs - LEEWAY_MS, lifetimeMs / 2);
      kept.dayMs = Date.now() + useMs;
      kept.ms = performance.now() + useMs;
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
