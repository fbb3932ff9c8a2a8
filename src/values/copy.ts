import { ValueError } from "../errors.ts";
import { isCommitTs } from "./is_commit_ts.ts";
import { fieldNameProblem } from "./field_name.ts";
import { cutText, formatValue, MAX_TEXT_LENGTH } from "./format.ts";
import { isBytes, isPlainObject } from "./kinds.ts";
import {
  MAX_ARGS_BYTES,
  MAX_INT64,
  MIN_INT64,
  VALUE_LIMITS,
  type ValueLimits,
} from "./limits.ts";
import type { Value } from "./types.ts";

/** Longest path in a message, in characters. */
export const MAX_WHERE_LENGTH = 200;

/** Longest text of a whole value in a message, in characters. */
const MAX_WHOLE_LENGTH = 500;

/** State of a copy: the path from the top, and how many values may still be visited. */
interface Copying {
  readonly where: string;
  readonly whole: unknown;
  readonly path: (string | number)[];
  readonly limits: ValueLimits;
  visitsLeft: number;
}

/**
 * Copies a value deeply and checks it, so that the copy shares nothing with the original. Drops undefined members,
 * copies bytes. Visits each element once.
 *
 * @param input the value to copy; may be anything
 * @param where name of the value for messages, such as `args`
 * @param limits limits of the value; default: Convex's
 * @throws {ValueError} `INVALID_VALUE`, naming the path, for anything that Convex cannot hold: undefined, a function, a
 * symbol, a Date, Map, Set, typed array or other class instance, a string with half a surrogate pair, a bigint beyond
 * 64 bits, a field name that starts with `$` or is not printable ASCII, an array over 8192 elements, an object over
 * 1024 fields, nesting over 64 levels (so also a cycle), more than 16 Mi values
 */
export function copyValue(
  input: unknown,
  where: string,
  limits: ValueLimits = VALUE_LIMITS,
): Value {
  const visitsLeft = MAX_ARGS_BYTES;
  return copyAny(input, { where, whole: input, path: [], limits, visitsLeft });
}

/**
 * Copies the arguments of a call like {@link copyValue}; undefined means no arguments.
 *
 * @throws {ValueError} `INVALID_VALUE` as {@link copyValue}, and for anything that is not a plain object
 */
export function copyArgs(
  input: unknown,
  where: string,
  limits: ValueLimits = VALUE_LIMITS,
): { [name: string]: Value } {
  if (input === undefined) return {};
  const visitsLeft = MAX_ARGS_BYTES;
  const state = { where, whole: input, path: [], limits, visitsLeft };
  if (!isPlainObject(input)) {
    const got = typeof input === "object"
      ? formatValue(input)
      : cutText(String(input), MAX_TEXT_LENGTH);
    throw invalid(
      state,
      `The arguments to a Convex function must be an object. Received: ${got}`,
    );
  }
  return copyObject(input, state);
}

function copyAny(input: unknown, state: Copying): Value {
  switch (typeof input) {
    case "string":
      if (input.isWellFormed()) return input;
      throw invalid(
        state,
        `expected well-formed Unicode, got half a surrogate pair in ${
          formatValue(input)
        }`,
      );
    case "number":
    case "boolean":
      return input;
    case "bigint":
      if (input >= MIN_INT64 && input <= MAX_INT64) return input;
      throw invalid(
        state,
        `BigInt ${
          cutText(String(input), MAX_TEXT_LENGTH)
        } does not fit into a 64-bit signed integer.`,
      );
    case "object":
      return input === null ? null : copyContainer(input, state);
    case "undefined":
      throw unsupported(state, "undefined is not a valid Convex value");
    default:
      throw unsupported(
        state,
        `${kindOf(input)} is not a supported Convex type`,
      );
  }
}

function copyContainer(input: object, state: Copying): Value {
  if (Array.isArray(input)) return copyArray(input, state);
  if (isPlainObject(input)) return copyObject(input, state);
  if (!isBytes(input)) {
    if (isCommitTs(input)) return input as unknown as Value;
    throw unsupported(state, `${kindOf(input)} is not a supported Convex type`);
  }
  try {
    return input.slice(0);
  } catch {
    throw invalid(state, "the ArrayBuffer was transferred away (detached)");
  }
}

