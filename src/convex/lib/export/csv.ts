/**
 * CSV as every export writes it: RFC 4180 with LF line ends, always with a header, without a line end after the last
 * line.
 */

/** The value of a cell; `undefined` and `null` are written as nothing. */
export type CsvCell = string | number | boolean | null | undefined;

/** Spreadsheets run a text that begins like this as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** Formats one line, without its end. Puts an apostrophe before a text that a spreadsheet would run as a formula. */
export function csvLine(cells: readonly CsvCell[]): string {
  return cells.map(cellText).join(",");
}

function cellText(cell: CsvCell): string {
  const text = typeof cell === "string" && FORMULA.test(cell)
    ? `'${cell}`
    : String(cell ?? "");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
