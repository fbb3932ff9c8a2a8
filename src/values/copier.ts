/**
 * Compiles validators to functions that check and copy a value in one pass.
 *
 * They handle the usual case. Anything else (an invalid value, a rare kind of validator, a limit that comes near) is
 * left to `copyValue` and `validateValue`, which check thoroughly and say what is wrong.
 *
 * @module
 */

import { copyPlain, type CopyState, isTooLarge } from "./copy_plain.ts";
import { fieldNameProblem } from "./field_name.ts";
import { isFunctionHandle, isPlainObject } from "./kinds.ts";
import type { ValueLimits } from "./limits.ts";
import type { Value } from "./types.ts";
import type { FieldJson, ValidatorJson } from "./validator_json.ts";

export type { CopyState } from "./copy_plain.ts";

/** Options of {@link compileCopier}. */
export interface CopierOptions {
  /** Name of the table that an id belongs to; undefined for a text that is not an id. */
  tableOfId(id: string): string | undefined;
  /** Limits of a value; a copier gives up on values that may exceed them. */
  limits: ValueLimits;
  /** Whether to sort the fields of objects by name, as `stringifyValue` does; otherwise they keep their order. */
  sorted: boolean;
}

/**
 * Copies a value that matches its validator, without undefined members. Returns undefined for every other value, and
 * for some that would match. Adds what it finds to the state.
 */
export type Copier = (value: unknown, state: CopyState) => Value | undefined;

/** Compiles a validator. Costs about as much as checking one value. */
export function compileCopier(
  validator: ValidatorJson,
  options: CopierOptions,
): Copier {
  return compile(validator, options, options.limits.valueNesting);
}

/** `levels` is how many nested containers are still allowed. */
function compile(
  validator: ValidatorJson,
  options: CopierOptions,
  levels: number,
): Copier {
  switch (validator.type) {
    case "string":
      return copyText;
    case "number":
      return (value, state) =>
        typeof value === "number"
          ? copyPlain(value, state, 0, false)
          : undefined;
    case "boolean":
      return (value, state) =>
        typeof value === "boolean"
          ? copyPlain(value, state, 0, false)
          : undefined;
    case "bigint":
    case "commitTs":
      return (value, state) =>
        typeof value === "bigint"
          ? copyPlain(value, state, 0, false)
          : undefined;
    case "null":
      return (value, state) => {
        if (value !== null) return undefined;
        state.bytes += 1;
        return null;
      };
    case "literal":
      return literal([validator.value]);
    case "id": {
      const { tableName } = validator;
      return (value, state) =>
        typeof value === "string" && options.tableOfId(value) === tableName
          ? copyText(value, state)
          : undefined;
    }
    case "function":
      return (value, state) =>
        isFunctionHandle(value) ? copyText(value, state) : undefined;
    case "any": {
      // Most values of one function have the same fields.
      const seen = { names: [] };
      return (value, state) =>
        copyPlain(value, state, levels, options.sorted, seen);
    }
    case "array":
      return levels > 0
        ? array(compile(validator.value, options, levels - 1))
        : nothing;
    case "union":
      return union(validator.value, options, levels);
    case "object":
      return levels > 0 ? object(validator.value, options, levels) : nothing;
    default:
      return nothing;
  }
}

function nothing(): undefined {
  return undefined;
}

function copyText(value: unknown, state: CopyState): string | undefined {
  if (typeof value !== "string" || !value.isWellFormed()) return undefined;
  state.bytes += 2 + 3 * value.length;
  return value;
}

/** One of several literals. Only texts and booleans: numbers and int64 compare by their bits. */
function literal(values: readonly unknown[]): Copier {
  const isSimple = values.every((value) =>
    typeof value === "string" || typeof value === "boolean"
  );
  if (!isSimple) return nothing;
  const all = new Set<unknown>(values);
  return (value, state) =>
    all.has(value) ? copyPlain(value, state, 0, false) : undefined;
}

function union(
  members: readonly ValidatorJson[],
  options: CopierOptions,
  levels: number,
): Copier {
  const literals = members.map((member) =>
    member.type === "literal" ? member.value : undefined
  );
  if (literals.every((value) => value !== undefined)) return literal(literals);
  const copiers = members.map((member) => compile(member, options, levels));
  return (value, state) => {
    for (const copier of copiers) {
      const copy = copier(value, state);
      if (copy !== undefined) return copy;
    }
    return undefined;
  };
}

function array(element: Copier): Copier {
  return (value, state) => {
    if (!Array.isArray(value) || value.length > state.limits.arrayLength) {
      return undefined;
    }
    if (isTooLarge(state)) return undefined;
    // Not `new Array(length)`, which has holes; see `copyPlain`.
    const out: Value[] = [];
    for (let i = 0; i < value.length; i++) {
      const copy = element(value[i], state);
      if (copy === undefined) return undefined;
      out.push(copy);
    }
    return out;
  };
}

interface Field {
  name: string;
  copier: Copier;
  optional: boolean;
}

function object(
  fields: { [name: string]: FieldJson },
  options: CopierOptions,
  levels: number,
): Copier {
  const names = Object.keys(fields);
  // A name that every object inherits could be mistaken for a field.
  const isSimple = names.every((name) =>
    fieldNameProblem(name) === undefined && !(name in Object.prototype)
  );
  if (!isSimple || names.length > options.limits.objectFields) return nothing;
  const compiled = names.map((name): Field => ({
    name,
    copier: compile(fields[name]!.fieldType, options, levels - 1),
    optional: fields[name]!.optional,
  }));
  return options.sorted ? sortedObject(compiled) : orderedObject(compiled);
}

/** Copies fields in the order of their names. */
function sortedObject(fields: Field[]): Copier {
  fields.sort((a, b) => a.name < b.name ? -1 : 1);
  return (value, state) => {
    if (!isPlainObject(value) || isTooLarge(state)) return undefined;
    const out: { [name: string]: Value } = {};
    let known = 0;
    for (let i = 0; i < fields.length; i++) {
      const { name, copier, optional } = fields[i]!;
      const member = value[name];
      if (member === undefined) {
        if (optional) continue;
        return undefined;
      }
      const copy = copier(member, state);
      if (copy === undefined) return undefined;
      out[name] = copy;
      state.bytes += name.length + 1;
      known++;
    }
    let present = 0;
    for (const name of Object.keys(value)) {
      if (value[name] !== undefined) present++;
      else state.bytes++;
    }
    return present === known ? out : undefined;
  };
}

/** Copies fields in the value's own order. */
function orderedObject(fields: readonly Field[]): Copier {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const required = fields.filter((field) => !field.optional).length;
  return (value, state) => {
    if (!isPlainObject(value) || isTooLarge(state)) return undefined;
    const out: { [name: string]: Value } = {};
    let missing = required;
    for (const name of Object.keys(value)) {
      const member = value[name];
      state.bytes += name.length + 1;
      if (member === undefined) continue;
      const field = byName.get(name);
      if (field === undefined) return undefined;
      const copy = field.copier(member, state);
      if (copy === undefined) return undefined;
      out[name] = copy;
      if (!field.optional) missing--;
    }
    return missing === 0 ? out : undefined;
  };
}