function copyArray(input: readonly unknown[], state: Copying): Value[] {
  const { length } = input;
  const { arrayLength } = state.limits;
  if (length > arrayLength) {
    throw invalid(
      state,
      `Array length is too long (${length} > maximum length ${arrayLength})`,
    );
  }
  enter(state, length);
  const out = new Array<Value>(length);
  const { path } = state;
  for (let i = 0; i < length; i++) {
    const element = input[i];
    // No bookkeeping for numbers, because embeddings are long arrays of them.
    if (typeof element === "number") {
      out[i] = element;
      continue;
    }
    path.push(i);
    // As on Convex, a place that was never set is null, unlike one that is set to undefined.
    out[i] = i in input ? copyAny(element, state) : null;
    path.pop();
  }
  return out;
}

function copyObject(
  input: { [name: string]: unknown },
  state: Copying,
): { [name: string]: Value } {
  // Sorted, as Convex passes values on.
  const names = Object.keys(input).sort();
  enter(state, names.length);
  const out: { [name: string]: Value } = {};
  const { path } = state;
  let fields = 0;
  for (const name of names) {
    const member = input[name];
    if (member === undefined) continue;
    fields++;
    const problem = fieldNameProblem(name);
    if (problem !== undefined) throw invalid(state, problem);
    path.push(name);
    out[name] = copyAny(member, state);
    path.pop();
  }
  const { objectFields } = state.limits;
  if (fields > objectFields) {
    throw invalid(
      state,
      `Object has too many fields (${fields} > maximum number ${objectFields})`,
    );
  }
  return out;
}

/** Enters a container. The path has one step for each container around it. */
function enter(state: Copying, length: number): void {
  const { valueNesting } = state.limits;
  if (state.path.length >= valueNesting) {
    throw invalid(
      state,
      `Value is too nested (nested ${
        valueNesting + 1
      } levels deep > maximum nesting ${valueNesting}): it is that deep or refers to itself`,
    );
  }
  // Shared references can expand to more than fits in memory without being deeply nested.
  state.visitsLeft -= length;
  if (state.visitsLeft < 0) {
    throw invalid(state, `more than ${MAX_ARGS_BYTES} values in all`);
  }
}

/** Makes Convex's error for an unsupported value: where it is, and within which value. */
function unsupported(state: Copying, problem: string): ValueError {
  if (state.path.length === 0) return invalid(state, `${problem}.`);
  return invalid(
    state,
    `${problem} (present at path ${
      cutText(pathText(state.path), MAX_WHERE_LENGTH)
    } in original object ${
      wholeText(state.whole)
    }). To learn about Convex's supported types, see https://docs.convex.dev/using/types.`,
  );
}

/** A value's class and content, as Convex shows them. */
function kindOf(input: unknown): string {
  if (input instanceof Map || input instanceof Set) {
    return `${input instanceof Map ? "Map" : "Set"}${wholeText([...input])}`;
  }
  const name = Object(input).constructor?.name;
  return `${name ? `${name} ` : ""}${wholeText(input)}`;
}

/** JSON of any value, with words for values that JSON lacks. */
function wholeText(value: unknown): string {
  let text: string | undefined;
  let visits = 0;
  try {
    text = JSON.stringify(value, (_name, member) => {
      // Shared references can expand to more than fits in memory.
      if (++visits > MAX_WHOLE_LENGTH) return "…";
      switch (typeof member) {
        case "undefined":
          return "undefined";
        case "bigint":
          return `${member}n`;
        case "function":
          return "[Function]";
        case "symbol":
          return String(member);
        default:
          return member;
      }
    });
  } catch {
    text = formatValue(value);
  }
  return cutText(text ?? String(value), MAX_WHOLE_LENGTH);
}

function pathText(path: readonly (string | number)[]): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`)
    .join("");
}

function invalid(state: Copying, reason: string): ValueError {
  const path = state.where + pathText(state.path);
  return new ValueError(
    "INVALID_VALUE",
    `${cutText(path, MAX_WHERE_LENGTH)}: ${reason}`,
    { data: { path } },
  );
}
