import type { StoreOp, SyncStore } from "../../store/types.ts";
import { encodeBase64 } from "../../values/base64.ts";
import { prefixEnd } from "../../values/key.ts";
import { stringifyValue } from "../../values/json.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import { parseDocument } from "../rows/stored_document.ts";
import type { Table } from "../schema/catalog.ts";

/** Documents rewritten at once. */
const PAGE = 64;
/** A SHA-256 as older versions have written it. */
const HEXADECIMAL = /^[0-9a-f]{64}$/;

/**
 * Rewrites the checksums of files that an older version has stored, from hexadecimal to Convex's base64. It goes from
 * the newest file to the oldest one, so that the oldest tells whether it was done, also after a crash: that costs one
 * read on opening.
 */
export function renewChecksums(store: SyncStore, table: Table): void {
  const start = table.prefix;
  let end = prefixEnd(start);
  const [oldest] = store.scan({ start, end, limit: 1 });
  if (!oldest || !renewed(oldest)) return;
  while (true) {
    const page = [...store.scan({ start, end, limit: PAGE, reverse: true })];
    store.write(page.map(renewed).filter((op) => op !== undefined));
    if (page.length < PAGE) return;
    end = page.at(-1)!.key;
  }
}

/** The row of a file with its checksum in base64; undefined if it is already. */
function renewed(
  { key, value }: { key: string; value: string },
): StoreOp | undefined {
  const document = parseDocument(key.slice(ROW_PREFIX_LENGTH), value);
  const text = String(document.sha256);
  if (!HEXADECIMAL.test(text)) return undefined;
  const bytes = text.match(/../g)!.map((byte) => parseInt(byte, 16));
  const sha256 = encodeBase64(new Uint8Array(bytes));
  return { key, value: stringifyValue({ ...document, sha256 }) };
}
