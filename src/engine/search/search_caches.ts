import { cacheRoom } from "../../store/cache_room.ts";
import type { StoreOp, SyncStore } from "../../store/types.ts";
import type { SearchIndex, VectorIndexInfo } from "../schema/catalog.ts";
import { DocumentCache } from "../rows/document_cache.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import { TextIndex } from "./text_index.ts";
import { VectorIndex } from "./vector_index.ts";

/** The host's: the numbers of a spy that a test sets belong to its functions. */
const { random } = Math;

/** Rows of a text index that any search reads before it gives up on reading all, so that a short index is complete. */
const FIRST_ROWS = 1024;

/** A decoded index that is kept up to date with the commits. */
interface Follower {
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void;
}

/**
 * The text and vector indexes that were searched, decoded into memory, and recently read documents. The rows in the
 * store are authoritative: a cache is built from them (an index at its first search), follows each commit, and is
 * dropped when a write or a flush fails.
 */
export class SearchCaches {
  /** Documents read lately. */
  readonly documents: DocumentCache;
  readonly #documents: DocumentCache[] = [];
  readonly #store: SyncStore;
  readonly #texts: Map<string, TextIndex> = new Map();
  readonly #vectors: Map<string, VectorIndex> = new Map();
  /** Prefixes of text indexes that were searched before they were in memory. */
  readonly #searchedEarly: Set<string> = new Set();
  /**
   * Seed for hashing the terms of text indexes. Drawn here, because a search must not use up a function's random
   * numbers.
   */
  readonly #seed: number = random() * 2 ** 32;
  #isUnflushed = false;

  /** Begins empty. */
  constructor(store: SyncStore) {
    this.#store = store;
    this.documents = this.addDocuments();
  }

  /** Adds a cache of documents, for a component whose ids may also occur in others. */
  addDocuments(): DocumentCache {
    const documents = new DocumentCache(cacheRoom());
    this.#documents.push(documents);
    return documents;
  }

  /**
   * A text index that can be searched for `words`, the last of which may be a prefix. Reads the rows that are not in
   * memory yet; if the index is still being preloaded, the first search reads only those that its words need.
   */
  text(index: SearchIndex, words: readonly string[]): TextIndex {
    const text = this.#text(index);
    const { preload } = this.#store.capabilities;
    if (text.load(preload ? FIRST_ROWS : Infinity)) return text;
    const isFirst = !this.#searchedEarly.has(index.prefix);
    const now = isFirst
      ? new TextIndex(this.#store, index, this.#seed, words)
      : text;
    this.#searchedEarly.add(index.prefix);
    now.load(Infinity);
    return now;
  }

  /** A vector index. Reads the rows that are not in memory yet. */
  vector(index: VectorIndexInfo): VectorIndex {
    const vector = this.#vector(index);
    vector.load(Infinity);
    return vector;
  }

  /** Preloads a part of a text index. True when all of it is in memory. */
  loadText(index: SearchIndex, maxRows: number): boolean {
    return this.#text(index).load(maxRows);
  }

  /** Preloads a part of a vector index. True when all of it is in memory. */
  loadVectors(index: VectorIndexInfo, maxRows: number): boolean {
    return this.#vector(index).load(maxRows);
  }

  /** Writes a transaction's rows to the store and brings the decoded indexes up to date. */
  commit(ops: readonly StoreOp[]): void {
    if (ops.length === 0) return;
    const changes: [
      Follower,
      string,
      string | undefined,
      string | undefined,
    ][] = [];
    // Cached documents that are written are usually read again, so their new state is kept. Not in the mock, where
    // components can share an id.
    const known: [id: string, row: string][] = [];
    const areIdsUnique = this.#documents.length === 1;
    for (const { key, value } of ops) {
      if (key[0] === "d") {
        const id = key.slice(ROW_PREFIX_LENGTH);
        for (const documents of this.#documents) {
          if (!documents.forget(id) || value === undefined) continue;
          if (areIdsUnique) known.push([id, value]);
        }
        continue;
      }
      const follower = this.#follower(key);
      if (!follower) continue;
      changes.push([
        follower,
        key.slice(ROW_PREFIX_LENGTH),
        this.#store.get(key),
        value,
      ]);
    }
    this.#isUnflushed = true;
    try {
      this.#store.write(ops);
    } catch (error) {
      // If the store refuses reads from now on, cached documents must not hide that.
      this.#forgetDocuments();
      throw error;
    }
    for (const [id, row] of known) this.documents.keepWritten(id, row);
    try {
      for (const [follower, id, before, after] of changes) {
        follower.apply(id, before, after);
      }
      if (changes.length > 0) this.#dropWasteful();
    } catch {
      // The transaction is written, so it must not fail; a faulty row throws when the index is rebuilt.
      this.drop();
    }
  }

  /** Makes the commits so far durable, if there were any. */
  flush(): void {
    if (!this.#isUnflushed) return;
    this.#isUnflushed = false;
    try {
      this.#store.flush();
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  /** Forgets everything decoded; the next read or search rebuilds it. */
  drop(): void {
    this.#forgetDocuments();
    this.#texts.clear();
    this.#vectors.clear();
  }

  /**
   * Drops text indexes that are mostly outdated entries: one that is written but no longer searched would grow forever.
   */
  #dropWasteful(): void {
    for (const [prefix, text] of this.#texts) {
      if (text.isWasteful()) this.#texts.delete(prefix);
    }
  }

  #forgetDocuments(): void {
    for (const documents of this.#documents) documents.clear();
  }

  #text(index: SearchIndex): TextIndex {
    const found = this.#texts.get(index.prefix);
    if (found) return found;
    const text = new TextIndex(this.#store, index, this.#seed);
    this.#texts.set(index.prefix, text);
    return text;
  }

  #vector(index: VectorIndexInfo): VectorIndex {
    const found = this.#vectors.get(index.prefix);
    if (found) return found;
    const vector = new VectorIndex(this.#store, index);
    this.#vectors.set(index.prefix, vector);
    return vector;
  }

  #follower(key: string): Follower | undefined {
    if (key[0] !== "t" && key[0] !== "v") return undefined;
    const prefix = key.slice(0, ROW_PREFIX_LENGTH);
    return this.#texts.get(prefix) ?? this.#vectors.get(prefix);
  }
}
