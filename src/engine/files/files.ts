import { EngineError } from "../../errors.ts";
import type { Value } from "../../values/types.ts";
import type { Document } from "../rows/fields.ts";
import { rowPrefix } from "../keys.ts";
import type { Overlay } from "../transaction/overlay.ts";
import { uuidOf } from "../ids.ts";
import {
  deleteSystemDocument,
  insertSystemDocument,
  systemDocument,
} from "../documents/system_documents.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Bytes in a row. Even, since a character holds two. */
const CHUNK_BYTES = 256 * 1024;
/** Characters per call of `String.fromCharCode`, whose number of arguments is limited. */
const UNITS_A_CALL = 0x2000;

/** Row of a file, stored beside its document. */
interface FileRow {
  /** Its secret name in URLs. */
  name: string;
  /** Bytes. */
  size: number;
}

/** Where a file is, by its secret name. */
export interface FilePlace {
  /** Path of the component that has it. */
  component: string;
  /** Its id in `_storage`. */
  id: string;
}

/** A file to be stored. */
export interface NewFile {
  /** Its content. */
  bytes: Uint8Array;
  /** Its media type, if it has one. */
  contentType: string | undefined;
  /** SHA-256 of the content, in base64, as `_storage` shows it. */
  sha256: string;
}

/** Stores a file and returns its id, which is new unless `given`. */
export function storeFile(
  transaction: Transaction,
  file: NewFile,
  given?: { id: string; creationTime: number },
): string {
  const { bytes, contentType, sha256 } = file;
  const fields: { [field: string]: Value } = { sha256, size: bytes.length };
  const { ids } = transaction.database;
  if (contentType) fields.contentType = contentType;
  const id = insertSystemDocument(transaction, "_storage", fields, given);
  const { component } = transaction.database.catalog;
  const name = uuidOf(ids.randomBytes(16));
  const prefix = rowsOf(transaction, id);
  const { rows } = transaction;
  for (let at = 0, chunk = 0; at < bytes.length; at += CHUNK_BYTES, chunk++) {
    rows.put(
      prefix + chunkKey(chunk),
      pack(bytes.subarray(at, at + CHUNK_BYTES)),
    );
  }
  const row: FileRow = { name, size: bytes.length };
  rows.put(prefix, JSON.stringify(row));
  const place: FilePlace = { component, id };
  rows.put(placeKey(name), JSON.stringify(place));
  return id;
}

/** Removes a file. Throws `DOCUMENT_NOT_FOUND`. */
export function deleteFile(transaction: Transaction, id: string): void {
  const document = fileDocument(transaction, id);
  const row = document && fileRow(transaction, id);
  if (!document || !row) throw missingFile(id);
  const prefix = rowsOf(transaction, id);
  for (let chunk = 0; chunk * CHUNK_BYTES < row.size; chunk++) {
    transaction.rows.put(prefix + chunkKey(chunk), undefined);
  }
  transaction.rows.put(prefix, undefined);
  transaction.rows.put(placeKey(row.name), undefined);
  deleteSystemDocument(transaction, document);
}

/** The document of a file; undefined when there is none. */
export function fileDocument(
  transaction: Transaction,
  id: string,
): Document | undefined {
  return systemDocument(transaction, "_storage", id);
}

/** The secret name of a file; undefined when there is none. */
export function fileName(
  transaction: Transaction,
  id: string,
): string | undefined {
  return fileDocument(transaction, id) && fileRow(transaction, id)?.name;
}

/** Where the file with a secret name is; undefined when there is none. */
export function placeOfFile(
  rows: Pick<Overlay, "get">,
  name: string,
): FilePlace | undefined {
  const row = /^[0-9a-f-]{36}$/.test(name)
    ? rows.get(placeKey(name))
    : undefined;
  return row === undefined ? undefined : JSON.parse(row);
}

/**
 * Bytes of a file from `start` to before `end`, both within it. Reads no more rows than these need. Throws
 * `DOCUMENT_NOT_FOUND`.
 */
export function readFile(
  transaction: Transaction,
  id: string,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const prefix = rowsOf(transaction, id);
  const file = fileRow(transaction, id);
  if (!file) throw missingFile(id);
  const { size } = file;
  const bytes = new Uint8Array(end - start);
  for (
    let chunk = Math.floor(start / CHUNK_BYTES);
    chunk * CHUNK_BYTES < end;
    chunk++
  ) {
    const first = chunk * CHUNK_BYTES;
    const row = transaction.rows.get(prefix + chunkKey(chunk)) ?? "";
    const part = unpack(row, Math.min(CHUNK_BYTES, size - first));
    const from = Math.max(start, first);
    bytes.set(
      part.subarray(from - first, Math.min(end, first + part.length) - first),
      from - start,
    );
  }
  return bytes;
}

function fileRow(transaction: Transaction, id: string): FileRow | undefined {
  const row = transaction.rows.get(rowsOf(transaction, id));
  return row === undefined ? undefined : JSON.parse(row);
}

function missingFile(id: string): EngineError {
  return new EngineError(
    "DOCUMENT_NOT_FOUND",
    `storage id ${String(id).slice(0, 80)} not found`,
    { data: { id } },
  );
}

/** Beginning of the keys of a file's rows. */
function rowsOf(transaction: Transaction, id: string): string {
  const table = transaction.database.catalog.find("_storage")!;
  return rowPrefix("f", table.number) + id;
}

function chunkKey(chunk: number): string {
  return String.fromCharCode(
    chunk >>> 16 & 255,
    chunk >>> 8 & 255,
    chunk & 255,
  );
}

function placeKey(name: string): string {
  return rowPrefix("f", 0) + name;
}

/** Packs two bytes into each character, one into the last if their number is odd. */
function pack(bytes: Uint8Array): string {
  const units = new Uint16Array((bytes.length + 1) >> 1);
  for (let at = 0; at < units.length; at++) {
    units[at] = bytes[2 * at]! | (bytes[2 * at + 1] ?? 0) << 8;
  }
  let text = "";
  for (let at = 0; at < units.length; at += UNITS_A_CALL) {
    // Spreading a typed array reads it by its iterator, which takes nine times as long.
    const some = units.subarray(at, at + UNITS_A_CALL);
    text += Reflect.apply(String.fromCharCode, undefined, some);
  }
  return text;
}

function unpack(text: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at >> 1);
    bytes[at] = at % 2 === 0 ? unit & 255 : unit >> 8;
  }
  return bytes;
}
