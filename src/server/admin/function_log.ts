import type { Execution } from "../../engine/engine.ts";
import { formatJson } from "../../values/format_json.ts";
import { type AdminRoute, get } from "./admin_routes.ts";
import { describeFailure, headline } from "../function_error.ts";
import { badRequest } from "../http/http_fault.ts";
import { UDF_TYPES } from "./udf_types.ts";

/** Most executions kept, and most characters of their texts. */
const KEPT = 1000;
const KEPT_LENGTH = 16 * 1024 * 1024;
/** How long a request waits for the next entry before it gets an empty answer, in ms. */
const WAIT_MS = 10_000;

/** An execution in the form that clients get. */
interface Entry {
  requestId: string;
  error: string | null;
  [field: string]: unknown;
}

/** Log of recent function executions, for `npx convex logs`. */
export class FunctionLog {
  readonly #entries: Entry[] = [];
  /** Characters of each entry, and of all. */
  readonly #lengths: number[] = [];
  #length = 0;
  /** Number of entries dropped so far. */
  #dropped = 0;
  readonly #waiting: Set<() => void> = new Set();

  /** Adds an execution. */
  add(execution: Execution): void {
    const place = this.#dropped + this.#entries.length;
    const entry = entryOf(execution, place);
    const texts = [...execution.logLines, entry.error ?? "", entry.requestId];
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    this.#entries.push(entry);
    this.#lengths.push(length);
    this.#length += length;
    while (this.#entries.length > KEPT || this.#length > KEPT_LENGTH) {
      this.#entries.shift();
      this.#length -= this.#lengths.shift()!;
      this.#dropped++;
    }
    for (const wake of [...this.#waiting]) wake();
  }

  /** Routes by which `npx convex logs` follows the log. */
  routes(): AdminRoute[] {
    const follow: AdminRoute["answer"] = ({ request, url }) => {
      const cursor = Number(url.searchParams.get("cursor") ?? 0);
      if (!(cursor >= 0)) {
        throw badRequest(
          "BadCursor",
          `"cursor" must be a number from 0 on; got ${
            formatJson(url.searchParams.get("cursor"))
          }`,
        );
      }
      return this.after(cursor, request.signal);
    };
    return [
      get("/api/stream_function_logs", follow),
      get("/api/stream_udf_execution", follow),
    ];
  }

  /** Entries after a cursor, 0 for all that are kept. If there is none, waits a while for the next. */
  async after(
    cursor: number,
    signal: AbortSignal,
  ): Promise<{ entries: object[]; newCursor: number }> {
    // Cursors begin at 1, so that 0, by which a client asks for the current cursor, is answered at once.
    const latest = () => this.#dropped + this.#entries.length + 1;
    // A greater cursor is from before the server was restarted.
    const from = cursor > latest() ? 0 : cursor;
    if (from === latest()) await this.#next(signal);
    return {
      entries: this.#entries.slice(Math.max(0, from - 1 - this.#dropped)),
      newCursor: latest(),
    };
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, WAIT_MS);
      signal.addEventListener("abort", wake);
      this.#waiting.add(wake);
    });
  }
}

function entryOf(execution: Execution, place: number): Entry {
  const { kind, component, name, requestId, startMs, durationMs } = execution;
  const failure = "error" in execution
    ? describeFailure(execution.error, requestId)
    : undefined;
  return {
    kind: "Completion",
    udfType: UDF_TYPES[kind],
    ...(component !== "" && { componentPath: component }),
    identifier: name,
    logLines: execution.logLines.map((line) => lineOf(line, startMs)),
    timestamp: (startMs + durationMs) / 1000,
    executionTime: durationMs / 1000,
    executionTimestamp: startMs / 1000,
    cachedResult: false,
    willRetry: false,
    caller: "Unknown",
    identityType: "unknown",
    environment: "isolate",
    requestId,
    executionId: `${requestId}:${place}`,
    usageStats: {},
    error: failure === undefined ? null : failure.kind === "function"
      // The request id is reported in a field of its own.
      ? failure.errorMessage.replace(`${headline(requestId)}\n`, "")
      : failure.message,
  };
}

/** Splits `[LEVEL] text`. */
function lineOf(line: string, timestamp: number): object {
  const [, level, text] = /^\[([A-Z]+)\] ([^]*)$/.exec(line) ??
    [line, "LOG", line];
  return { level, messages: [text], timestamp, isTruncated: false };
}
