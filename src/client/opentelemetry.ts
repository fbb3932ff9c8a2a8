/**
 * Calls and retries as spans of `@opentelemetry/api`. This module does not import the API; you pass it in.
 *
 * ```ts ignore -- needs @opentelemetry/api
 * import * as api from "@opentelemetry/api";
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { openTelemetryHooks } from "@cortex/memory/opentelemetry";
 *
 * const client = AsyncConvexClient.http(url, { hooks: openTelemetryHooks(api) });
 * ```
 *
 * @module
 */
import { mustBe } from "./check.ts";
import type { CallReport, CallStart, ClientHooks } from "./client_hooks.ts";

export type { CallReport, CallStart, ClientHooks } from "./client_hooks.ts";
export type { ConnectionState, FunctionKind, RetryEvent } from "./types.ts";

/** The part of a span that is used here. */
export interface SpanLike {
  /** Sets attributes. */
  setAttributes(attributes: { [name: string]: string | number }): unknown;
  /** Adds an event. */
  addEvent(
    name: string,
    attributes?: { [name: string]: string | number },
  ): unknown;
  /** Records an error. */
  recordException(error: Error): void;
  /** Sets the status; 2 means failed. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Ends the span. */
  end(): void;
}

/** The part of `@opentelemetry/api` that is used here; the module itself fits. */
export interface OpenTelemetryLike {
  /** The API's entry point for tracing. */
  trace: {
    /** Returns a tracer. */
    getTracer(name: string, version?: string): {
      /** Starts a span, a child of the active one. */
      startSpan(
        name: string,
        options?: {
          kind?: number;
          startTime?: number;
          attributes?: { [name: string]: string | number };
        },
      ): SpanLike;
    };
  };
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`. */
const CLIENT = 2;
const ERROR = 2;

/**
 * Returns hooks that create a span for each call, as a child of the span active at the call, with kind, function,
 * attempts, request id and error code, and an event for each retry. Throws `ClientError` `INVALID_ARGUMENT` for an
 * `api` without `trace.getTracer`.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { openTelemetryHooks } from "@cortex/memory/opentelemetry";
 * import { assertEquals } from "@std/assert";
 *
 * // Stands for `import * as api from "@opentelemetry/api"`.
 * const names: string[] = [];
 * const done = () => {};
 * const span = { setAttributes: done, addEvent: done, recordException: done, setStatus: done, end: done };
 * const startSpan = (name: string) => (names.push(name), span);
 * const api = { trace: { getTracer: () => ({ startSpan }) } };
 *
 * const query = () => null;
 * await using client = new AsyncConvexClient({ query, mutation: query, action: query }, {
 *   hooks: openTelemetryHooks(api),
 * });
 * await client.query("stock:list");
 * assertEquals(names, ["convex query stock:list"]);
 * ```
 */
export function openTelemetryHooks(api: OpenTelemetryLike): ClientHooks {
  if (typeof api?.trace?.getTracer !== "function") {
    throw mustBe("api", "the module @opentelemetry/api", api);
  }
  const tracer = api.trace.getTracer("@cortex/memory");
  const spans = new Map<CallStart, SpanLike>();
  return {
    onCallStart(call) {
      const { kind, name, startedAt } = call;
      spans.set(
        call,
        tracer.startSpan(`convex ${kind} ${name}`, {
          kind: CLIENT,
          startTime: startedAt,
          attributes: {
            "rpc.system": "convex",
            "rpc.method": name,
            "convex.kind": kind,
          },
        }),
      );
    },
    onCall(call) {
      const span = spans.get(call);
      spans.delete(call);
      if (span !== undefined) finish(span, call);
    },
    onRetry({ attempt, delayMs, error }) {
      for (const [call, span] of spans) {
        if (call.lastError !== error) continue;
        span.addEvent("retry", {
          attempt,
          "delay.ms": delayMs,
          "error.type": codeOf(error),
        });
      }
    },
  };
}

function finish(span: SpanLike, call: CallReport): void {
  const { attempts, requestId, error } = call;
  // Whatever was thrown, even `undefined`.
  const isFailed = "error" in call;
  try {
    span.setAttributes({
      "convex.attempts": attempts,
      ...(requestId === undefined ? {} : { "convex.request_id": requestId }),
      ...(isFailed ? { "error.type": codeOf(error) } : {}),
    });
    if (!isFailed) return;
    if (error instanceof Error) span.recordException(error);
    span.setStatus({ code: ERROR, message: textOf(error) });
  } finally {
    span.end();
  }
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  // An abort's own is a number that tells nothing.
  return textOf(typeof code === "string" ? code : name ?? typeof error);
}

/** A signal's reason may be anything, such as an object without a prototype, which has no text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
