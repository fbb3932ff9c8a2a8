/**
 * Finds an owner's rows from the schema, so that a table added later is erased too, if its fields are named and indexed
 * like the others.
 *
 * @module
 */
import schema from "../../schema.ts";
import type { TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import type { IndexRange } from "../paging/walk.ts";

/** A table's index on a field, after the tenant or alone. */
export interface TracedField {
  readonly table: TableName;
  /** Path of the field, such as `participants.userId`. */
  readonly field: string;
  /** Index that begins with the tenant and the field, if there is one. */
  readonly index?: string;
  /** The next field of the index. */
  readonly by: string;
}

interface FieldJson {
  fieldType: {
    type: string;
    tableName?: string;
    value?: { [name: string]: FieldJson };
  };
}

interface Definition {
  validator: { json: { value?: { [name: string]: FieldJson } } };
  " indexes"(): { indexDescriptor: string; fields: string[] }[];
}

const USER_FIELD = /(^|\.)(user|\w+User)Id$/;

/** Every field of every table that names a user. */
export function userFields(): TracedField[] {
  return fieldsNamed(USER_FIELD);
}

/** Every field of every table that names the memory space that the row belongs to. */
export function spaceFields(): TracedField[] {
  return fieldsNamed(/^memorySpaceId$/);
}

/** Ranges of the rows in which one of the fields has a given value. */
export function rangesOf(
  scope: Scope,
  fields: readonly TracedField[],
  value: string,
): IndexRange<TableName>[] {
  return fields.flatMap(({ table, field, index, by }) =>
    index === undefined ? [] : [{
      table,
      index,
      by,
      equals: [["tenantId", scope.tenantId], [field, value]],
    }]
  );
}

/** Tables whose rows belong to a row of this table and are deleted with it: those with a field that holds its `_id`. */
export function dependentsOf(table: TableName): TracedField[] {
  return tables().flatMap(([name, definition]) =>
    stringFields(definition, "id")
      .filter(({ tableName }) => tableName === table)
      .map(({ path }) => traced(name, definition, [path], path))
  );
}

/** The value at a path of a row. */
export function valueAt(row: object, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    row,
  );
}

function fieldsNamed(name: RegExp): TracedField[] {
  return tables().flatMap(([table, definition]) =>
    stringFields(definition, "string")
      .filter(({ path }) => name.test(path))
      .map(({ path }) => traced(table, definition, ["tenantId", path], path))
  );
}

/** The index that begins with the fields and continues with a number, or with nothing. */
function traced(
  table: TableName,
  definition: Definition,
  start: readonly string[],
  field: string,
): TracedField {
  const found = definition[" indexes"]().find(({ fields }) =>
    start.every((name, at) => fields[at] === name) &&
    isNumber(definition, fields[start.length])
  );
  return {
    table,
    field,
    by: found?.fields[start.length] ?? "_creationTime",
    ...(found !== undefined && { index: found.indexDescriptor }),
  };
}

function isNumber(definition: Definition, field: string | undefined): boolean {
  if (field === undefined) return true;
  return definition.validator.json.value?.[field]?.fieldType.type === "number";
}

function stringFields(
  definition: Definition,
  type: string,
): { path: string; tableName?: string }[] {
  const found: { path: string; tableName?: string }[] = [];
  const visit = (fields: { [name: string]: FieldJson }, above: string) => {
    for (const [name, { fieldType }] of Object.entries(fields)) {
      const path = above + name;
      if (fieldType.type === type) {
        found.push({
          path,
          ...(fieldType.tableName !== undefined &&
            { tableName: fieldType.tableName }),
        });
      }
      if (fieldType.type === "object") visit(fieldType.value ?? {}, `${path}.`);
    }
  };
  visit(definition.validator.json.value ?? {}, "");
  return found;
}

function tables(): [TableName, Definition][] {
  return Object.entries(schema.tables as unknown as Record<string, Definition>)
    .map(([name, definition]) => [name as TableName, definition]);
}
