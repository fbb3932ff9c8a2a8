import { EngineError } from "../../errors.ts";
import type { Value } from "../../values/types.ts";
import type { LiveResult } from "./live_types.ts";

/** Most memory that results take by default, in bytes. */
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * The memory that results of followed queries take. They are held to tell whether they change, so that clients could
 * end the process by following many large ones.
 */
export class HeldResults {
  readonly #max: number;
  readonly #held: Map<object, number> = new Map();
  #bytes = 0;

  /** Of at most so many bytes, about. */
  constructor(max: number = MAX_BYTES) {
    this.#max = max;
  }

  /** Holds a query's result in place of its last one, and returns it; a failure where there is no room for it. */
  take(query: object, result: LiveResult): LiveResult {
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

  /** Holds no result of a query any more. */
  release(query: object): void {
    this.#bytes -= this.#held.get(query) ?? 0;
    this.#held.delete(query);
  }
}

/** Memory that a value takes, about, in bytes: of its texts, and of its parts. */
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
