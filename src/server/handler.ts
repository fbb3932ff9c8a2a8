/**
 * Convex's HTTP API over an engine, as a Web-standard handler: the official `ConvexHttpClient` talks to it unmodified.
 *
 * Spoken are `POST /api/query`, `/api/mutation`, `/api/action` and `/api/query_batch`, `GET /version` and CORS
 * preflights. A function's error is answered with status 200 and `status: "error"`, trouble of the server with its own
 * status and `{ code, message }`, as Convex does.
 *
 * @module
 */
import { ValueError } from "../errors.ts";
import type { JsonValue, Value } from "../values/types.ts";
import { jsonToValue, stringifyValue } from "../values/json.ts";
import { cleanJson } from "./clean_json.ts";
import { describeFailure } from "./function_error.ts";
import { MAX_BODY_BYTES, readBody } from "./request_body.ts";
import { newRequestId } from "./request_id.ts";

/** What the handler needs of an engine. */
export interface EngineLike {
  /** Runs a query. */
  query(
    name: string,
    args: { [name: string]: Value },
    options?: { signal?: AbortSignal },
  ): unknown;
  /** Runs a mutation. */
  mutation(
    name: string,
    args: { [name: string]: Value },
    options?: { signal?: AbortSignal },
  ): unknown;
  /** Runs an action. */
  action(
    name: string,
    args: { [name: string]: Value },
    options?: { signal?: AbortSignal },
  ): unknown;
}

/** Options of {@link createHttpHandler}. */
export interface HttpHandlerOptions {
  /** Called with each request before it is read, for logs and counters. */
  onRequest?: (request: Request) => void;
  /** Largest body that is read, in bytes. Default 16 MiB + 2000, as Convex. */
  maxBodyBytes?: number;
  /** Text that `GET /version` answers. Default `unknown`, as a self-hosted Convex. */
  version?: string;
}

type Kind = "query" | "mutation" | "action";
type Format = "encoded" | "clean";

/** One call as a body names it. */
interface ParsedCall {
  path: string;
  args: { [name: string]: Value };
  format: Format;
}

/** An answer of the server itself instead of a function's. */
class HttpFault extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * Makes the handler. It never rejects: whatever goes wrong becomes a response. It holds no state but `engine`, and
 * does not end it.
 */
export function createHttpHandler(
  engine: EngineLike,
  options: HttpHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { onRequest, maxBodyBytes = MAX_BODY_BYTES, version = "unknown" } =
    options;
  return async (request) => {
    const cors = corsHeaders(request);
    try {
      onRequest?.(request);
      if (request.method === "OPTIONS") {
        return new Response(null, { status: 204, headers: cors });
      }
      const { pathname } = new URL(request.url);
      if (pathname === "/version") {
        requireMethod(request, "GET");
        return new Response(version, {
          headers: { ...cors, "content-type": "text/plain; charset=utf-8" },
        });
      }
      const answer = await route(engine, request, pathname, maxBodyBytes);
      return json(200, answer, cors);
    } catch (error) {
      const fault = error instanceof HttpFault ? error : new HttpFault(
        500,
        "InternalServerError",
        "Your request couldn't be completed. Try again later.",
      );
      const { code, message } = fault;
      return json(fault.status, JSON.stringify({ code, message }), cors);
    }
  };
}

async function route(
  engine: EngineLike,
  request: Request,
  pathname: string,
  maxBodyBytes: number,
): Promise<string> {
  const endpoint = /^\/api\/(query|mutation|action|query_batch)$/.exec(pathname)
    ?.[1];
  if (endpoint === undefined) {
    throw new HttpFault(
      404,
      "NotFound",
      `Nothing is served at ${pathname.slice(0, 80)}`,
    );
  }
  requireMethod(request, "POST");
  const body = await readJson(request, maxBodyBytes);
  const requestId = request.headers.get("convex-request-id") ?? newRequestId();
  if (endpoint !== "query_batch") {
    const kind = endpoint as Kind;
    const { signal } = request;
    return await answerCall(engine, kind, parseCall(body), requestId, signal);
  }
  const queries = (body as { queries?: unknown } | null)?.queries;
  if (!Array.isArray(queries)) {
    throw badRequest(
      "BadJsonBody",
      'The body must be an object with "queries", an array',
    );
  }
  // All calls are parsed before the first starts, and all start in one turn: they see one state.
  const calls = queries.map(parseCall);
  // They are short and many: one signal would gather a listener of each, of which Node warns.
  const results = await Promise.all(
    calls.map((call) => answerCall(engine, "query", call, requestId)),
  );
  return `{"results":[${results.join(",")}]}`;
}

