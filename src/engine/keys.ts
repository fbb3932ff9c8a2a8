/**
 * Layout of the engine's rows in the store. A key begins with a letter for the kind of row and four characters for the
 * table or index; the rest is the row's own key:
 *
 * - `m` catalog: format version, table and index numbers.
 * - `d` table, id → the document.
 * - `i` index, encoded field values, id → nothing; the id is the key's tail.
 * - `t` search index, id → the document's terms, their counts, its filter values.
 * - `v` vector index, id → the document's vector in f32 and its filter values.
 * - `r` client, request → when it was committed and its result; `q` time, client, request → nothing. See
 *   `session_requests.ts`.
 * - `f` table `_storage`, id → what is not in the file's document; id, chunk number → two bytes a character. In table 0:
 *   the file's secret name → its component and id. In table 1: secret of an upload URL → its component.
 * - `c` name of a cron job → when it runs next. In table 1: path of a component and name of its job.
 * - `j` table `_scheduled_functions`, id → path of the component whose function is called. Only in tests that ask for
 *   the behaviour of `convex-test`.
 * - `l` time, table, id → nothing; `n` table, id → the same time: see `gates/change_log.ts`.
 * - `k` name → a key: `sign`, that tokens are signed with.
 * - `e` → nothing: deleted documents may be left in the file; see `scrubber.ts`.
 * - `s` → an upper bound of all timestamps so far: see `transaction/commits.ts`.
 *
 * Ids begin with the bits of `_creationTime` (see `ids.ts`), so ids of one table sort as `(_creationTime, _id)` does.
 * Hence the tail of an index key is the id alone, and the rows `d` are at once the index by id and the index by
 * creation time: an insert writes one row less and every index row is ten bytes shorter.
 *
 * @module
 */

/** Key of the catalog row. */
export const CATALOG_KEY = "m";

/** Kinds of rows. */
export type RowKind = "d" | "i" | "t" | "v" | "f" | "c" | "j" | "k";

/** Whether a row is a document. */
export function isDocumentKey(key: string): boolean {
  return key[0] === "d";
}

/** Whether a row belongs to an index by field values. */
export function isIndexKey(key: string): boolean {
  return key[0] === "i";
}

/** A non-negative integer as part of a key: padded to a fixed length, so that keys sort as the numbers do. */
export function sortableNumber(
  number: number | bigint,
  length: number,
): string {
  return number.toString(36).padStart(length, "0");
}

/** Common beginning of the rows of a table (`d`) or an index (`i`, `t`, `v`). Numbers up to 2^32 − 1. */
export function rowPrefix(kind: RowKind, number: number): string {
  return kind + String.fromCharCode(
    number >>> 24,
    number >>> 16 & 255,
    number >>> 8 & 255,
    number & 255,
  );
}

/** Length of every `rowPrefix`, in characters. */
export const ROW_PREFIX_LENGTH = 5;
