import { isBytes } from "../values/kinds.ts";
import type { Value } from "../values/types.ts";
import type { Document } from "./fields.ts";
import { parseDocument } from "./stored_document.ts";

/** Characters of rows whose documents are kept, in each of two generations. */
const GENERATION_CHARACTERS = 4 << 20;

interface Entry {
  readonly row: string;
  readonly document: Document;
  /** No member is a container, so that the copy of the top is a copy of all. */
  readonly isFlat: boolean;
}

/**
 * Documents that were read lately, so that reading them again costs a copy and no parsing. A row is compared with the
 * one that was parsed, so whatever becomes of it, nobody has to tell the cache. What was not read for a while goes:
 * when a generation is full, the one before it is dropped.
 */
export class DocumentCache {
  #young: Map<string, Entry> = new Map();
  #old: Map<string, Entry> = new Map();
  #youngCharacters = 0;

  /** A fresh document of a row. Throws `STORE_CORRUPT`, naming the id, when it cannot be read. */
  read(key: string, row: string): Document {
    let entry = this.#young.get(key);
    if (entry === undefined || entry.row !== row) {
      entry = this.#old.get(key);
      if (entry === undefined || entry.row !== row) {
        const document = parseDocument(key, row);
        entry = { row, document, isFlat: isFlat(document) };
      }
      this.#keep(key, entry);
    }
    return entry.isFlat
      ? { ...entry.document }
      : copyOf(entry.document) as Document;
  }

  #keep(key: string, entry: Entry): void {
    this.#youngCharacters += entry.row.length;
    if (this.#youngCharacters > GENERATION_CHARACTERS) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngCharacters = entry.row.length;
    }
    this.#young.set(key, entry);
  }
}

function isFlat(document: Document): boolean {
  for (const name in document) {
    const member = document[name];
    if (typeof member === "object" && member !== null) return false;
  }
  return true;
}

function copyOf(value: Value | undefined): Value | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const copy = value.slice();
    for (let at = 0; at < copy.length; at++) {
      if (typeof copy[at] === "object") copy[at] = copyOf(copy[at])!;
    }
    return copy;
  }
  if (isBytes(value)) return value.slice(0);
  const copy = { ...value };
  for (const name in copy) {
    if (typeof copy[name] === "object") copy[name] = copyOf(copy[name]);
  }
  return copy;
}
