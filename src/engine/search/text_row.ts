import { encodeKey } from "../../values/key.ts";
import { utf8Length } from "../../values/size.ts";
import type { SearchIndex } from "../schema/catalog.ts";
import { corruptRow } from "../rows/corrupt_row.ts";
import { type Document, fieldAt } from "../rows/fields.ts";

/** Longest word that is indexed, in bytes of UTF-8: Convex drops words of 32 bytes or more. */
const MAX_TOKEN_BYTES = 31;

/** The entry of a document in a text index. */
export interface TextRow {
  /** Encoded value of each filter field. */
  filters: string[];
  /** How often each term occurs. */
  counts: Map<string, number>;
  /** Words in the text. */
  length: number;
}

/** Words of a text: runs of letters and digits, in lower case, shorter than 32 bytes. */
export function tokenize(text: string): string[] {
  // deno-lint-ignore no-control-regex
  if (!/[^\x00-\x7f]/.test(text)) return tokenizeAscii(text.toLowerCase());
  const tokens: string[] = [];
  for (const [word] of text.matchAll(/[\p{Alphabetic}\p{N}]+/gu)) {
    // A UTF-16 unit takes at most three bytes of UTF-8, so most words need not be encoded to be measured.
    if (
      word.length * 3 > MAX_TOKEN_BYTES && utf8Length(word) > MAX_TOKEN_BYTES
    ) {
      continue;
    }
    tokens.push(lowerCase(word));
  }
  return tokens;
}

/** `tokenize` for lower-case ASCII, at a fraction of the cost. */
function tokenizeAscii(text: string): string[] {
  const tokens: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    // NaN at the end of the text, so that the last word ends there.
    const code = text.charCodeAt(at);
    if (code >= 97 && code <= 122 || code >= 48 && code <= 57) continue;
    if (at > start && at - start <= MAX_TOKEN_BYTES) {
      tokens.push(text.slice(start, at));
    }
    start = at + 1;
  }
  return tokens;
}

/** Lower case letter by letter, as in Convex: a final sigma does not become ς. */
function lowerCase(word: string): string {
  return word.includes("\u03a3")
    ? Array.from(word, (letter) => letter.toLowerCase()).join("")
    : word.toLowerCase();
}

/** The row of a document in a text index; undefined when its text field holds no string. */
export function textRow(
  index: SearchIndex,
  document: Document,
): string | undefined {
  const text = fieldAt(document, index.path);
  if (typeof text !== "string") return undefined;
  const counts = new Map<string, number>();
  for (const token of tokenize(text)) {
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  return JSON.stringify([
    filterKeys(index, document),
    [...counts.keys()].join(" "),
    [...counts.values()],
  ]);
}

/** The JSON of a row: encoded filter values, terms separated by spaces, and the count of each term. */
export type TextRowParts = [
  filters: string[],
  terms: string,
  counts: number[],
];

/** Parses the JSON of a row of the document `id`. Throws `STORE_CORRUPT`. */
function readTextParts(id: string, row: string): TextRowParts {
  try {
    return JSON.parse(row);
  } catch (cause) {
    throw corruptRow("search terms", id, cause);
  }
}

/** Reads a row of the document `id` into lists of terms and counts. Throws `STORE_CORRUPT`. */
export function readTextRow(
  id: string,
  row: string,
): { filters: string[]; terms: string[]; counts: number[] } {
  const [filters, terms, counts] = readTextParts(id, row);
  return { filters, terms: counts.length > 0 ? terms.split(" ") : [], counts };
}

/** Reads a row of the document `id` into a map, to look terms up. Throws `STORE_CORRUPT`. */
export function parseTextRow(id: string, row: string): TextRow {
  const { filters, terms, counts } = readTextRow(id, row);
  return {
    filters,
    counts: new Map(terms.map((term, at) => [term, counts[at]!])),
    length: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** Encoded values of an index's filter fields: equal values have equal keys. */
export function filterKeys(index: SearchIndex, document: Document): string[] {
  return index.filterPaths.map((path) => encodeKey([fieldAt(document, path)]));
}
