import { checkToken, tell } from "../at_once.ts";
import type { AuthSource, OnAuthChange } from "./types.ts";

/** How long before its expiry a token is replaced, in ms. */
const LEEWAY_MS = 10_000;
/** How long a question to the provider is shared, in ms: it may never be answered, and another one may. */
const PATIENCE_MS = 60_000;

/** What is known of a token. */
interface Kept {
  /** The token, if it expires. */
  token?: string | undefined;
  /** A token that the deployment refused. */
  refused?: string | undefined;
  /** The token that the provider gave last. */
  given?: string | undefined;
  /**
   * When it is replaced: by the wall clock, which keeps running while the machine sleeps, and by the monotonic clock,
   * which cannot be set.
   */
  dayMs: number;
  ms: number;
  /** How much longer it is valid, in ms. */
  spareMs: number;
  /** Whether the deployment accepts the token, as far as is known. */
  isTaken?: boolean;
  onChange: OnAuthChange | undefined;
}

/**
 * The identity token of the callers. A token that expires (JWT with `exp`) is cached and replaced in time; any other is
 * requested each time. Concurrent requests to the provider are shared.
 */
export class AuthTokens {
  readonly #source: AuthSource | undefined;
  readonly #kept: Kept;
  #asking: Promise<string | undefined> | undefined;
  #askedMs = 0;
  /** Whether the next request demands a new token. */
  #isForced = false;

  /** Requests no token yet. */
  constructor(
    source: AuthSource | undefined,
    onChange?: OnAuthChange,
    kept: Kept = { dayMs: 0, ms: 0, spareMs: 0, onChange },
  ) {
    this.#source = source;
    this.#kept = kept;
  }

  /** The same identity with the current token, for a caller that must not wait for a request of others. */
  fork(): AuthTokens {
    return new AuthTokens(this.#source, undefined, this.#kept);
  }

  /** Whether a new token can be requested. */
  get canReplace(): boolean {
    return typeof this.#source === "function";
  }

  /** Whether an observer still waits to hear, for the first time, whether the deployment accepts the token. */
  get isAwaited(): boolean {
    const { onChange, isTaken } = this.#kept;
    return !!onChange && isTaken === undefined;
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

  /** Records that a token was refused, so that another one is requested. */
  refuse(token: string): void {
    this.#kept.refused = token;
  }

  /**
   * Time until the kept token is to be replaced, in ms, below 0 from then on; `undefined` when there is none, or it
   * cannot be replaced.
   */
  get leftMs(): number | undefined {
    const { token, dayMs, ms } = this.#kept;
    if (!token) return undefined;
    return Math.min(dayMs - Date.now(), ms - performance.now());
  }

  /**
   * The token; `refused` is one that the deployment refused, so that another is requested. Rejects as the provider
   * does, and with `INVALID_ARGUMENT` when that returns none.
   */
  get(
    refused: string | undefined = this.#kept.refused,
  ): string | undefined | Promise<string | undefined> {
    if (typeof this.#source !== "function") return this.#source;
    const { token } = this.#kept;
    if (this.leftMs! > 0 && token !== refused) return token;
    const now = performance.now();
    if (!this.#asking || now - this.#askedMs > PATIENCE_MS) {
      this.#askedMs = now;
      this.#isForced = !!(refused || token);
      const asking = this.#ask(this.#isForced, refused).finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
      this.#asking = asking;
    } else if (refused && !this.#isForced) {
      // Concurrent callers get the same answer, unless it is the refused token.
      return this.#asking.then((token) =>
        token === refused ? this.get(refused) : token
      );
    }
    return this.#asking;
  }

  async #ask(
    forceRefreshToken: boolean,
    refused: string | undefined,
  ): Promise<string | undefined> {
    const source = this.#source as Exclude<AuthSource, string>;
    const kept = this.#kept;
    const askedMs = this.#askedMs;
    try {
      // deno-lint-ignore require-await -- what it throws at once comes late, too: before, nobody can forget the question
      const given = await (async () => source({ forceRefreshToken }))();
      const token = given || undefined;
      if (token) checkToken(token);
      // A later question may have brought a later token.
      if (askedMs !== this.#askedMs) return token;
      kept.given = token;
      if (!token) this.note(false, token);
      const lifetimeMs = lifetime(token);
      kept.token = lifetimeMs === undefined ? undefined : token;
      if (token !== kept.refused) kept.refused = undefined;
      // Of one without a lifetime, which is not kept, no time is read.
      const useMs = Math.max(lifetimeMs! - LEEWAY_MS, lifetimeMs! / 2);
      kept.spareMs = lifetimeMs! - useMs;
      kept.dayMs = Date.now() + useMs;
      kept.ms = performance.now() + useMs;
      return token;
    } catch (error) {
      // It is replaced before it expires: until then, a provider that is down for a moment does no harm.
      if (kept.token !== refused && this.leftMs! > -kept.spareMs) {
        return kept.token;
      }
      throw error;
    }
  }
}

/**
 * Lifetime of a JWT in ms, by its own `iat` and `exp`: the clock of this host may be wrong. `undefined` without `exp`,
 * or where only that clock could tell, and says that the token came too late. The signature is for the server to check.
 */
function lifetime(token: string | undefined): number | undefined {
  try {
    const payload = token!.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/");
    const now = Date.now() / 1000;
    const { exp, iat = now } = JSON.parse(atob(payload));
    return typeof exp === "number" && (exp > now || iat !== now)
      ? Math.max(0, (exp - iat) * 1000)
      : undefined;
  } catch {
    return undefined;
  }
}
