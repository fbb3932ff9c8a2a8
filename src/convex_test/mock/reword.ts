import { type CortexError, isCortexError, ValueError } from "../../errors.ts";
import { cutText } from "../../values/format.ts";
import { MAX_WHERE_LENGTH } from "../../values/copy.ts";
import { METERED } from "../../engine/limits/limit_check.ts";
import {
  TRANSACTION_LIMITS,
  type TransactionLimits,
} from "../../engine/limits/limits.ts";
import type { RangeTerm } from "../../engine/plan/index_range_builder.ts";
import { mockRangeProblem } from "./ranges.ts";
import { isProblem, problemText } from "./problem.ts";

/** The members of an error's data that are used. */
interface Facts {
  name?: string;
  type?: string;
  hasModule?: boolean;
  modules?: number;
  id?: string;
  wanted?: string;
  got?: string | null;
  field?: string;
  was?: string;
  component?: string;
  registered?: string[];
  exported?: string;
  limit?: string;
  value?: number;
  bound?: number;
}

/** The cause of an error about an index range. */
interface WrongRange {
  fields: string[];
  terms: RangeTerm[];
}

/**
 * Converts an error of the engine to a plain one with the message of `convex-test`, for tests that look for that. Other
 * errors stay as they are.
 *
 * @param method The method of `ctx` that threw it.
 */
export function rewordAsMock(error: unknown, method?: string): unknown {
  if (isCortexError(error)) {
    const { message, stack } = error;
    const text = textOf(error, method) ?? message;
    const reworded = new Error(text, causeOf(error));
    if (stack) {
      reworded.stack = stack.replace(
        `${error.name}: ${message}`,
        `Error: ${text}`,
      );
    }
    return reworded;
  }
  return error;
}

/**
 * Like `rewordAsMock`, for errors of a call that begins a transaction or an action: `convex-test` validates its
 * arguments as a list of one, so the path of an invalid value begins with an index.
 */
export function rewordCallAsMock(error: unknown, method?: string): unknown {
  const reworded = rewordAsMock(error, method);
  // An error of a method, such as `runAfter`, is not about such a call.
  if (!method && error instanceof ValueError && reworded instanceof Error) {
    const { path = "" } = error.data as { path?: string };
    if (path.startsWith("arguments of ")) {
      reworded.message = reworded.message.replace(
        /\(present at path (.*) in original object (.*)\)\. To learn/s,
        (_, at, whole) =>
          `(present at path [0]${at} in original object [${whole}]). To learn`,
      );
    }
  }
  return reworded;
}

/**
 * Appends the message of `convex-test` to that of an engine's error, so that tests find the one that they look for.
 * Other errors stay as they are.
 */
export function addMockWords(error: unknown, method?: string): unknown {
  const text = isCortexError(error) ? textOf(error, method) : undefined;
  if (text !== undefined) {
    const { message } = error as CortexError;
    // The error passes here once for each nested call that it leaves.
    if (!message.includes(text)) {
      (error as CortexError).message = inBothWords(message, text);
    }
  }
  return error;
}

/** A message of Convex, followed by that of `convex-test`. */
export function inBothWords(text: string, mock: string): string {
  return `${text}\n\nIn the words of convex-test: ${mock}`;
}

/** The `cause` that `convex-test` gives an error: for a refused result, the problem of its value. */
function causeOf({ code, cause }: CortexError): ErrorOptions {
  return code === "RETURN_VALIDATION" && isProblem(cause)
    ? { cause: new Error(problemText(cause)) }
    : {};
}

/** Gives the message of `convex-test` for an error with a code; undefined where it has none. */
type MessageOf = (
  error: CortexError,
  facts: Facts,
  method: string | undefined,
) => string | undefined;

const MESSAGES: { readonly [code: string]: MessageOf } = {
  ARGUMENT_VALIDATION: ({ cause }) =>
    isProblem(cause) ? problemText(cause) : undefined,
  DOCUMENT_VALIDATION: ({ cause }, facts) =>
    isProblem(cause) ? problemText(cause) : wrongDocument(facts),
  RETURN_VALIDATION: ({ cause }, { type, name }) =>
    isProblem(cause)
      ? `Return value validation failed for ${type} "${name}":\n${
        problemText(cause)
      }`
      : undefined,
  FUNCTION_NOT_FOUND: ({ message }, facts) =>
    facts.name && missingFunction(message, facts.name, facts),
  COMPONENT_NOT_FOUND: (_, facts) => missingComponent(facts),
  FUNCTION_ENDED: () =>
    "No active convexTest context. Make sure you are calling methods on the object returned by convexTest().",
  DOCUMENT_NOT_FOUND: ({ message }, facts) => missingDocument(message, facts),
  INVALID_ID: (_, facts, method) => wrongId(facts, method),
  LIMIT_EXCEEDED: (_, facts) => overLimit(facts),
  DOCUMENT_TOO_LARGE: (_, { value, bound }) =>
    `Value is too large (${value} bytes > maximum size ${bound} bytes)`,
  INDEX_NOT_FOUND: ({ message }, { type }) => missingIndex(message, type),
  INVALID_INDEX_RANGE: ({ cause }) => {
    const { fields, terms } = cause as WrongRange;
    return mockRangeProblem(fields, terms);
  },
};

