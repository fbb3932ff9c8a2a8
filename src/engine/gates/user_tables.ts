import type { Components } from "../components/components.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import type { Table } from "../schema/catalog.ts";

/** A table that is no system table. */
export interface UserTable {
  /** Path of its component; `""` is the app. */
  component: string;
  /** The table. */
  table: Table;
}

/** The tables of all components, without system tables. */
export class UserTables {
  readonly #components: Components;
  /** By the table number in keys; undefined for a system table. */
  readonly #byNumber: Map<string, UserTable | undefined> = new Map();

  /** Takes the app and its components. */
  constructor(components: Components) {
    this.#components = components;
  }

  /** All of them, by their numbers. */
  all(): UserTable[] {
    const found: UserTable[] = [];
    for (const { path, database } of this.#components.all()) {
      for (const table of database.catalog.tables()) {
        const place = { component: path, table };
        const isSystem = table.name.startsWith("_");
        if (!isSystem) found.push(place);
        const number = table.prefix.slice(1);
        this.#byNumber.set(number, isSystem ? undefined : place);
      }
    }
    return found.sort((one, other) => one.table.number - other.table.number);
  }

  /** The table of a document, by the key without its first letter; undefined for a system table. */
  of(place: string): UserTable | undefined {
    const number = place.slice(0, ROW_PREFIX_LENGTH - 1);
    // It may be a new table.
    if (!this.#byNumber.has(number)) this.all();
    return this.#byNumber.get(number);
  }
}
