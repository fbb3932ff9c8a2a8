/**
 * Convex's HTTP API over an engine, as a Web-standard handler: the official `ConvexHttpClient` talks to it unmodified.
 *
 * A function's error is answered with status 200 and `status: "error"`, trouble of the server with its own status and
 * `{ code, message }`, as Convex does.
 *
 * @module
 */
import { type Caller, Callers, isAuthFault } from "./callers.ts";
import { defaultFormat, type Format } from "./client_version.ts";
import { corsHeaders, withHeaders } from "./cors.ts";
import { encodeTs } from "./encoded_ts.ts";
import { type EngineLike, type Functions, functionsOf } from "./functions.ts";
import {
  answerCall,
  parseCall,
  type ParsedCall,
  parseFormat,
  parseJson,
  parseTs,
  readJson,
} from "./http_call.ts";
import { badRequest, HttpFault } from "./http_fault.ts";
import { MAX_BODY_BYTES } from "./request_body.ts";
import { newRequestId } from "./request_id.ts";

export type { EngineLike } from "./functions.ts";

/** Options of {@link createHttpHandler}. */
export interface HttpHandlerOptions {
  /** Called with each request before it is read, for logs and counters. */
  onRequest?: (request: Request) => void;
  /** Largest body that is read, in bytes. Default 16 MiB + 2000, as Convex. */
  maxBodyBytes?: number;
  /** Text that `GET /version` answers. Default `unknown`, as a self-hosted Convex. */
  version?: string;
  /** Text that `GET /instance_name` answers. Default `convex-self-hosted`. */
  instanceName?: string;
}

/** One request on its way through the API. */
interface Exchange {
  request: Request;
  url: URL;
  functions: Functions;
  maxBodyBytes: number;
  /** The format of an answer whose request asks for none. */
  fallback: Format;
  requestId: string;
  caller: Caller;
}

/** Answers what is posted to an endpoint, with a text of JSON. */
const postRoutes: {
  [endpoint: string]: (exchange: Exchange) => Promise<string>;
} = {
  query: (exchange) => answerBody("query", exchange),
  mutation: (exchange) => answerBody("mutation", exchange),
  action: (exchange) => answerBody("action", exchange),
  function: (exchange) => answerBody("any", exchange),
  query_batch: answerBatch,
  query_ts: answerTs,
  query_at_ts: answerAtTs,
};

/**
 * Makes the handler over what has functions only. It never rejects: whatever goes wrong becomes a response. It holds no
 * state but `engine`, and does not end it.
 */
export function createHttpHandler(
  engine: EngineLike,
  options: HttpHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const callers = new Callers(undefined, undefined);
  return createApi(functionsOf(engine), callers, options);
}

/** Makes the handler. It never rejects: whatever goes wrong becomes a response. */
export function createApi(
  functions: Functions,
  callers: Callers,
  options: HttpHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { onRequest, maxBodyBytes = MAX_BODY_BYTES } = options;
  return async (request) => {
    const cors = corsHeaders(request);
    try {
      onRequest?.(request);
      if (request.method === "OPTIONS") {
        return new Response(null, { status: 204, headers: cors });
      }
      const url = new URL(request.url);
      const plain = plainRoute(request, url.pathname, options);
      if (plain) return withHeaders(plain, cors);
      const text = await answerApi({
        request,
        url,
        functions,
        maxBodyBytes,
        fallback: defaultFormat(request.headers.get("convex-client")),
        requestId: request.headers.get("convex-request-id") ?? newRequestId(),
        caller: await callers.ofRequest(request),
      });
      return json(200, text, cors);
    } catch (error) {
      const { status, code, message } = faultOf(error);
      return json(status, JSON.stringify({ code, message }), cors);
    }
  };
}

