import type { CallSettings } from "../engine/engine.ts";
import { isConvexError, isCortexError } from "../errors.ts";
import { valueToJson } from "../values/json.ts";
import type { Value } from "../values/types.ts";
import { HttpFault } from "./http_fault.ts";
import { limitBody } from "./request_body.ts";
import type { ServedEngine } from "./served_engine.ts";

/** Largest body of a request to an HTTP action, in bytes. */
const MAX_ACTION_BODY_BYTES: number = 20 * 1024 * 1024;

/**
 * Has an HTTP action answer a request, under the URL given. What it throws becomes a response with status 500. Throws
 * `HttpFault`.
 */
export async function answerHttpAction(
  fetch: ServedEngine["fetch"],
  request: Request,
  url: URL,
  settings: Pick<CallSettings, "identity" | "sender">,
  { requestId, redactErrors }: { requestId: string; redactErrors: boolean },
): Promise<Response> {
  const limited = limitBody(request, url, MAX_ACTION_BODY_BYTES);
  try {
    return await fetch(limited.request, settings);
  } catch (error) {
    if (limited.isOver()) {
      throw new HttpFault(
        413,
        "RequestTooLarge",
        `The body must be at most ${MAX_ACTION_BODY_BYTES} bytes`,
      );
    }
    return failed(error, requestId, redactErrors);
  }
}

function failed(
  error: unknown,
  requestId: string,
  redactErrors: boolean,
): Response {
  const cause = isCortexError(error) && error.code === "FUNCTION_ERROR"
    ? error.cause ?? error
    : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const headline = `[Request ID: ${requestId}] Server Error`;
  const body: { code: string; trace?: string; data?: unknown } = redactErrors
    ? { code: headline }
    : {
      code: `${headline}: ${text}`,
      trace: `Uncaught ${
        cause instanceof Error ? `${cause.name}: ${cause.message}` : text
      }`,
    };
  if (isConvexError(error)) body.data = valueToJson(error.data as Value);
  return new Response(JSON.stringify(body), {
    status: 500,
    headers: { "content-type": "application/json" },
  });
}