function textOf(error: CortexError, method?: string): string | undefined {
  const { code, message } = error;
  if (error instanceof ValueError) {
    const { path = "" } = error.data as { path?: string };
    const where = `${cutText(path, MAX_WHERE_LENGTH)}: `;
    return message.startsWith(where) ? message.slice(where.length) : undefined;
  }
  const messageOf = MESSAGES[code];
  if (messageOf) return messageOf(error, (error.data ?? {}) as Facts, method);
  return message.includes("ran multiple paginated queries")
    ? "Only a single paginated query (`.paginate()`) is allowed per query, including nested query calls and component calls. This is a Convex limit: https://docs.convex.dev/database/pagination"
    : undefined;
}

function missingIndex(message: string, type?: string): string | undefined {
  const [, table, index] = /^Index (\w+)\.(\w+) not found/.exec(message) ?? [];
  const kind = type === "vector" ? "vector index" : "index";
  return table &&
    `Cannot use ${kind} "${index}" for table "${table}" because it is not declared in the schema.`;
}

/** The message of `convex-test` for each limit of a transaction that is exceeded. */
const OVER: { readonly [limit in keyof TransactionLimits]: string } = {
  bytesRead: "Read too much data in a single function execution",
  documentsRead: "Scanned too many documents in a single function execution",
  bytesWritten: "Wrote too much data in a single function execution",
  documentsWritten: "Wrote too many documents in a single function execution",
  databaseQueries: "Too many index ranges read in a single function execution",
  functionsScheduled:
    "Scheduled too many functions in a single function execution",
  scheduledFunctionArgsBytes:
    "Scheduled function arguments too large in a single function execution",
  filesWritten: "Too many files stored by this mutation",
  fileWriteBytes: "Too large total size of the files stored by this mutation",
  filesRead: "Too many files read by this mutation",
  fileReadBytes: "Too large total size of the files read by this mutation",
};

function overLimit({ limit: what = "", bound }: Facts): string | undefined {
  const limit = TRANSACTION_LIMITS.find((name) => METERED[name].what === what);
  if (!limit) return undefined;
  const unit = what.startsWith("bytes") ? " bytes" : "";
  return `${
    OVER[limit]
  } (limit: ${bound}${unit}). This is a Convex limit: https://docs.convex.dev/production/state/limits`;
}

function missingComponent({ component, registered = [] }: Facts): string {
  const others = registered.length > 0
    ? `Registered components: ${
      registered.map((path) => `"${path}"`).join(", ")
    }.`
    : "No components have been registered on this `convexTest` instance.";
  return `Component "${component}" is not registered on this \`convexTest\` instance. If it is a published component, import its test helper and call it on \`t\` (e.g. \`import { register } from "<component>/test"; register(t);\`). Otherwise call \`t.registerComponent("${component}", componentSchema, componentModules)\` directly (see https://docs.convex.dev/components/using#testing-components). ${others}`;
}

/**
 * Hint for when there are no modules: Vite 8 interprets a part of the pattern in Convex's documentation differently.
 */
const NO_FILES =
  '\n\nThere are no modules: the pattern of import.meta.glob matches no file. Vite 8 has no !(...), so write ["./**/*.*s", "!./**/*.test.*s"].';

function missingFunction(
  message: string,
  path: string,
  { hasModule = true, modules, exported, type = "any" }: Facts,
): string {
  const colon = path.lastIndexOf(":");
  const [module, name] = [path.slice(0, colon), path.slice(colon + 1)];
  const wrong =
    /as (\w+), but it is defined as/.exec(message)?.[1]?.toLowerCase() ??
      (exported === "function" && type !== "any" ? type : undefined);
  const place = `exported from module "${module}" as \`${name}\``;
  if (wrong !== undefined) {
    const article = wrong === "action" ? "an" : "a";
    return `Expected ${article} ${wrong} function, but the function ${place} is not ${article} ${wrong}.`;
  }
  return hasModule
    ? `Expected a Convex function ${place}, but ${
      exported === undefined ? "there is no such export." : `got: ${exported}`
    }`
    : `Could not find module for: "${module}"${modules === 0 ? NO_FILES : ""}`;
}

function missingDocument(message: string, { id }: Facts): string {
  return message.startsWith("Update")
    ? `Patch on non-existent document with ID "${id}"`
    : message.startsWith("Replace")
    ? `Replace on non-existent document with ID "${id}"`
    : "Delete on non-existent doc";
}

function wrongId({ id, type, wanted, got }: Facts, method?: string): string {
  const what = "Invalid argument `id`";
  if (type !== undefined) {
    const where = method === "get" ? " for `db.get`" : "";
    return `${what}${where}, expected string but got '${type}': ${id}`;
  }
  return typeof got === "string"
    ? `${what}, expected ID in table '${wanted}' but got ID in table '${got}'`
    : `${what}, expected ID value but got '${id}'`;
}

/** The message for a document with wrong system fields, or for a value that is no document. */
function wrongDocument(facts: Facts): string | undefined {
  const { field, got, was, type, name } = facts;
  if (type !== undefined) {
    return name === "insert"
      ? undefined
      : `Invalid argument \`value\` in \`db.${name}\`, expected object but got '${type}': ${got}`;
  }
  if (field === undefined) return undefined;
  if (was === undefined) {
    return `Validator error: Unexpected field \`${field}\` in object`;
  }
  return `Provided \`${field}\` field value ${got} does not match ${
    field === "_id"
      ? `the document ID "${was}"`
      : `the document's creation time ${was}`
  }`;
}
