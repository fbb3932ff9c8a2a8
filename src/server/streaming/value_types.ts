import { isPlainObject } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";
import type { FieldJson, ValidatorJson } from "../../values/validate.ts";

/** A type of objects. */
export type ObjectType = Extract<ValidatorJson, { type: "object" }>;

/** The type without values. */
export const nothing: ValidatorJson = { type: "union", value: [] };

/** An object with more fields is described as a record. */
const MAX_FIELDS = 64;

/** Infers the type of a value. */
export function typeOfValue(value: Value): ValidatorJson {
  if (value === null) return { type: "null" };
  if (Array.isArray(value)) {
    return {
      type: "array",
      value: value.map(typeOfValue).reduce(either, nothing),
    };
  }
  if (isPlainObject(value)) {
    return objectType(value as { [name: string]: Value });
  }
  const type = value instanceof ArrayBuffer ? "bytes" : typeof value;
  return { type } as ValidatorJson;
}

function objectType(value: { [name: string]: Value }): ValidatorJson {
  const fields = Object.entries(value).map(([name, member]) =>
    [name, { fieldType: typeOfValue(member), optional: false }] as const
  );
  if (fields.length <= MAX_FIELDS) {
    return { type: "object", value: Object.fromEntries(fields) };
  }
  const fieldType = fields.map(([, field]) => field.fieldType)
    .reduce(either, nothing);
  const keys: ValidatorJson = { type: "string" };
  return { type: "record", keys, values: { fieldType, optional: false } };
}

/** The union of two types. */
export function either(
  one: ValidatorJson,
  other: ValidatorJson,
): ValidatorJson {
  const members: ValidatorJson[] = [];
  for (const type of [...membersOf(one), ...membersOf(other)]) {
    const at = members.findIndex((known) => known.type === type.type);
    const joined = at < 0 ? undefined : join(members[at]!, type);
    if (joined) members[at] = joined;
    else members.push(type);
  }
  return members.length === 1 ? members[0]! : { type: "union", value: members };
}

/** Merges two object types: fields that are not in both become optional. */
export function eitherObject(one: ObjectType, other: ObjectType): ObjectType {
  const value: { [name: string]: FieldJson } = {};
  for (
    const name of new Set(
      [one, other].flatMap((type) => Object.keys(type.value)),
    )
  ) {
    const [here, there] = [one.value[name], other.value[name]];
    value[name] = here && there
      ? {
        fieldType: either(here.fieldType, there.fieldType),
        optional: here.optional || there.optional,
      }
      : { ...(here ?? there)!, optional: true };
  }
  return { type: "object", value };
}

function membersOf(type: ValidatorJson): ValidatorJson[] {
  return type.type === "union" ? type.value.flatMap(membersOf) : [type];
}

/** Merges two types of the same kind into one; undefined if they cannot be merged. */
function join(
  one: ValidatorJson,
  other: ValidatorJson,
): ValidatorJson | undefined {
  if (one.type === "object" && other.type === "object") {
    return eitherObject(one, other);
  }
  if (one.type === "array" && other.type === "array") {
    return { type: "array", value: either(one.value, other.value) };
  }
  if (one.type === "record" && other.type === "record") {
    const fieldType = either(one.values.fieldType, other.values.fieldType);
    return { ...one, values: { ...one.values, fieldType } };
  }
  return JSON.stringify(one) === JSON.stringify(other) ? one : undefined;
}
