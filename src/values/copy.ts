import { ValueError } from "../errors.ts";
import { isCommitTs } from "./is_commit_ts.ts";
import { fieldNameProblem } from "./field_name.ts";
import { constructorName, cutText, formatValue } from "./format.ts";
import { isBytes, isPlainObject } from "./kinds.ts";
import {
  MAX_ARGS_BYTES,
  MAX_INT64,
  MIN_INT64,
  VALUE_LIMITS,
  type ValueLimits,
} from "./limits.ts";
import type { Value } from "./types.ts";

/** Where a copy stands: the path from the top, and what it may still visit. */
interface Copying {
  readonly where: string;
  readonly path: (string | number)[];
  readonly limits: ValueLimits;
  visitsLeft: number;
}

/**
 * Copies a value deeply and checks it on the way, so that nobody else holds a part of the copy. Undefined members are
 * dropped, bytes are copied. Costs one visit of each element.
 *
 * @param input what to copy: anything
 * @param where name of the value for messages, such as `args`
 * @param limits how large the value may be; default: as Convex has it
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
  return copyAny(input, { where, path: [], limits, visitsLeft });
}

/**
 * Copies the arguments of a call as {@link copyValue} does; undefined stands for no arguments.
 *
 * @throws {ValueError} `INVALID_VALUE` as {@link copyValue}, and for anything that is not a plain object
 */
export function copyArgs(
  input: unknown,
  where: string,
  limits: ValueLimits = VALUE_LIMITS,
): { [name: string]: Value } {
  if (input === undefined) return {};
  const state = { where, path: [], limits, visitsLeft: MAX_ARGS_BYTES };
  if (!isPlainObject(input)) {
    throw invalid(
      state,
      `the arguments to a Convex function must be an object, got ${
        formatValue(input)
      }`,
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
          formatValue(input)
        } does not fit into a 64-bit signed integer`,
      );
    case "object":
      return input === null ? null : copyContainer(input, state);
    case "undefined":
      throw invalid(state, "undefined is not a valid Convex value");
    default:
      throw unsupported(state, typeof input, input);
  }
}

function copyContainer(input: object, state: Copying): Value {
  if (Array.isArray(input)) return copyArray(input, state);
  if (isPlainObject(input)) return copyObject(input, state);
  if (!isBytes(input)) {
    if (isCommitTs(input)) return input as unknown as Value;
    throw unsupported(state, constructorName(input), input);
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
      `an array can have at most ${arrayLength} elements, this one has ${length}`,
    );
  }
  enter(state, length);
  const out = new Array<Value>(length);
  const { path } = state;
  for (let i = 0; i < length; i++) {
    const element = input[i];
    // Embeddings are long arrays of numbers: no bookkeeping for them.
    if (typeof element === "number") {
      out[i] = element;
      continue;
    }
    path.push(i);
    out[i] = copyAny(element, state);
    path.pop();
  }
  return out;
}

function copyObject(
  input: { [name: string]: unknown },
  state: Copying,
): { [name: string]: Value } {
  // Sorted, as Convex hands values on.
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
      `an object can have at most ${objectFields} fields, this one has ${fields}`,
    );
  }
  return out;
}

/** Notes that a container is entered: the path holds one step for each container around this one. */
function enter(state: Copying, length: number): void {
  const { valueNesting } = state.limits;
  if (state.path.length >= valueNesting) {
    throw invalid(
      state,
      `a value can be nested at most ${valueNesting} levels deep; this one is deeper or refers to itself`,
    );
  }
  // Shared references can unfold to more than memory holds without being deep.
  state.visitsLeft -= length;
  if (state.visitsLeft < 0) {
    throw invalid(state, `more than ${MAX_ARGS_BYTES} values in all`);
  }
}

function unsupported(state: Copying, kind: string, input: unknown): ValueError {
  const text = formatValue(input);
  return invalid(
    state,
    `${
      text.startsWith("[") && !Array.isArray(input) ? kind : `${kind} ${text}`
    } is not a supported Convex type`,
  );
}

function invalid(state: Copying, reason: string): ValueError {
  let path = state.where;
  for (const step of state.path) {
    path += typeof step === "number" ? `[${step}]` : `.${step}`;
  }
  return new ValueError("INVALID_VALUE", `${cutText(path, 200)}: ${reason}`, {
    data: { path },
  });
}
