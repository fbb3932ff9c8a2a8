import { EngineError } from "../../errors.ts";
import type { Value } from "../../values/types.ts";
import type { LiveResult } from "./live_types.ts";

/** Default limit of the memory that results take, in bytes. */
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * Limits the memory that the results of live queries take. Results are kept to detect changes, so without a limit
 * clients could exhaust the memory of the process by following many large ones.
 */
export class HeldResults {
  readonly #max: number;
  readonly #held: Map<object, number> = new Map();
  #bytes = 0;

  /** Holds results of about `max` bytes at most. */
  constructor(max: number = MAX_BYTES) {
    this.#max = max;
  }

  /** Holds a query's result in place of its last one, and returns it, or a failed result if there is no room for it. */
  hold(query: object, result: LiveResult): LiveResult {
    this.release(query);
    if (!result.ok) return result;
    const bytes = heapSize(result.value);
    const { logLines, journal } = result;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#max) {
      const error = new EngineError(
        "LIMIT_EXCEEDED",
        `The results of followed queries take at most ${this.#max} bytes of memory together, of which ${this.#bytes} are taken: there is no room for ${bytes} more`,
      );
      return { ok: false, error, logLines, journal };
    }
    this.#held.set(query, bytes);
    this.#bytes += bytes;
    return result;
  }

  /** Releases the result of a query. */
  release(query: object): void {
    this.#bytes -= this.#held.get(query) ?? 0;
    this.#held.delete(query);
  }
}

/** Rough estimate of the memory that a value takes, in bytes. */
function heapSize(value: Value): number {
  if (typeof value === "string") return 16 + value.length;
  if (typeof value === "bigint") return 24;
  if (typeof value !== "object" || value === null) return 8;
  if (value instanceof ArrayBuffer) return 64 + value.byteLength;
  let size = 32;
  const parts = Array.isArray(value) ? value : Object.values(value);
  for (const part of parts) size += 8 + heapSize(part as Value);
  return size;
}
