import { isCommitTs } from "../../values/is_commit_ts.ts";
import { jsonToValue, stringifyValue } from "../../values/json.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import type { Table } from "../schema/catalog.ts";
import type { Document } from "./fields.ts";
import { updateIndexRows } from "./index_rows.ts";
import type { Overlay } from "../transaction/overlay.ts";

/** How a row shows the place of a timestamp that comes with the commit. No text in a row can look like it. */
const MARK = '{"$commitTs":null}';

/** Whether a document's row waits for the timestamp of its commit. */
export function isPendingRow(row: string): boolean {
  return row.includes(MARK);
}

/** Whether a value has the placeholder in it. */
export function hasCommitTs(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(hasCommitTs);
  return isPlainObject(value)
    ? Object.values(value).some(hasCommitTs)
    : isCommitTs(value);
}

/** A copy of a value with the timestamp in the place of each placeholder; what is no Convex value stays as it is. */
export function withCommitTs<T>(value: T, ts: bigint): T {
  const resolve = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(resolve);
    if (!isPlainObject(part)) return isCommitTs(part) ? ts : part;
    const out: { [name: string]: unknown } = {};
    for (const name of Object.keys(part)) out[name] = resolve(part[name]);
    return out;
  };
  return resolve(value) as T;
}

/** As `jsonToValue`, for JSON that may show the placeholder. */
export function pendingToValue(json: JsonValue, placeholder: object): Value {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) {
    return json.map((element) => pendingToValue(element, placeholder));
  }
  if ("$commitTs" in json) return placeholder as Value;
  const out = Object.entries(json);
  if (out.length === 1 && out[0]![0].startsWith("$")) return jsonToValue(json);
  return Object.fromEntries(
    out.map(([name, part]) => [name, pendingToValue(part, placeholder)]),
  );
}

/** Documents that a transaction has written and that wait for its timestamp. */
export class PendingDocuments {
  readonly #tables: Map<string, Table> = new Map();
  readonly #placeholder: object;

  /** Takes the placeholder that the transaction's functions get. */
  constructor(placeholder: object) {
    this.#placeholder = placeholder;
  }

  /** Notes that a document was written, by the key of its row. */
  add(key: string, table: Table): void {
    this.#tables.set(key, table);
  }

  /** Whether a document may have been written with a placeholder. */
  has(key: string): boolean {
    return this.#tables.has(key);
  }

  /** The document of such a row. */
  read(row: string): Document {
    return pendingToValue(JSON.parse(row), this.#placeholder) as Document;
  }

  /** Puts the timestamp in place, in the documents and in their indexes. */
  resolve(rows: Overlay, ts: bigint): void {
    for (const [key, table] of this.#tables) {
      const row = rows.get(key);
      // Rolled back, removed, or written again.
      if (row === undefined || !isPendingRow(row)) continue;
      const before = this.read(row);
      const after = withCommitTs(before, ts);
      rows.put(key, row.replaceAll(MARK, stringifyValue(ts)));
      updateIndexRows(rows, table, before._id, before, after);
    }
  }
}
