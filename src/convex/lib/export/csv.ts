/** CSV as every export writes it: RFC 4180 with LF line ends, a header always, no line end after the last line. */

/** What a cell may hold; nothing is written for `undefined` and `null`. */
export type CsvCell = string | number | boolean | null | undefined;

/** A spreadsheet takes a text that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One line, without its end. A text that a spreadsheet would run as a formula gets a leading apostrophe. */
export function csvLine(cells: readonly CsvCell[]): string {
  return cells.map(cellText).join(",");
}

function cellText(cell: CsvCell): string {
  const text = typeof cell === "string" && FORMULA.test(cell)
    ? `'${cell}`
    : String(cell ?? "");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
