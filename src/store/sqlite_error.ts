import { isCortexError, StoreError } from "../errors.ts";

/**
 * SQLite's primary result codes that have their own error code here, and their messages, as not every host passes on
 * the result code.
 */
const KINDS: readonly [code: string, codes: number[], text: RegExp][] = [
  ["STORE_LOCKED", [5, 6], /database (?:table )?is locked/],
  ["STORE_CORRUPT", [11, 26], /malformed|is not a database/],
  ["STORE_FULL", [13], /disk is full/],
];

/**
 * Converts an error of SQLite to a `StoreError`: `STORE_LOCKED`, `STORE_CORRUPT`, `STORE_FULL`, or else the given code.
 *
 * @param error the thrown value
 * @param path the file, as the user named it
 * @param otherwise code and text of an error that is none of the known kinds
 */
export function toStoreError(
  error: unknown,
  path: string,
  otherwise: { code: string; text: string },
): StoreError {
  if (isCortexError(error)) return error;
  const { errcode, message } = error as { errcode?: unknown; message?: string };
  const reason = message ?? String(error);
  const primary = typeof errcode === "number" ? errcode & 0xff : undefined;
  const code = KINDS.find(([, codes, text]) =>
    primary === undefined ? text.test(reason) : codes.includes(primary)
  )?.[0];
  return new StoreError(
    code ?? otherwise.code,
    `${textOf(code) ?? otherwise.text}: ${shortPath(path)} (${reason})`,
    { data: { path }, cause: error },
  );
}

/** A path as the user gave it, cut to its last 80 characters, as its end says more. */
export function shortPath(path: string): string {
  return JSON.stringify(path.length > 80 ? `…${path.slice(-79)}` : path);
}

function textOf(code: string | undefined): string | undefined {
  switch (code) {
    case "STORE_LOCKED":
      return "The database file is open in another engine or process";
    case "STORE_CORRUPT":
      return "The file is damaged or not a SQLite database";
    case "STORE_FULL":
      return "No space is left for the database file";
    default:
      return undefined;
  }
}