/** Answers what tells of the server itself; undefined for other paths. */
function plainRoute(
  request: Request,
  pathname: string,
  { version = "unknown", instanceName = "convex-self-hosted" }:
    HttpHandlerOptions,
): Response | undefined {
  const texts: { [pathname: string]: string } = {
    "/": "This Convex deployment is running. See https://docs.convex.dev/.",
    "/version": version,
    "/instance_version": version,
    "/instance_name": instanceName,
  };
  if (pathname === "/echo") {
    requireMethod(request, "POST");
    return new Response(request.body);
  }
  if (!Object.hasOwn(texts, pathname)) return undefined;
  requireMethod(request, "GET");
  return new Response(texts[pathname], {
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

async function answerApi(exchange: Exchange): Promise<string> {
  const { request, url } = exchange;
  const [, endpoint = "", rest] =
    /^\/api\/([a-z_]+)(?:\/(.+))?$/.exec(url.pathname) ?? [];
  if (endpoint === "run" && rest !== undefined) {
    requireMethod(request, "POST");
    return await answerRun(rest, exchange);
  }
  if (!Object.hasOwn(postRoutes, endpoint) || rest !== undefined) {
    throw new HttpFault(
      404,
      "NotFound",
      `Nothing is served at ${url.pathname.slice(0, 80)}`,
    );
  }
  if (endpoint === "query" && request.method === "GET") {
    return await answerQueryString(exchange);
  }
  requireMethod(request, "POST");
  return await postRoutes[endpoint]!(exchange);
}

async function answerBody(
  kind: "query" | "mutation" | "action" | "any",
  exchange: Exchange,
): Promise<string> {
  const { request, maxBodyBytes, fallback } = exchange;
  const body = await readJson(request, maxBodyBytes);
  const { componentPath } = body;
  if (typeof componentPath === "string" && componentPath !== "") {
    throw new HttpFault(
      403,
      "Forbidden",
      "only the functions of the app itself can be called",
    );
  }
  const { signal } = request;
  return await runCall(kind, parseCall(body, fallback), exchange, { signal });
}

async function answerQueryString(exchange: Exchange): Promise<string> {
  const { searchParams } = exchange.url;
  const args = searchParams.get("args");
  const call = parseCall({
    path: searchParams.get("path"),
    args: args === null ? {} : parseJson(args, '"args"'),
    format: searchParams.get("format"),
  }, exchange.fallback);
  const { signal } = exchange.request;
  return await runCall("query", call, exchange, { signal });
}

/** `/api/run/dir/module/function`. */
async function answerRun(rest: string, exchange: Exchange): Promise<string> {
  const { request, maxBodyBytes } = exchange;
  const slash = rest.lastIndexOf("/");
  if (slash <= 0) {
    throw badRequest(
      "BadConvexFunctionIdentifier",
      "the path must name a module and a function, such as /api/run/memory/recall",
    );
  }
  const { args = {}, format } = await readJson(request, maxBodyBytes);
  const path = `${rest.slice(0, slash)}:${rest.slice(slash + 1)}`;
  const call = parseCall({ path, args }, "clean");
  const { signal } = request;
  return await runCall(
    "any",
    { ...call, format: parseFormat(format, "clean") },
    exchange,
    { signal },
  );
}

async function answerBatch(exchange: Exchange): Promise<string> {
  const { request, maxBodyBytes, fallback } = exchange;
  const { queries } = await readJson(request, maxBodyBytes);
  if (!Array.isArray(queries)) {
    throw badRequest(
      "BadJsonBody",
      'The body must be an object with "queries", an array',
    );
  }
  // All calls are parsed before the first starts, and all start in one turn: they see one state.
  const calls = queries.map((query) => parseCall(query, fallback));
  // They are short and many: one signal would gather a listener of each, of which Node warns.
  const results = await Promise.all(
    calls.map((call) => runCall("query", call, exchange, {})),
  );
  return `{"results":[${results.join(",")}]}`;
}

async function answerTs({ request, functions }: Exchange): Promise<string> {
  await request.body?.cancel();
  return JSON.stringify({ ts: encodeTs(functions.holdTimestamp()) });
}

async function answerAtTs(exchange: Exchange): Promise<string> {
  const { request, maxBodyBytes, fallback } = exchange;
  const body = await readJson(request, maxBodyBytes);
  const { signal } = request;
  return await runCall(
    "query",
    parseCall(body, fallback),
    exchange,
    { signal, ts: parseTs(body.ts) },
  );
}

function runCall(
  kind: "query" | "mutation" | "action" | "any",
  { path, args, format }: ParsedCall,
  { functions, requestId, caller }: Exchange,
  settings: { signal?: AbortSignal; ts?: bigint },
): Promise<string> {
  const { identity, isAdmin } = caller;
  return answerCall(
    () =>
      functions.run(kind, path, args, {
        ...settings,
        identity,
        mayCallInternal: isAdmin,
      }),
    format,
    requestId,
  );
}

function faultOf(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error;
  if (isAuthFault(error)) return new HttpFault(401, error.code, error.message);
  return new HttpFault(
    500,
    "InternalServerError",
    "Your request couldn't be completed. Try again later.",
  );
}

function requireMethod(request: Request, method: string): void {
  if (request.method === method) return;
  throw new HttpFault(
    405,
    "MethodNotAllowed",
    `Only ${method} is served here; got ${request.method}`,
  );
}

function json(
  status: number,
  body: string,
  cors: Record<string, string>,
): Response {
  const headers = { ...cors, "content-type": "application/json" };
  return new Response(body, { status, headers });
}
