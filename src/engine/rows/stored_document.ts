import { parseValue } from "../../values/json.ts";
import { corruptRow } from "./corrupt_row.ts";
import type { Document } from "./fields.ts";

/** Turns the row of the document `id` into a fresh document. Throws `STORE_CORRUPT` when it cannot be read. */
export function parseDocument(id: string, row: string): Document {
  try {
    return parseValue(row) as Document;
  } catch (cause) {
    throw corruptRow("document", id, cause);
  }
}
