import { INVALID_LINE } from "../convex/lib/moduleCodes.ts";
import type { Calls } from "./calls/calls.ts";
import { countdown } from "./calls/countdown.ts";
import { partOf } from "./calls/idempotency.ts";
import { MAX_LINES, MAX_LINES_LENGTH } from "./limits.ts";
import type { Line } from "./lines.ts";
import type {
  ImportAllOptions,
  ImportAllResult,
  ImportConflict,
} from "./types/transfer.ts";

/** Most conflicts that a result lists. */
const MAX_CONFLICTS = 1000;

interface Loaded {
  loaded: Record<string, number>;
  skipped: number;
  /** Absent if the backend does not report them. */
  conflicts?: Pick<ImportConflict, "line" | "reason">[];
}

/** Stores the rows of an export, in calls of as many rows as one transaction takes, and counts them. */
export class RowLoader {
  /** The result so far. */
  readonly result: ImportAllResult = {
    imported: 0,
    skipped: 0,
    conflicting: 0,
    conflicts: [],
    tables: {},
    complete: false,
  };
  /** The last checkpoint read from the source; part of every progress report. */
  checkpoint: string | undefined;
  readonly #calls: Calls;
  readonly #options: ImportAllOptions;
  readonly #remaining: () => number | undefined;
  #batch: string[] = [];
  #length = 0;
  #firstLine = 1;
  #sent = 0;

  /** The time limit of the options starts now. */
  constructor(calls: Calls, options: ImportAllOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#remaining = countdown(options.timeoutMs);
  }

  /** Adds a row to the batch, and sends the batch when it is full. */
  async add({ number, text }: Line): Promise<void> {
    // The backend numbers the lines of a request consecutively, so a gap, such as a blank line, needs a new request.
    if (number !== this.#firstLine + this.#batch.length) await this.flush();
    if (this.#batch.length === 0) this.#firstLine = number;
    this.#batch.push(text);
    this.#length += text.length;
    if (
      this.#batch.length === MAX_LINES || this.#length >= MAX_LINES_LENGTH
    ) await this.flush();
  }

  /** Sends the batch. A call may store fewer rows than it gets; the rest goes with the next call. */
  async flush(options = this.#options): Promise<void> {
    const { result } = this;
    const { tenantId, onProgress: _, ...controls } = options;
    while (this.#batch.length > 0) {
      const { loaded, skipped, conflicts = [] } = await this.#calls.mutation<
        Loaded
      >(
        "transfer:load",
        { tenantId, lines: this.#batch, firstLine: this.#firstLine },
        { ...partOf(controls, this.#sent), timeoutMs: this.#remaining() },
      ).catch(async (error) => {
        // Nothing of a refused request is stored, so the rows before the refused line are sent again without it, and
        // without the key, which is for all of them.
        const before = error?.code === INVALID_LINE
          ? error.message.split(" ")[2] - this.#firstLine
          : 0;
        if (before > 0) {
          this.#batch.length = before;
          await this.flush({ ...options, idempotencyKey: undefined });
        }
        throw error;
      });
      this.#sent++;
      let taken = skipped;
      for (const [table, rows] of Object.entries(loaded)) {
        result.tables[table] = (result.tables[table] ?? 0) + rows;
        result.imported += rows;
        taken += rows;
      }
      result.skipped += skipped;
      result.conflicting += conflicts.length;
      for (const { line, reason } of conflicts) {
        if (result.conflicts.length === MAX_CONFLICTS) break;
        const { table, of, row, shown } = JSON.parse(
          this.#batch[line - this.#firstLine]!,
        );
        const key = Object.fromEntries(
          Object.entries({ ...of, ...row, ...shown })
            .filter(([name]) =>
              /^(.+Id|id|type|key|namespace|version)$/.test(name)
            ),
        ) as ImportConflict["key"];
        result.conflicts.push({ line, table, key, reason });
      }
      this.#firstLine += taken;
      this.#batch = this.#batch.slice(taken);
      this.tell(false);
    }
    this.#length = 0;
  }

  /** Reports the rows stored and skipped so far; `done` after the last line of the source. */
  tell(done: boolean): void {
    const { checkpoint, result } = this;
    this.#options.onProgress?.({
      processed: result.imported + result.skipped,
      done,
      ...(checkpoint !== undefined && { checkpoint }),
    });
  }
}
