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

/** Documents of a table that are looked at for what they are like, the newest ones, and how many at a time. */
const MAX_DOCUMENTS = 8192;
const PAGE = { numItems: 1024, maximumBytesRead: 4 << 20 };

/** As much as is read here of what `defineSchema` of `convex/server` exports. */
interface Schema {
  tables: { tableName: string; documentType: ValidatorJson | null }[];
}

/** What the documents of the tables of a component are like: as its schema says, otherwise as the newest of them are. */
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

/** What the documents of a table are like that are there; undefined: there are none. */
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

/** A type of documents as one of objects; undefined when it says nothing of their fields. */
function fieldsOf(type: ValidatorJson | undefined): ObjectType | undefined {
  if (type?.type === "object") return type;
  if (type?.type !== "union") return undefined;
  const members = type.value.map(fieldsOf);
  return members.length > 0 && members.every((member) => member !== undefined)
    ? (members as ObjectType[]).reduce(eitherObject)
    : undefined;
}

/** With the fields that every document has, first; the others by their names. */
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
