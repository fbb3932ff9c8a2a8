import type { UserIdentity } from "../../engine/engine.ts";
import type { FailureReport } from "../failure_report.ts";
import type { Value } from "../../values/types.ts";

/** Who makes a call. */
export interface Caller {
  /** The user; null: anonymous. */
  identity: UserIdentity | null;
  /** Whether the admin key was given: an admin may call internal functions and act as any user. */
  isAdmin: boolean;
  /** When the token expires, in ms since 1970. */
  expiresAtMs?: number;
  /** The user's token. */
  token?: string;
}

/** The content of a verified token. */
export interface VerifiedToken {
  /** Its user. */
  identity: UserIdentity;
  /** When it expires, in ms since 1970. */
  expiresAtMs?: number | undefined;
}

/** Verifies a token: its signature, issuer, audience and times. Rejects with an `Error` that says what is wrong. */
export type VerifyToken = (token: string) => Promise<VerifiedToken>;

/**
 * A token that was rejected.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { AuthFault, createConvexServer } from "@cortex/memory/server";
 *
 * await using engine = openEngine({ modules: {} });
 * // Tokens of your own making, instead of `jwtVerifier(authConfig)`
 * const server = createConvexServer(engine, {
 *   verifyToken: (token) =>
 *     Promise.reject(new AuthFault("InvalidToken", `nobody knows ${token}`)),
 * });
 * const headers = { authorization: "Bearer abc" };
 * const response = await server.handle(
 *   new Request("http://localhost/api/query", { method: "POST", headers, body: "{}" }),
 * );
 * console.log(response.status, await response.json());
 * ```
 */
export class AuthFault extends Error {
  /** Error code, as on Convex. */
  readonly code: string;

  /** The cause is for the operator of the server: clients do not see it. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a caller without admin rights who names a component: only the app may call into it. */
export const COMPONENT_REFUSAL =
  "only an admin can call the functions of a component";

const nobody: Caller = { identity: null, isAdmin: false };

/** Identifies callers, by tokens and the admin key. */
export class Callers {
  readonly #verify: VerifyToken | undefined;
  readonly #adminKey: string | undefined;
  readonly #report: FailureReport;

  /**
   * Without `verify`, no token is accepted; without an admin key, there are no admins. `report` receives failures to
   * verify a token that are not the token's fault.
   */
  constructor(
    verify: VerifyToken | undefined,
    adminKey: string | undefined,
    report: FailureReport,
  ) {
    if (adminKey === "") {
      throw new TypeError(
        "adminKey must not be empty: it would let everybody in",
      );
    }
    this.#verify = verify;
    this.#report = report;
    this.#adminKey = adminKey;
  }

  /** The caller of a token. Throws `AuthFault`. */
  async identify(
    { tokenType, value, impersonating }: {
      tokenType: "User" | "Admin" | "None";
      value: string;
      impersonating?: { [name: string]: Value };
    },
  ): Promise<Caller> {
    if (tokenType === "None") return nobody;
    if (tokenType === "Admin") {
      return {
        isAdmin: this.#checkAdminKey(value),
        identity: impersonating ? actingAs(impersonating) : null,
      };
    }
    if (!this.#verify) {
      throw new AuthFault(
        "NoAuthProvider",
        "No auth provider found matching the given token (no providers configured). Check convex/auth.config.ts.",
      );
    }
    try {
      return { ...await this.#verify(value), isAdmin: false, token: value };
    } catch (error) {
      if (error instanceof AuthFault) {
        if (error.cause !== undefined) this.#report(error);
        throw error;
      }
      throw new AuthFault(
        "InvalidAuthHeader",
        `Could not verify token: ${(error as Error).message}`,
      );
    }
  }

  /** The caller of a request, by its `Authorization` header. Throws `AuthFault`. */
  async ofRequest(request: Request): Promise<Caller> {
    const header = request.headers.get("authorization");
    if (header === null) return nobody;
    const space = header.indexOf(" ");
    const scheme = header.slice(0, space).toLowerCase();
    const value = header.slice(space + 1).trim();
    if (scheme === "bearer") {
      return await this.identify({ tokenType: "User", value });
    }
    if (scheme === "convex") return this.#ofAdminHeader(value);
    throw new AuthFault(
      "InvalidAuthHeader",
      'The Authorization header must begin with "Bearer " or "Convex "',
    );
  }

  #ofAdminHeader(value: string): Promise<Caller> {
    // What follows the key and a colon is the user to act as. Keys may begin with `prod:`, base64 holds no colon.
    const colon = value.lastIndexOf(":");
    if (colon < 0 || this.#isAdminKey(value)) {
      return this.identify({ tokenType: "Admin", value });
    }
    const key = value.slice(0, colon);
    this.#checkAdminKey(key);
    let impersonating: { [name: string]: Value };
    try {
      const bytes = Uint8Array.from(
        atob(value.slice(colon + 1)),
        (character) => character.charCodeAt(0),
      );
      impersonating = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new AuthFault(
        "InvalidAuthHeader",
        "What follows the admin key must be the base64 of a JSON object",
      );
    }
    return this.identify({
      tokenType: "Admin",
      value: key,
      impersonating,
    });
  }

  #isAdminKey(key: string): boolean {
    return this.#adminKey !== undefined && isEqual(key, this.#adminKey);
  }

  #checkAdminKey(key: string): true {
    if (this.#isAdminKey(key)) return true;
    throw new AuthFault(
      "BadAdminKey",
      "The provided admin key was invalid for this instance",
    );
  }
}

/** Compares in constant time for keys of the same length. */
function isEqual(given: string, right: string): boolean {
  let difference = given.length ^ right.length;
  for (let at = 0; at < right.length; at++) {
    difference |= given.charCodeAt(at) ^ right.charCodeAt(at);
  }
  return difference === 0;
}

function actingAs(attributes: { [name: string]: Value }): UserIdentity {
  const { subject, issuer, tokenIdentifier } = attributes ?? {};
  if (typeof subject !== "string" || typeof issuer !== "string") {
    throw new AuthFault(
      "InvalidAuthHeader",
      "The user to act as needs a subject and an issuer",
    );
  }
  return {
    ...attributes,
    subject,
    issuer,
    tokenIdentifier: typeof tokenIdentifier === "string"
      ? tokenIdentifier
      : `${issuer}|${subject}`,
  };
}
