/**
 * What one would write oneself: messages in a SQLite file with a full-text index, as durable as ours. It knows neither
 * spaces nor users, facts, versions or vectors.
 */
import { DatabaseSync } from "node:sqlite";

/** A message that was found. */
export interface FoundText {
  /** How many were stored before it. */
  place: number;
  text: string;
}

/** A file of messages that are found by their words. */
export class FullTextFile {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #search;

  /** @param tokenizer What cuts texts into terms. Default: words of English, stemmed. */
  constructor(path: string, tokenizer = "porter") {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      create virtual table message using fts5(text, tokenize = '${tokenizer}');
    `);
    this.#insert = this.#database.prepare("insert into message values (?)");
    this.#search = this.#database.prepare(
      "select rowid, text from message where message match ? order by rank limit ?",
    );
  }

  /** Stores messages in one transaction. */
  store(messages: readonly string[]): void {
    this.#database.exec("begin");
    for (const message of messages) this.#insert.run(message);
    this.#database.exec("commit");
  }

  /** The best messages that have any of the words: a question's are seldom all in one. */
  search(question: string, limit: number): FoundText[] {
    const words = question.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
    if (words.length === 0) return [];
    const any = words.map((word) => `"${word}"`).join(" OR ");
    return this.#search.all(any, limit).map(({ rowid, text }) => ({
      place: Number(rowid) - 1,
      text: String(text),
    }));
  }

  close(): void {
    this.#database.close();
  }
}
