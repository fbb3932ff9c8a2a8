import type { Execution } from "../../engine/engine.ts";
import { formatJson } from "../../values/format_json.ts";
import { type AdminRoute, get } from "./admin_routes.ts";
import { describeFailure, headline } from "../function_error.ts";
import { badRequest } from "../http/http_fault.ts";
import { UDF_TYPES } from "./udf_types.ts";

/** Executions that are kept for those who ask later, and characters of all that they have written. */
const KEPT = 1000;
const KEPT_LENGTH = 16 * 1024 * 1024;
/** How long a request waits for the next entry before it is answered with none, in ms. */
const WAIT_MS = 10_000;

/** An execution as it is reported. */
interface Entry {
  requestId: string;
  error: string | null;
  [field: string]: unknown;
}

/** The functions that have run lately, as `npx convex logs` reads them. */
export class FunctionLog {
  readonly #entries: Entry[] = [];
  /** How much each of them has written, and all together. */
  readonly #lengths: number[] = [];
  #length = 0;
  /** How many there were before the first that is kept. */
  #dropped = 0;
  readonly #waiting: Set<() => void> = new Set();

  /** Keeps one more. */
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

  /** Routes by which `npx convex logs` follows them. */
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

  /** Those after a cursor, 0 for all that are kept; waits a while for the next when there is none. */
  async after(
    cursor: number,
    signal: AbortSignal,
  ): Promise<{ entries: object[]; newCursor: number }> {
    // Cursors begin at 1, so that 0 is answered at once: it asks where the log is.
    const latest = () => this.#dropped + this.#entries.length + 1;
    // A cursor from before the server was started anew.
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

/** `[LEVEL] text` in its parts. */
function lineOf(line: string, timestamp: number): object {
  const [, level, text] = /^\[([A-Z]+)\] ([^]*)$/.exec(line) ??
    [line, "LOG", line];
  return { level, messages: [text], timestamp, isTruncated: false };
}
