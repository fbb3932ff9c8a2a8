import { EngineError } from "../../errors.ts";
import type { Table } from "../schema/catalog.ts";
import type { Database } from "../transaction/transaction.ts";

/**
 * The error for a value that is not an id of the expected table.
 *
 * @param wanted name of that table, where there is one
 * @param got name of the table that it is an id of; null for one that does not exist, undefined for no id
 */
export function wrongId(
  message: string,
  id: unknown,
  wanted?: string,
  got?: string | null,
): EngineError {
  return new EngineError("INVALID_ID", message, {
    data: {
      id: String(id).slice(0, 80),
      ...(typeof id !== "string" && { type: typeof id }),
      wanted,
      got,
    },
  });
}

/** The error for changing a document that does not exist. */
export function missingDocument(method: string, id: unknown): EngineError {
  const verb = method === "patch"
    ? "Update"
    : method === "replace"
    ? "Replace"
    : "Delete";
  return new EngineError(
    "DOCUMENT_NOT_FOUND",
    `${verb} on nonexistent document ID ${String(id).slice(0, 80)}`,
    { data: { id } },
  );
}

/**
 * Finds the table of an id. Throws `INVALID_ID` for a value that is not an id, or is an id of another table than
 * `tableName`.
 */
export function locate(
  { catalog, behaviour }: Database,
  method: string,
  id: unknown,
  tableName?: string,
): { table: Table | undefined; id: string } {
  if (id === undefined) {
    throw new TypeError(`Must provide arg 1 \`id\` to \`${method}\``);
  }
  const where = () => `Invalid argument \`id\` for \`db.${method}\``;
  if (typeof id !== "string") {
    throw wrongId(
      `${where()}, expected string but got '${typeof id}': ${
        String(id).slice(0, 80)
      }`,
      id,
    );
  }
  const name = catalog.nameOfId(id);
  if (
    name === undefined &&
    (tableName !== undefined || behaviour.refusesUnknownIds)
  ) {
    throw wrongId(
      `${where()}: Unable to decode ID: ${idFault(id)}[${
        JSON.stringify(id.slice(0, 80))
      }]`,
      id,
    );
  }
  // Convex reads a document of no table as one that is not there, whatever table it is asked for in.
  const isOfNone = name === null && method === "get" &&
    behaviour.refusesUnknownIds;
  if (tableName !== undefined && name !== tableName && !isOfNone) {
    throw wrongId(
      `${where()}: expected to be an Id<"${tableName}">, got Id<"${
        name ?? "unknown"
      }"> instead.`,
      id,
      tableName,
      name,
    );
  }
  return { table: name ? catalog.find(name) : undefined, id };
}

/** What is wrong with a text that is no id, in Convex's words; its checksum is, if there are none. */
function idFault(id: string): string {
  return id.length < 31 || id.length > 37
    ? `Invalid ID length ${id.length} `
    : /^[0-9a-hjkmnp-tv-z]*$/.test(id)
    ? ""
    : "ID wasn't valid base32 ";
}

/** Refuses system tables outside of `ctx.db.system`, and other tables in it. */
export function refuseOthers({ name }: Table, isSystem: boolean): void {
  if (name.startsWith("_") === isSystem) return;
  throw new EngineError(
    "INVALID_ARGUMENT",
    isSystem
      ? "User tables cannot be accessed with db.system."
      : "System tables can only be accessed with db.system.",
  );
}
