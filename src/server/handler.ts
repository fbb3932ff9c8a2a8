/**
 * Convex's HTTP API over an engine, as a Web-standard handler: the official `ConvexHttpClient` talks to it unmodified.
 *
 * As on Convex, an error of a function is answered with status 200 and `status: "error"`, a failure of the server with
 * its own status and `{ code, message }`.
 *
 * @module
 */
import { checkMethod } from "./check_options.ts";
import { AuthFault, type Callers } from "./auth/callers.ts";
import type { FailureReport } from "./failure_report.ts";
import { answerApi } from "./http/call_api.ts";
import { defaultFormat } from "./http/client_version.ts";
import { corsHeaders, withHeaders } from "./http/cors.ts";
import type { HttpActions } from "./http/http_actions_api.ts";
import type { HeldBytes } from "./held_bytes.ts";
import { badRequest, HttpFault } from "./http/http_fault.ts";
import { LONG_ANSWER, longAnswer } from "./http/long_answer.ts";
import { MAX_BODY_BYTES } from "./http/request_body.ts";
import { requestIdOf } from "./request_sender.ts";
import { namesHost } from "./http/names_host.ts";
import { openRoute } from "./http/open_routes.ts";
import { withoutSlashes } from "./http/without_slashes.ts";
import type { ServedEngine } from "./served_engine.ts";
import type { ConvexServerOptions } from "./server_options.ts";
import type { Uploads } from "./http/storage_api.ts";
import type { UnreadBytes } from "./unread_bytes.ts";

/** Facts that the host knows about a request. */
export interface RequestOrigin {
  /** The sender's address, for `ctx.meta`. */
  ip?: string | undefined;
  /** Its origin as `Deno.serve` reports it: an object with a `hostname`. Used if there is no `ip`. */
  remoteAddr?: object | undefined;
}

/** Answers a request. Never rejects. */
export type Handle = (
  request: Request,
  origin?: RequestOrigin,
) => Promise<Response>;

const MAX_FILE_BYTES = 100 * 1024 * 1024;

/** Everything that the HTTP API uses. */
export interface ApiServices {
  /** Runs the functions. */
  engine: ServedEngine;
  /** Answers below `/http/`. */
  actions: HttpActions;
  /** Verifies tokens. */
  callers: Callers;
  /** Memory for the bodies of all requests. */
  held: HeldBytes;
  /** Memory for what clients have not read. */
  unread: UnreadBytes;
  /** Whether to hide details of failures from clients. */
  redactErrors: boolean;
  /** Receives failures of the server itself. */
  report: FailureReport;
}

/** Creates the handler of the HTTP API. It never rejects: every error becomes a response. */
export function createApi(
  services: ApiServices,
  options: ConvexServerOptions,
): Handle {
  const { engine, actions, callers, held, unread, redactErrors, report } =
    services;
  const { maxBodyBytes = MAX_BODY_BYTES, maxFileBytes = MAX_FILE_BYTES } =
    options;
  const uploads: Uploads = { maxBytes: maxFileBytes, arrived: 0 };
  const loaded = new Set<string>();
  return async (request, from = {}) => {
    checkMethod("handle", "request", request, "arrayBuffer");
    const ip = ipOf(from);
    const cors = corsHeaders(request);
    const hold = held.begin();
    try {
      checkHost(request);
      options.onRequest?.(request);
      const url = new URL(request.url);
      url.pathname = withoutSlashes(url.pathname);
      if (/^\/http(\/|$)/.test(url.pathname)) {
        // No CORS headers: the action decides who may read its answers.
        url.pathname = url.pathname.slice("/http".length) || "/";
        return await actions.answer(request, url, ip);
      }
      if (request.method === "OPTIONS") {
        return new Response(null, { status: 204, headers: cors });
      }
      const open = await openRoute(request, url.pathname, engine, options);
      if (open) return withHeaders(open, cors);
      const caller = await callers.ofRequest(request);
      const answer = caller.isAdmin
        ? await options.admin?.answer(request, url)
        : options.admin?.refuseOutsider(url);
      if (answer) return withHeaders(answer, cors);
      const text = await answerApi({
        request,
        url,
        engine,
        maxBodyBytes,
        hold,
        uploads,
        loaded,
        fallback: defaultFormat(request.headers.get("convex-client")),
        requestId: requestIdOf(request),
        caller,
        ip,
        redactErrors,
      });
      return text.length < LONG_ANSWER
        ? json(200, text, cors)
        : jsonInPieces(longAnswer(text, unread), cors);
    } catch (error) {
      return faultResponse(error, cors, report);
    } finally {
      hold.release();
    }
  };
}

/** Creates a handler that answers every path with an HTTP action, as a deployment's `.convex.site` does. */
export function createSite(
  { actions, report }: Pick<ApiServices, "actions" | "report">,
): Handle {
  return async (request, from = {}) => {
    checkMethod("handleSite", "request", request, "arrayBuffer");
    try {
      checkHost(request);
      return await actions.answer(request, new URL(request.url), ipOf(from));
    } catch (error) {
      return faultResponse(error, {}, report);
    }
  };
}

/** Throws `HttpFault` unless the `Host` header is valid. */
function checkHost(request: Request): void {
  if (namesHost(request)) return;
  throw badRequest("BadHost", "The Host header must name a host");
}

function ipOf({ ip, remoteAddr }: RequestOrigin): string | null {
  return ip ?? (remoteAddr as { hostname?: string } | undefined)?.hostname ??
    null;
}

function faultResponse(
  error: unknown,
  cors: Record<string, string>,
  report: FailureReport,
): Response {
  const { status, code, message, cause } = faultOf(error);
  if (status === 500) report(cause);
  return json(status, JSON.stringify({ code, message }), cors);
}

function faultOf(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error;
  if (error instanceof AuthFault) {
    return new HttpFault(401, error.code, error.message);
  }
  return new HttpFault(
    500,
    "InternalServerError",
    "Your request couldn't be completed. Try again later.",
    { cause: error },
  );
}

function jsonInPieces(
  { body, length }: ReturnType<typeof longAnswer>,
  cors: Record<string, string>,
): Response {
  const answer = json(200, body, cors);
  answer.headers.set("content-length", String(length));
  return answer;
}

function json(
  status: number,
  body: BodyInit,
  cors: Record<string, string>,
): Response {
  const headers = { ...cors, "content-type": "application/json" };
  return new Response(body, { status, headers });
}
