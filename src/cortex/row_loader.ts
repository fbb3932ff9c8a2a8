import type { Calls } from "./calls/calls.ts";
import { countdown } from "./calls/countdown.ts";
import { partOf } from "./calls/idempotency.ts";
import { MAX_LINES, MAX_LINES_LENGTH } from "./limits.ts";
import type { Line } from "./lines.ts";
import type { ImportAllOptions, ImportAllResult } from "./types/transfer.ts";

interface Loaded {
  loaded: Record<string, number>;
  skipped: number;
}

/** Stores the rows of an export, as many in a call as one transaction takes, and counts them. */
export class RowLoader {
  /** What has become of the rows that are sent. */
  readonly result: ImportAllResult = {
    imported: 0,
    skipped: 0,
    tables: {},
    complete: false,
  };
  /** The last one in the source; told with every progress. */
  checkpoint: string | undefined;
  readonly #calls: Calls;
  readonly #options: ImportAllOptions;
  readonly #remaining: () => number | undefined;
  #batch: string[] = [];
  #length = 0;
  #firstLine = 1;
  #sent = 0;

  /** The time of the options starts now. */
  constructor(calls: Calls, options: ImportAllOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#remaining = countdown(options.timeoutMs);
  }

  /** Takes a row, and sends those before it when there are enough. */
  async add({ number, text }: Line): Promise<void> {
    if (this.#batch.length === 0) this.#firstLine = number;
    this.#batch.push(text);
    this.#length += text.length;
    if (
      this.#batch.length === MAX_LINES || this.#length >= MAX_LINES_LENGTH
    ) await this.flush();
  }

  /** Sends what has been taken. A call may store fewer rows than it gets: the others go with the next. */
  async flush(): Promise<void> {
    const { result } = this;
    const { tenantId, onProgress: _, ...controls } = this.#options;
    while (this.#batch.length > 0) {
      const { loaded, skipped } = await this.#calls.mutation<Loaded>(
        "transfer:load",
        { tenantId, lines: this.#batch, firstLine: this.#firstLine },
        { ...partOf(controls, this.#sent++), timeoutMs: this.#remaining() },
      );
      let taken = skipped;
      for (const [table, rows] of Object.entries(loaded)) {
        result.tables[table] = (result.tables[table] ?? 0) + rows;
        result.imported += rows;
        taken += rows;
      }
      result.skipped += skipped;
      this.#firstLine += taken;
      this.#batch = this.#batch.slice(taken);
      this.tell(false);
    }
    this.#length = 0;
  }

  /** Tells the caller how far it has come. */
  tell(done: boolean): void {
    const { checkpoint, result } = this;
    this.#options.onProgress?.({
      processed: result.imported + result.skipped,
      done,
      ...(checkpoint !== undefined && { checkpoint }),
    });
  }
}
