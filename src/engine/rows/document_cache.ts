import { copyKnown } from "../../values/copy_known.ts";
import { parseValue } from "../../values/json.ts";
import type { Value } from "../../values/types.ts";
import type { Document } from "./fields.ts";
import { parseDocument } from "./stored_document.ts";

/** What the lowest bits of a document's state say. */
const KEPT = 1;
const WANTED = 2;
const HAS_CONTAINERS = 4;
const STATE_BITS = 3;
/** Greatest length besides them that every engine stores as a small integer. */
const MAX_LENGTH = 2 ** 27;

/**
 * A document as a row holds it, read once and handed out as copies. Of two members only: in a large set each part of
 * memory that a reader must look at is a good part of what reading costs.
 */
export class StoredDocument {
  /** Its row, until the document is asked for. */
  #document: Document | string | undefined;
  /** Length of its row, and three bits. */
  #state: number;

  /** Takes a row, which must be one that was written here. */
  constructor(row: string) {
    this.#document = row;
    this.#state = Math.min(row.length, MAX_LENGTH) << STATE_BITS | KEPT;
  }

  /** Length of its row; of a row beyond all limits, less. */
  get length(): number {
    return this.#state >>> STATE_BITS;
  }

  /** False once the cache has dropped it, when it is empty, and where there was no room for it: ask the cache again. */
  get isKept(): boolean {
    return (this.#state & KEPT) !== 0;
  }

  /** Whether it was asked for again since it was kept, or since its time was last up. */
  get isWanted(): boolean {
    return (this.#state & WANTED) !== 0;
  }

  set isWanted(isWanted: boolean) {
    this.#state = isWanted ? this.#state | WANTED : this.#state & ~WANTED;
  }

  /** Lets go of the document: holders of this entry must ask the cache again. */
  drop(): void {
    this.#document = undefined;
    this.#state &= ~KEPT;
  }

  /** Marks it as unknown to the cache, so that it is never taken for current later. */
  unkept(): this {
    this.#state &= ~KEPT;
    return this;
  }

  /** Whether it has what every document has: the question brings it closer to the processor. */
  get isThere(): boolean {
    return this.value._creationTime >= 0;
  }

  /** A fresh copy. */
  copy(): Document {
    const copy = { ...this.value };
    if ((this.#state & HAS_CONTAINERS) === 0) return copy;
    for (const name in copy) {
      if (typeof copy[name] === "object") copy[name] = copyKnown(copy[name]);
    }
    return copy;
  }

  /** The document itself, for those who only look at it; undefined once it was dropped. */
  get value(): Document {
    const document = this.#document;
    return typeof document === "string"
      ? this.read(parseValue(document) as Document)
      : document!;
  }

  /** Holds what its row says from now on. */
  read(document: Document): Document {
    for (const name in document) {
      if (isContainer(document[name])) this.#state |= HAS_CONTAINERS;
    }
    return this.#document = document;
  }
}

/** Documents that may be forgotten, besides as many as are kept, before the clock hand restarts. */
const MAX_FORGOTTEN = 1024;

/**
 * Committed documents that were read lately, by id, so that reading them again costs a copy: neither the store nor a
 * parser is asked. Whoever commits says which have changed.
 *
 * When room runs out, documents that were not requested since they were last considered are evicted (the CLOCK policy).
 */
export class DocumentCache {
  readonly #maxCharacters: number;
  readonly #documents: Map<string, StoredDocument> = new Map();
  #characters = 0;
  /** Goes round and round over the documents, while room is made. */
  #hand: Iterator<[string, StoredDocument]> | undefined;
  /** Documents forgotten since it moved. */
  #forgotten = 0;

  /** Keeps documents whose rows have at most `maxCharacters` characters together. */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** A document that is kept. */
  find(id: string): StoredDocument | undefined {
    const found = this.#documents.get(id);
    if (found !== undefined) found.isWanted = true;
    return found;
  }

  /**
   * Keeps a document that is not kept yet, given as its committed row. Room is made before it is there, or it might go
   * itself, and its reader would get an empty one. One that takes more than all the room is handed out all the same.
   * Throws `STORE_CORRUPT`, naming the id, for a row that cannot be read.
   */
  keep(id: string, row: string): StoredDocument {
    const document = new StoredDocument(row);
    const { _id } = document.read(parseDocument(id, row));
    // Its own id, not the one given, which may be a part of a long key: each look-up would have to look at that, too.
    return this.#keep(_id === id ? _id : id, document);
  }

  /** The same for a row that was just written; it is parsed when it is first read. */
  keepWritten(id: string, row: string): void {
    this.#keep(id, new StoredDocument(row));
  }

  #keep(id: string, document: StoredDocument): StoredDocument {
    const room = this.#maxCharacters - document.length;
    while (this.#characters > Math.max(0, room)) this.#dropOne();
    if (room < 0) return document.unkept();
    this.#documents.set(id, document);
    this.#characters += document.length;
    return document;
  }

  /** Forgets a document whose row is about to change. Returns whether it was kept. */
  forget(id: string): boolean {
    const documents = this.#documents;
    if (documents.size === 0) return false;
    const found = documents.get(id);
    if (found === undefined) return false;
    documents.delete(id);
    found.drop();
    this.#characters -= found.length;
    // A map keeps removed entries for an iterator that does not advance, without bound while no room is needed.
    if (++this.#forgotten > documents.size + MAX_FORGOTTEN) this.#resetHand();
    return true;
  }

  /** Forgets all. */
  clear(): void {
    for (const document of this.#documents.values()) document.drop();
    this.#documents.clear();
    this.#characters = 0;
    this.#resetHand();
  }

  #resetHand(): void {
    this.#hand = undefined;
    this.#forgotten = 0;
  }

  #dropOne(): void {
    this.#forgotten = 0;
    while (true) {
      const { done, value } = (this.#hand ??= this.#documents.entries()).next();
      if (done) {
        this.#hand = undefined;
        continue;
      }
      const [id, document] = value;
      if (document.isWanted) {
        document.isWanted = false;
        continue;
      }
      this.#documents.delete(id);
      document.drop();
      this.#characters -= document.length;
      return;
    }
  }
}

function isContainer(value: Value | undefined): boolean {
  return typeof value === "object" && value !== null;
}
