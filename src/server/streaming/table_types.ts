import type { ValidatorJson } from "../../values/validate.ts";
import type { ServedEngine } from "../served_engine.ts";
import { tablePages, userTables } from "../admin/table_data.ts";
import {
  either,
  eitherObject,
  nothing,
  type ObjectType,
  typeOfValue,
} from "./value_types.ts";

/** How many of a table's newest documents its type is inferred from, and how many are read at a time. */
const MAX_DOCUMENTS = 8192;
const PAGE = { numItems: 1024, maximumBytesRead: 4 << 20 };

/** The part of an exported schema that is read. */
interface Schema {
  tables: { tableName: string; documentType: ValidatorJson | null }[];
}

/** Types of the documents of a component's tables: from its schema, or else inferred from the newest documents. */
export async function tableTypes(
  engine: ServedEngine,
  component: string,
): Promise<Map<string, ObjectType | undefined>> {
  const types: Map<string, ObjectType | undefined> = new Map();
  const { tables = [] } = JSON.parse(
    engine.schema!(component) ?? "{}",
  ) as Partial<Schema>;
  for (const name of userTables(engine, component).sort()) {
    const declared = tables.find(({ tableName }) => tableName === name);
    const type = fieldsOf(declared?.documentType ?? undefined) ??
      await foundType(engine, component, name);
    types.set(name, type && withSystemFields(name, type));
  }
  return types;
}

/** Infers the type of a table's documents; undefined if there are none. */
export async function foundType(
  engine: ServedEngine,
  component: string,
  table: string,
): Promise<ObjectType | undefined> {
  const read = { table, order: "desc", page: PAGE } as const;
  const settings = () => ({ component, mayCallInternal: true });
  let type = nothing;
  let count = 0;
  for await (const page of tablePages(engine, read, settings)) {
    type = page.map(typeOfValue).reduce(either, type);
    count += PAGE.numItems;
    if (count >= MAX_DOCUMENTS) break;
  }
  return fieldsOf(type);
}

/** Merges a type into a single object type; undefined if it does not describe fields. */
function fieldsOf(type: ValidatorJson | undefined): ObjectType | undefined {
  if (type?.type === "object") return type;
  if (type?.type !== "union") return undefined;
  const members = type.value.map(fieldsOf);
  return members.length > 0 && members.every((member) => member !== undefined)
    ? (members as ObjectType[]).reduce(eitherObject)
    : undefined;
}

/** Adds the system fields, first; the others are sorted by name. */
export function withSystemFields(
  table: string,
  { value }: ObjectType,
): ObjectType {
  const names = Object.keys(value).filter((name) => !name.startsWith("_"));
  return {
    type: "object",
    value: {
      _creationTime: { fieldType: { type: "number" }, optional: false },
      _id: { fieldType: { type: "id", tableName: table }, optional: false },
      ...Object.fromEntries(names.sort().map((name) => [name, value[name]!])),
    },
  };
}