async function answerCall(
  engine: EngineLike,
  kind: Kind,
  { path, args, format }: ParsedCall,
  requestId: string,
  signal?: AbortSignal,
): Promise<string> {
  const encode = format === "clean" ? cleanJson : stringifyValue;
  try {
    const value = await engine[kind](path, args, { signal });
    return `{"status":"success","value":${encode((value ?? null) as Value)}}`;
  } catch (error) {
    const failure = describeFailure(error, requestId);
    if (failure.kind === "server") {
      throw new HttpFault(failure.status, failure.code, failure.message);
    }
    const { errorMessage, errorData } = failure;
    const data = errorData === undefined
      ? ""
      : `,"errorData":${encode(errorData)}`;
    return `{"status":"error","errorMessage":${
      JSON.stringify(errorMessage)
    }${data},"logLines":[]}`;
  }
}

async function readJson(
  request: Request,
  maxBodyBytes: number,
): Promise<unknown> {
  const text = await readBody(request, maxBodyBytes);
  if (text === undefined) {
    throw new HttpFault(
      413,
      "RequestTooLarge",
      `The body must be at most ${maxBodyBytes} bytes`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(
      "BadJsonBody",
      `The body is not JSON: ${(error as Error).message}`,
    );
  }
}

function parseCall(body: unknown): ParsedCall {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw badRequest("BadJsonBody", "The body must be an object");
  }
  const { path, args, format } = body as { [name: string]: unknown };
  if (typeof path !== "string" || path === "") {
    throw badRequest(
      "BadConvexFunctionIdentifier",
      '"path" must name a function, such as "memory:recall"',
    );
  }
  const named = Array.isArray(args) && args.length <= 1 ? args[0] ?? {} : args;
  if (typeof named !== "object" || named === null || Array.isArray(named)) {
    throw badRequest(
      "BadJsonBody",
      '"args" must be an object or an array of one object',
    );
  }
  return { path, args: decodeArgs(named), format: parseFormat(format) };
}

function decodeArgs(args: object): { [name: string]: Value } {
  try {
    return jsonToValue(args as JsonValue) as { [name: string]: Value };
  } catch (error) {
    // The stack ends where nesting goes on for thousands of levels.
    const reason = error instanceof RangeError
      ? "nested too deep"
      : error instanceof ValueError
      ? error.message
      : undefined;
    if (reason === undefined) throw error;
    throw badRequest("BadJsonBody", `"args": ${reason}`);
  }
}

function parseFormat(format: unknown): Format {
  switch (format) {
    case "convex_encoded_json":
    case "convex_json":
      return "encoded";
    case undefined:
    case null:
    case "json":
    case "convex_clean_json":
      return "clean";
    default:
      throw badRequest(
        "BadFormat",
        `"format" must be "json" or "convex_encoded_json"; got ${
          String(JSON.stringify(format)).slice(0, 80)
        }`,
      );
  }
}

function requireMethod(request: Request, method: string): void {
  if (request.method === method) return;
  throw new HttpFault(
    405,
    "MethodNotAllowed",
    `Only ${method} is served here; got ${request.method}`,
  );
}

function badRequest(code: string, message: string): HttpFault {
  return new HttpFault(400, code, message);
}

function json(
  status: number,
  body: string,
  cors: Record<string, string>,
): Response {
  const headers = { ...cors, "content-type": "application/json" };
  return new Response(body, { status, headers });
}

function corsHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {
    "access-control-allow-origin": request.headers.get("origin") ?? "*",
    "vary": "origin",
  };
  if (request.method === "OPTIONS") {
    headers["access-control-allow-methods"] = "GET, POST, OPTIONS";
    headers["access-control-allow-headers"] =
      request.headers.get("access-control-request-headers") ??
        "content-type, authorization, convex-client, convex-request-id";
    headers["access-control-max-age"] = "86400";
  }
  return headers;
}
