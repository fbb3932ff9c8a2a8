import { isCommitTs } from "./is_commit_ts.ts";
import { compareValues } from "./compare.ts";
import { formatValidator } from "./format_validator.ts";
import { formatValue } from "./format.ts";
import { formatNumber } from "./format_number.ts";
import { jsonToValue } from "./json.ts";
import { isBytes, isFunctionHandle } from "./kinds.ts";
import type { Value } from "./types.ts";
import type { FieldJson, ValidatorJson } from "./validator_json.ts";

export type { FieldJson, ValidatorJson } from "./validator_json.ts";

/** What validation needs to know about the database. */
export interface ValidateOptions {
  /** Name of the table that an id belongs to; undefined for a text that is not an id. */
  tableOfId(id: string): string | undefined;
}

/** The first mismatch of a value with its validator. */
export interface ValidationProblem {
  /**
   * Path from the top, such as `.a[0].b`; empty for the value itself. Like Convex's, it does not tell the names in a
   * record: `.keys()`, `.values()`.
   */
  path: string;
  /** Convex's text: what is wrong, the path and, mostly, the value (cut at 80 characters) and the validator. */
  message: string;
  /** What is wrong: the value is of another kind, a field is missing, or there is one too many. */
  reason: "mismatch" | "missing" | "extra";
  /** The field that is missing, or too many. */
  field?: string | undefined;
  /** The validator at that place. */
  validator: ValidatorJson;
  /** The value at that place. */
  value: Value | undefined;
}

type Fields = { [name: string]: Value | undefined };

/** Checks a value; undefined means a missing one. Returns the first problem, or undefined if the value matches. */
export function validateValue(
  validator: ValidatorJson,
  value: Value | undefined,
  options: ValidateOptions,
): ValidationProblem | undefined {
  return matches(validator, value, options)
    ? undefined
    : explain(validator, value, options, "");
}

/** Whether a value matches, without the cost of finding out why not. */
function matches(
  validator: ValidatorJson,
  value: Value | undefined,
  options: ValidateOptions,
): boolean {
  switch (validator.type) {
    case "any":
      return value !== undefined;
    case "null":
      return value === null;
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "bigint":
    case "commitTs":
      return typeof value === "bigint" ||
        typeof value === "object" && value !== null && isCommitTs(value);
    case "bytes":
      return isBytes(value);
    case "literal":
      return value === validator.value && value !== 0 ||
        value !== undefined &&
          compareValues(value, jsonToValue(validator.value)) === 0;
    case "id":
      return typeof value === "string" &&
        options.tableOfId(value) === validator.tableName;
    case "function":
      return isFunctionHandle(value);
    case "array":
      return Array.isArray(value) &&
        value.every((element) => matches(validator.value, element, options));
    case "union":
      return validator.value.some((member) => matches(member, value, options));
    case "object":
      return isFields(value) && matchesObject(validator.value, value, options);
    case "record":
      return isFields(value) &&
        Object.keys(value).every((name) =>
          value[name] === undefined ||
          matches(validator.keys, name, options) &&
            matches(validator.values.fieldType, value[name], options)
        );
    default:
      return false;
  }
}

function matchesObject(
  fields: { [name: string]: FieldJson },
  value: Fields,
  options: ValidateOptions,
): boolean {
  let known = 0;
  for (const name of Object.keys(fields)) {
    const field = fields[name]!;
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (member === undefined) {
      if (!field.optional) return false;
    } else {
      if (!matches(field.fieldType, member, options)) return false;
      known++;
    }
  }
  let present = 0;
  for (const name of Object.keys(value)) {
    if (value[name] !== undefined) present++;
  }
  return known === present;
}

function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !isBytes(value) && !isCommitTs(value);
}

/** Finds the innermost mismatch. A union is reported as a whole, because no member is more to blame than the others. */
function explain(
  validator: ValidatorJson,
  value: Value | undefined,
  options: ValidateOptions,
  path: string,
): ValidationProblem {
  if (validator.type === "array" && Array.isArray(value)) {
    const at = value.findIndex((element) =>
      !matches(validator.value, element, options)
    );
    return explain(validator.value, value[at], options, `${path}[${at}]`);
  }
  if (validator.type === "object" && isFields(value)) {
    return explainObject(validator, value, options, path);
  }
  if (validator.type === "record" && isFields(value)) {
    for (const name of Object.keys(value)) {
      const member = value[name];
      if (member === undefined) continue;
      if (!matches(validator.keys, name, options)) {
        return explain(validator.keys, name, options, `${path}.keys()`);
      }
      if (!matches(validator.values.fieldType, member, options)) {
        const { fieldType } = validator.values;
        return explain(fieldType, member, options, `${path}.values()`);
      }
    }
  }
  if (validator.type === "id" && typeof value === "string") {
    const table = options.tableOfId(value);
    if (table !== undefined) {
      return problem(
        `Found ID ${
          formatValue(value, formatNumber)
        } from table \`${table}\`, which does not match the table name in validator \`${
          formatValidator(validator)
        }\`.`,
        path,
        value,
        validator,
      );
    }
  }
  if (validator.type === "literal" && value !== undefined) {
    return problem(
      `\`${
        formatValue(value, formatNumber)
      }\` does not match literal validator \`${formatValidator(validator)}\`.`,
      path,
      value,
      validator,
    );
  }
  return problem(
    "Value does not match validator.",
    path,
    value,
    validator,
    { reason: "mismatch" },
    "Value",
  );
}

function explainObject(
  validator: ValidatorJson & { type: "object" },
  value: Fields,
  options: ValidateOptions,
  path: string,
): ValidationProblem {
  const fields = validator.value;
  for (const name of Object.keys(fields)) {
    const { fieldType, optional } = fields[name]!;
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (member === undefined) {
      if (optional) continue;
      return problem(
        `Object is missing the required field \`${name}\`. Consider wrapping the field validator in \`v.optional(...)\` if this is expected.`,
        path,
        value,
        validator,
        { reason: "missing", field: name },
        "Object",
      );
    }
    if (!matches(fieldType, member, options)) {
      return explain(fieldType, member, options, `${path}.${name}`);
    }
  }
  const extra = Object.keys(value).find((name) =>
    value[name] !== undefined && !Object.hasOwn(fields, name)
  );
  return problem(
    `Object contains extra field \`${extra}\` that is not in the validator.`,
    path,
    value,
    validator,
    { reason: "extra", field: extra },
    "Object",
  );
}

/** A problem with Convex's text. `label` tells what the value is called; without it, the text names both itself. */
function problem(
  text: string,
  path: string,
  value: Value | undefined,
  validator: ValidatorJson,
  what: Pick<ValidationProblem, "reason" | "field"> = { reason: "mismatch" },
  label?: "Value" | "Object",
): ValidationProblem {
  const at = path === "" ? "" : `\nPath: ${path}`;
  const shown = label &&
    `${at === "" ? "\n" : ""}\n${label}: ${
      formatValue(value, formatNumber)
    }\nValidator: ${formatValidator(validator)}`;
  return {
    ...what,
    validator,
    value,
    path,
    message: text + at + (shown ?? ""),
  };
}
