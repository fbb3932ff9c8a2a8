import { EngineError, isCortexError } from "../errors.ts";
import { formatValue } from "../values/format.ts";
import type { ValidationProblem } from "../values/validate.ts";
import type { ValidatorJson } from "../values/validator_json.ts";

/**
 * An error of the engine with the text that `convex-test` has for it, so that tests which look for that find it.
 * Others stay as they are.
 *
 * @param method Method of `ctx.db` that has thrown it.
 * @param args Its arguments.
 */
export function mockWording(
  error: unknown,
  method?: string,
  args: readonly unknown[] = [],
): unknown {
  if (!isCortexError(error) || error.cause instanceof EngineError) return error;
  const text = textOf(error, method, args);
  return text === undefined
    ? error
    : new EngineError(error.code, text, { data: error.data, cause: error });
}

function textOf(
  { code, message, data, cause }: EngineError,
  method: string | undefined,
  args: readonly unknown[],
): string | undefined {
  const { name, type, hasModule } = (data ?? {}) as {
    name?: string;
    type?: string;
    hasModule?: boolean;
  };
  switch (code) {
    case "ARGUMENT_VALIDATION":
      return isProblem(cause)
        ? `Validator error: ${problem(cause)}`
        : undefined;
    case "DOCUMENT_VALIDATION":
      return isProblem(cause)
        ? `Validator error: ${problem(cause)}`
        : undefined;
    case "RETURN_VALIDATION":
      return isProblem(cause)
        ? `Return value validation failed for ${type} "${name}":\nValidator error: ${
          problem(cause)
        }`
        : undefined;
    case "FUNCTION_NOT_FOUND":
      return name && missingFunction(message, name, hasModule);
    case "DOCUMENT_NOT_FOUND":
      return missingDocument(method, args);
    case "INVALID_ID":
      return wrongId(message, method, args);
    case "LIMIT_EXCEEDED":
      return limit(message);
    case "INDEX_NOT_FOUND": {
      const [, table, index] = /^Index (\w+)\.(\w+) not found/.exec(message) ??
        [];
      return table &&
        `Cannot use index "${index}" for table "${table}" because it is not declared in the schema.`;
    }
    case "INVALID_INDEX_RANGE": {
      const [, got, first] =
        /comparison with "([^"]+)".* fields are \["([^"]+)"/s.exec(message) ??
          [];
      return got &&
        `Incorrect field used in \`withIndex\`, expected "${first}", got "${got}"`;
    }
    default:
      return message.includes("ran multiple paginated queries")
        ? "Only a single paginated query (`.paginate()`) is allowed per function execution."
        : undefined;
  }
}

function limit(message: string): string | undefined {
  const [, what = "", bound] =
    /^number of (.+) in one transaction is .*the limit is (.+)$/.exec(
      message,
    ) ?? [];
  const texts: { [what: string]: string } = {
    "bytes read": "Read too much data",
    "documents read": "Scanned too many documents",
    "bytes written": "Wrote too much data",
    "documents written": "Wrote too many documents",
    "index ranges read": "Too many index ranges read",
    "functions scheduled": "Scheduled too many functions",
    "bytes of arguments of scheduled functions":
      "Scheduled function arguments too large",
  };
  if (!Object.hasOwn(texts, what)) return undefined;
  const unit = what.startsWith("bytes") ? " bytes" : "";
  return `${
    texts[what]
  } in a single function execution (limit: ${bound}${unit}). This is a Convex limit: https://docs.convex.dev/production/state/limits`;
}

function isProblem(cause: unknown): cause is ValidationProblem {
  return typeof cause === "object" && cause !== null && "validator" in cause;
}

function problem({ reason, field, validator, value }: ValidationProblem) {
  if (reason === "missing") {
    return `Missing required field \`${field}\` in object`;
  }
  if (reason === "extra") return `Unexpected field \`${field}\` in object`;
  if (validator.type === "id" && typeof value === "string") {
    return `Expected ID for table "${validator.tableName}", got \`${value}\``;
  }
  const got = typeof value === "object" && value !== null ||
      validator.type === "union"
    ? json(value)
    : String(value);
  return validator.type === "union"
    ? `Expected one of ${
      validator.value.map(({ type }) => type).join(", ")
    }, got \`${got}\``
    : `Expected \`${expected(validator)}\`, got \`${got}\``;
}

function expected(validator: ValidatorJson): string {
  switch (validator.type) {
    case "id":
      return "string";
    case "bytes":
      return "ArrayBuffer";
    case "array":
      return "Array";
    case "commitTs":
      return "v.commitTs()";
    case "literal":
      return String(validator.value);
    default:
      return validator.type;
  }
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return formatValue(value);
  }
}

function missingFunction(
  message: string,
  path: string,
  hasModule = true,
): string {
  const colon = path.lastIndexOf(":");
  const [module, name] = [path.slice(0, colon), path.slice(colon + 1)];
  const wrong = /as (\w+), but it is defined as/.exec(message)?.[1];
  const exported = `exported from module "${module}" as \`${name}\``;
  if (wrong !== undefined) {
    const article = wrong === "action" ? "an" : "a";
    return `Expected ${article} ${wrong} function, but the function ${exported} is not ${article} ${wrong}.`;
  }
  return hasModule
    ? `Expected a Convex function ${exported}, but there is no such export.`
    : `Could not find module for: "${module}"`;
}

function missingDocument(
  method: string | undefined,
  args: readonly unknown[],
): string | undefined {
  const id = method === "delete" ? args.at(-1) : args.at(-2);
  switch (method) {
    case "patch":
      return `Patch on non-existent document with ID "${id}"`;
    case "replace":
      return `Replace on non-existent document with ID "${id}"`;
    case "delete":
      return "Delete on non-existent doc";
    default:
      return undefined;
  }
}

function wrongId(
  message: string,
  method: string | undefined,
  args: readonly unknown[],
): string | undefined {
  const values = method === "patch" || method === "replace" ? 1 : 0;
  const id = args.at(-1 - values);
  if (typeof id !== "string") {
    return `Invalid argument \`id\`, expected string but got '${typeof id}': ${id}`;
  }
  const [, wanted, got] = /Id<"(\w+)">, got Id<"(\w+)">/.exec(message) ?? [];
  return wanted === undefined
    ? `Invalid argument \`id\`, expected ID value but got '${id}'`
    : `Invalid argument \`id\`, expected ID in table '${wanted}' but got ID in table '${got}'`;
}
