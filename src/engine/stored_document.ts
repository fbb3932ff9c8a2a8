import { parseValue } from "../values/json.ts";
import { corruptRow } from "./corrupt_row.ts";
import type { Document } from "./fields.ts";
import { ROW_PREFIX_LENGTH } from "./keys.ts";

/** Turns a document's row into a fresh document. Throws `STORE_CORRUPT`, naming the id, when it cannot be read. */
export function parseDocument(key: string, row: string): Document {
  try {
    return parseValue(row) as Document;
  } catch (cause) {
    throw corruptRow("document", key.slice(ROW_PREFIX_LENGTH), cause);
  }
}
