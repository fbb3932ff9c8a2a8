/** Validates an auth context, once, when a `Cortex` is built. */
import { AuthValidationError } from "../../errors.ts";
import { unknownOption } from "../../unknown_option.ts";
import { isPlainObject } from "../../values/kinds.ts";
import {
  current,
  got,
  isBlank,
  isRecord,
  MISSING_USER_ID,
} from "../rules/shown.ts";
import type {
  AuthContext,
  AuthContextParams,
  AuthMethod,
} from "../types/config.ts";

const MAX_ID_LENGTH = 256;
const METHODS: readonly string[] = [
  "oauth",
  "api_key",
  "jwt",
  "session",
  "custom",
] satisfies AuthMethod[];

/** What is wrong with a member, as code and message; undefined if nothing is. */
type Fault = readonly [code: string, says: string] | undefined;

/** Checks a member. `name` is its name in error codes, such as `USER_ID` for `userId`. */
type Test = (value: unknown, name: string) => Fault;

const string: Test = (value, name) =>
  typeof value === "string"
    ? undefined
    : [`INVALID_${name}`, ` is required and must be a string: ${got(value)}`];

/** A string of 1 to 256 characters that is not blank. */
const id: Test = (value, name) => {
  if (typeof value !== "string") return string(value, name);
  if (isBlank(value)) {
    return [`EMPTY_${name}`, ` cannot be empty: ${got(value)}`];
  }
  return value.length <= MAX_ID_LENGTH ? undefined : [
    `${name}_TOO_LONG`,
    ` cannot exceed ${MAX_ID_LENGTH} characters: it has ${value.length}`,
  ];
};

const method: Test = (value, name) =>
  string(value, name) ??
    (METHODS.includes(value as string) ? undefined : [
      `INVALID_${name}_VALUE`,
      ` must be one of ${METHODS.join(", ")}; ${current(value)}`,
    ]);

const timeMs: Test = (value, name) =>
  Number.isFinite(value) && (value as number) >= 0
    ? undefined
    : [`INVALID_${name}`, " must be a time in ms"];

const record: Test = (value, name) =>
  isRecord(value) ? undefined : [`INVALID_${name}`, " must be an object"];

const tests: Readonly<Record<keyof AuthContextParams, Test>> = {
  userId: id,
  tenantId: id,
  organizationId: id,
  sessionId: id,
  authProvider: string,
  authMethod: method,
  authenticatedAt: timeMs,
  claims: record,
  metadata: record,
};

const MEMBERS = Object.keys(tests) as (keyof AuthContextParams)[];

/** Throws `AuthValidationError` if a member cannot have the value; undefined means absent. */
export function checkMember(
  member: keyof AuthContextParams,
  value: unknown,
): void {
  if (value === undefined && member !== "userId") return;
  const name = member.replace(/[A-Z]/g, "_$&").toUpperCase();
  const fault = tests[member](value, name);
  if (fault) throw new AuthValidationError(member + fault[1], fault[0], member);
}

/**
 * Returns true for a valid {@link AuthContext}, otherwise throws `AuthValidationError` with code and field. Unknown
 * members are refused, because a misspelt `tenantId` would scope nothing.
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
      `auth must be an object: ${got(context)}`,
      "INVALID_PARAMS",
    );
  }
  if (!("userId" in context)) {
    throw new AuthValidationError(
      "userId is required",
      MISSING_USER_ID,
      "userId",
    );
  }
  for (const member of MEMBERS) checkMember(member, context[member]);
  const unknown = unknownOption("auth", context, tests);
  if (unknown !== undefined) {
    throw new AuthValidationError(
      unknown.text,
      "INVALID_PARAMS",
      unknown.name,
    );
  }
  return true;
}

/**
 * Returns a frozen, validated context; `claims` and `metadata` are copied, so later changes do not affect it. Throws
 * `AuthValidationError`.
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
    .map((name) => [name, params[name]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, copyOf(name, value)]);
  return Object.freeze(Object.fromEntries(given)) as AuthContext;
}

function copyOf(name: string, value: unknown): unknown {
  try {
    return deepCopy(value);
  } catch {
    throw new AuthValidationError(
      `${name} must be an object that can be copied: it contains a function, or itself`,
      `INVALID_${name.toUpperCase()}`,
      name,
    );
  }
}

/** Copies objects and arrays by hand: some hosts clone into another realm, whose objects would not count as plain. */
function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isPlainObject(value)) return structuredClone(value);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, deepCopy(member)]),
  );
}
