/**
 * Questions of nothing but stop words ("who is it"), which the text index holds of texts of nothing else only: for them
 * the newest rows are read, and those that have all their words are candidates, too.
 *
 * @module
 */
import { cutText } from "../text/cutText.ts";
import { stem, words } from "../text/text.ts";
import { Room, taken } from "../walk.ts";
import type { ParsedQuery } from "./query.ts";

const MAX_ROWS = 256;
const MAX_BYTES = 1024 * 1024;
/** So much of a text is looked at. */
const MAX_CHARACTERS = 2048;

/**
 * The newest rows that have every word of such a question, each with a search text that holds these.
 *
 * @param newest Rows, the newest first; those behind 256, or behind 1 MiB, are not read.
 */
export async function rowsWithWords<Row extends { bytes: number }>(
  { plain }: ParsedQuery,
  newest: AsyncIterable<Row>,
  textOf: (row: Row) => string,
): Promise<{ row: Row; searchText: string }[]> {
  if (plain.length === 0) return [];
  const rows = await taken(
    newest,
    new Room(MAX_ROWS, MAX_BYTES),
    ({ bytes }) => bytes,
  );
  return rows.flatMap((row) => {
    const own = words(cutText(textOf(row), MAX_CHARACTERS));
    return plain.every((word) => own.includes(word))
      ? [{ row, searchText: own.map(stem).join(" ") }]
      : [];
  });
}
