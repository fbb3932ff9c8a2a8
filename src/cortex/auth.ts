/** Who calls: checked once, when a `Cortex` is built. */
import { AuthValidationError } from "../errors.ts";
import { isPlainObject } from "./plain_object.ts";
import {
  type Arguments,
  type Check,
  lookUp,
  maxLength,
  must,
  notBlank,
  oneOf,
  optional,
  type Row,
  rules,
  string,
  type Test,
} from "./rule_core.ts";
import type {
  AuthContext,
  AuthContextParams,
  AuthMethod,
} from "./types/config.ts";

const MAX_ID_LENGTH = 256;
const METHODS: readonly string[] = [
  "oauth",
  "api_key",
  "jwt",
  "session",
  "custom",
] satisfies AuthMethod[];

/** A string of 1 to 256 characters; `name` is how its codes call it. */
const id = (name: string): Test[] => [
  string(`INVALID_${name}`),
  notBlank(`EMPTY_${name}`),
  maxLength(`${name}_TOO_LONG`, MAX_ID_LENGTH),
];

const record = (code: string): Test =>
  must(
    code,
    isRecord,
    (field) => `${field} must be an object`,
  );

const rows: readonly Row[] = [
  [
    "userId",
    must(
      "MISSING_USER_ID",
      (_, all) => "userId" in all,
      (field) => `${field} is required`,
    ),
    ...id("USER_ID"),
  ],
  ["tenantId", optional(...id("TENANT_ID"))],
  ["organizationId", optional(...id("ORGANIZATION_ID"))],
  ["sessionId", optional(...id("SESSION_ID"))],
  ["authProvider", optional(string("INVALID_AUTH_PROVIDER"))],
  [
    "authMethod",
    optional(
      string("INVALID_AUTH_METHOD"),
      oneOf("INVALID_AUTH_METHOD_VALUE", METHODS),
    ),
  ],
  [
    "authenticatedAt",
    optional(
      must(
        "INVALID_AUTHENTICATED_AT",
        (ms) => Number.isFinite(ms) && (ms as number) >= 0,
        (field) => `${field} must be a time in ms`,
      ),
    ),
  ],
  ["claims", optional(record("INVALID_CLAIMS"))],
  ["metadata", optional(record("INVALID_METADATA"))],
];

const MEMBERS: readonly string[] = rows.map(([name]) => name);

const check: Check = rules(AuthValidationError, rows);

/**
 * Checks whether a value is an {@link AuthContext}: true, or throws `AuthValidationError` with code and field. A
 * member that is none of a context's is refused, for a misspelt `tenantId` would scope nothing.
 *
 * @example
 * ```ts
 * import { validateAuthContext } from "@cortex/memory";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => validateAuthContext({ userId: "" }), Error, "cannot be empty");
 * ```
 */
export function validateAuthContext(
  context: unknown,
): context is AuthContext {
  if (!isRecord(context)) {
    throw new AuthValidationError(
      "auth must be an object",
      "INVALID_PARAMS",
    );
  }
  check(context as object);
  const unknown = Object.keys(context as object).find((name) =>
    !MEMBERS.includes(name)
  );
  if (unknown !== undefined) {
    throw new AuthValidationError(
      `auth has no member ${JSON.stringify(unknown)}: it has ${
        MEMBERS.join(", ")
      }`,
      "INVALID_PARAMS",
      unknown,
    );
  }
  return true;
}

/**
 * Makes a frozen context of checked members; `claims` and `metadata` are copied, so later changes do not leak in.
 * Throws `AuthValidationError`.
 *
 * @example
 * ```ts
 * import { Cortex, createAuthContext } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const auth = createAuthContext({ userId: "ada", tenantId: "acme" });
 * await using cortex = new Cortex({ auth });
 * assertEquals(cortex.auth?.tenantId, "acme");
 * ```
 */
export function createAuthContext(params: AuthContextParams): AuthContext {
  validateAuthContext(params);
  const given = MEMBERS
    .map((name) => [name, lookUp(params, name)] as const)
    .filter(([, value]) => value !== undefined);
  return Object.freeze(
    deepCopy(Object.fromEntries(given)),
  ) as unknown as AuthContext;
}

/** Copies objects and lists by hand: where the host clones into another realm, its objects would not be plain ones. */
function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isPlainObject(value)) return structuredClone(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, deepCopy(member)]),
  );
}

function isRecord(value: unknown): value is Arguments {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
