import { EngineError } from "../../errors.ts";
import { formatJson } from "../../values/format_json.ts";
import type { ValidatorJson } from "../../values/validate.ts";
import type { DocumentEncoder } from "./document_encoder.ts";
import type { IdSource } from "../ids.ts";
import { rowPrefix } from "../keys.ts";
import { CONVEX_LIMITS, type EngineLimits } from "../limits/limits.ts";

/** Version of the row layout. A store with a greater one is refused. */
export const FORMAT_VERSION = 1;
const SYSTEM_TABLES = ["_storage", "_scheduled_functions"];

/** User tables are numbered from here, as on Convex, so that ids have the usual length. */
const FIRST_TABLE_NUMBER = 10_001;

/** An index by field values. */
export interface FieldIndex {
  /** `table.index`, for messages. */
  label: string;
  /** Names of the indexed fields, the last being `_creationTime`. */
  fields: readonly string[];
  /** For the fields before `_creationTime`, the indexes in the table's `paths`. */
  slots: readonly number[];
  /** Beginning of its rows' keys. */
  prefix: string;
}

/** A text search index. */
export interface SearchIndex {
  /** `table.index`, for messages. */
  label: string;
  /** The field with the text. */
  field: string;
  /** Path of the text. */
  path: readonly string[];
  /** Fields that searches may filter on. */
  filterFields: readonly string[];
  /** Paths of the filter fields. */
  filterPaths: readonly (readonly string[])[];
  /** Beginning of its rows' keys. */
  prefix: string;
}

/** A vector index. */
export interface VectorIndexInfo extends SearchIndex {
  /** Length of its vectors. */
  dimensions: number;
}

/** A table with its indexes and validator. */
export interface Table {
  /** Name. */
  name: string;
  /** Number that its ids carry. */
  number: number;
  /** Beginning of its documents' keys. */
  prefix: string;
  /** Length of its ids, in characters. */
  idLength: number;
  /** Type of its documents; undefined if they are not checked. */
  validator: ValidatorJson | undefined;
  /** Compiled from `validator` at the first write. */
  encoder: DocumentEncoder | undefined;
  /** Paths of all fields in `indexes`, without duplicates. */
  paths: (readonly string[])[];
  /** Indexes by field values, by name. */
  indexes: Map<string, FieldIndex>;
  /** Text search indexes, by name. */
  searchIndexes: Map<string, SearchIndex>;
  /** Vector indexes, by name. */
  vectorIndexes: Map<string, VectorIndexInfo>;
  /** Names of staged indexes, which queries cannot use yet. */
  stagedIndexes: Set<string>;
}

/** The stored form of an index: equal definitions have equal rows. */
export interface StoredIndex {
  /** Number in the keys of its rows. */
  number: number;
  /** Kind of its rows. */
  kind: "i" | "t" | "v";
  /** Its definition as JSON, to detect changes. */
  definition: string;
}

/** The catalog row. */
export interface StoredCatalog {
  /** Version of the row layout. */
  format: number;
  /** Next table number. */
  nextTable: number;
  /** Next index number. */
  nextIndex: number;
  /** Tables of the app, by name. */
  tables: StoredTables;
  /** Tables of components, by the component's path. */
  components?: { [path: string]: StoredTables };
  /** Set while index rows are dropped and created: if it is still there, some may belong to no index. */
  isChanging?: true;
}

/** The stored form of the tables of the app or of one component, by name. */
export interface StoredTables {
  [name: string]: {
    number: number;
    /** JSON of the type that all of its documents were last checked against. */
    checkedType?: string;
    indexes: { [name: string]: StoredIndex };
  };
}

/** The catalog row in memory, shared by the catalogs of the app and of its components. */
export class CatalogRow {
  /** The persisted part. */
  readonly stored: StoredCatalog;
  /** Whether `stored` differs from the row in the store. The next commit writes it. */
  dirty = false;

  /** Takes the stored row; undefined for an empty store. */
  constructor(stored: StoredCatalog | undefined) {
    this.stored = stored ?? {
      format: FORMAT_VERSION,
      nextTable: FIRST_TABLE_NUMBER,
      nextIndex: 1,
      tables: {},
    };
  }

