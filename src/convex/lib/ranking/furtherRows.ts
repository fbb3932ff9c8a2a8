/** Rows that the text index gives for more than the words of a question. */
import { StepBudget } from "../paging/walk.ts";
import { furtherSearches } from "./nearWords.ts";
import type { ParsedQuery } from "./query.ts";

/** Rows read by each further search. */
const WINDOW = 32;
/** Most bytes of the rows of all. */
const MAX_BYTES = 1024 * 1024;

/**
 * Makes the further searches of a question, one after the other.
 *
 * @param rows What the question's words found.
 * @param whole What may be read in all.
 * @param search Reads the first hits of the text index for some terms, within a budget.
 */
export async function furtherRows<Row extends { searchText: string }>(
  query: ParsedQuery,
  rows: readonly Row[],
  whole: StepBudget | undefined,
  search: (
    terms: string,
    window: number,
    budget: StepBudget,
  ) => Promise<{ rows: Row[] }>,
): Promise<Row[]> {
  const texts = rows.map((row) => row.searchText);
  const budget = new StepBudget(Infinity, MAX_BYTES, whole);
  const found: Row[] = [];
  for (const terms of furtherSearches(query, texts)) {
    found.push(...(await search(terms, WINDOW, budget)).rows);
  }
  return found;
}
