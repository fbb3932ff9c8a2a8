/**
 * What one would write oneself: messages in a SQLite file with a full-text index, as durable as ours. It knows neither
 * spaces nor users, facts, versions or vectors.
 */
import { DatabaseSync } from "node:sqlite";

/** Messages that recall returns by default. */
const LIMIT = 20;

/** A file of messages that are found by their words. */
export class FullTextFile {
  readonly #database: DatabaseSync;
  readonly #insert;
  readonly #search;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      create virtual table message using fts5(text, tokenize = 'porter');
    `);
    this.#insert = this.#database.prepare("insert into message values (?)");
    this.#search = this.#database.prepare(
      "select text from message where message match ? order by rank limit ?",
    );
  }

  /** Stores messages in one transaction. */
  store(messages: readonly string[]): void {
    this.#database.exec("begin");
    for (const message of messages) this.#insert.run(message);
    this.#database.exec("commit");
  }

  /** The best messages that have any of the words. */
  search(question: string): string[] {
    const words = question.match(/[\p{L}\p{N}]+/gu) ?? [];
    const any = words.map((word) => `"${word}"`).join(" OR ");
    return this.#search.all(any, LIMIT).map(({ text }) => String(text));
  }

  close(): void {
    this.#database.close();
  }
}