  /** The tables of a component; `""` is the app. */
  tablesOf(component: string): StoredTables {
    if (component === "") return this.stored.tables;
    const components = this.stored.components ??= {};
    // A component may be named like what every object inherits, such as `constructor`.
    if (!Object.hasOwn(components, component)) components[component] = {};
    return components[component]!;
  }

  /** The indexes of all tables. */
  indexes(): StoredIndex[] {
    return this.#parts()
      .flatMap((tables) => Object.values(tables))
      .flatMap(({ indexes }) => Object.values(indexes));
  }

  /** Name of the system table that has this number anywhere: on Convex, it has the same one in every component. */
  systemTable(number: number): string | undefined {
    const parts = this.#parts();
    return SYSTEM_TABLES.find((name) =>
      parts.some((tables) => tables[name]?.number === number)
    );
  }

  /** The tables of the app and of each component. */
  #parts(): StoredTables[] {
    const { tables, components = {} } = this.stored;
    return [tables, ...Object.values(components)];
  }
}

/** The tables and indexes of the app or of one component, by name and by number. */
export class Catalog {
  /** The row that this is a part of. */
  readonly row: CatalogRow;
  /** Path of the component; `""` is the app. */
  readonly component: string;
  /** The stored form of these tables. */
  readonly stored: StoredTables;
  /** Limits of tables and documents. */
  readonly limits: EngineLimits;
  /** Decodes the table number of ids. */
  readonly ids: IdSource;
  readonly #tables: Map<string, Table> = new Map();
  readonly #names: Map<number, string> = new Map();

  /** Builds the catalog of a component from its row; `""` is the app. */
  constructor(
    row: CatalogRow,
    component: string,
    ids: IdSource,
    limits: EngineLimits = CONVEX_LIMITS,
  ) {
    this.ids = ids;
    this.limits = limits;
    this.row = row;
    this.component = component;
    this.stored = row.tablesOf(component);
    for (const name of Object.keys(this.stored)) this.#register(name);
  }

  /** Every table. */
  tables(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** A table by name, if it exists. */
  find(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  /** The table that an id belongs to, if it exists here. */
  ofId(id: string): Table | undefined {
    const name = this.nameOfId(id);
    return name ? this.#tables.get(name) : undefined;
  }

  /**
   * Name of the table that an id belongs to; null for a table that does not exist; undefined for a text that is no id.
   */
  nameOfId(id: string): string | null | undefined {
    const table = this.ids.tableOf(id);
    if (typeof table !== "number") return table;
    return this.#names.get(table) ?? this.row.systemTable(table) ?? null;
  }

  /** A table by name, created if it does not exist. */
  ensure(name: string): Table {
    const found = this.#tables.get(name);
    if (found) return found;
    if (!isSystemTable(name)) checkIdentifier("table", name);
    this.stored[name] = { number: this.row.stored.nextTable++, indexes: {} };
    this.row.dirty = true;
    return this.#register(name);
  }

  #register(name: string): Table {
    const { number } = this.stored[name]!;
    const table: Table = {
      name,
      number,
      prefix: rowPrefix("d", number),
      idLength: this.ids.lengthFor({ name, number }),
      validator: undefined,
      encoder: undefined,
      paths: [],
      indexes: new Map(),
      searchIndexes: new Map(),
      vectorIndexes: new Map(),
      stagedIndexes: new Set(),
    };
    this.#tables.set(name, table);
    this.#names.set(number, name);
    return table;
  }
}

/** Whether it is the name of a system table, which functions can read and only the engine writes. */
function isSystemTable(name: string): boolean {
  return SYSTEM_TABLES.includes(name);
}

/** Whether it is a valid name of a table or an index: a letter, then letters, digits or `_`, at most 64 in all. */
export function isIdentifier(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(name);
}

/** Throws `INVALID_NAME` for an invalid name of a table or an index. */
export function checkIdentifier(what: string, name: string): void {
  if (isIdentifier(name)) return;
  throw new EngineError(
    "INVALID_NAME",
    `${what} name must be a letter followed by at most 63 letters, digits or underscores, got ${
      formatJson(name)
    }`,
  );
}
