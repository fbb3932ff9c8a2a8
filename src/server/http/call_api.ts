/** The endpoints that call functions. */
import type { FunctionType } from "../../engine/engine.ts";
import { type Caller, COMPONENT_REFUSAL } from "../auth/callers.ts";
import type { Format } from "./client_version.ts";
import { encodeTs } from "../encoded_ts.ts";
import type { Hold } from "../held_bytes.ts";
import {
  answerCall,
  parseCall,
  type ParsedCall,
  parseFormat,
  parseTs,
} from "./http_call.ts";
import { parseJson, readJson } from "./json_body.ts";
import {
  badRequest,
  HttpFault,
  notServed,
  requireMethod,
} from "./http_fault.ts";
import { senderOf } from "../request_sender.ts";
import type { ServedEngine } from "../served_engine.ts";
import { answerUpload, type Uploads } from "./storage_api.ts";

/** Most queries in one batch: the result of each is held in memory until all have run. */
const MAX_QUERIES = 1000;
/**
 * Most characters of a batch's results, four times the longest result: otherwise a small request could exhaust memory.
 */
const MAX_BATCH_LENGTH = 64 * 1024 * 1024;
/**
 * Queries of a batch that start together at first, and later: fewer then, as the first results are already in memory.
 */
const MAX_AT_ONCE = 64;
const MAX_LATER = 16;

/** One request on its way through the API. */
export interface Exchange {
  /** The request. */
  request: Request;
  /** Its URL. */
  url: URL;
  /** The engine to call. */
  engine: ServedEngine;
  /** Largest body of a call, in bytes. */
  maxBodyBytes: number;
  /** The memory reserved for it. */
  hold: Hold;
  /** Uploads in progress. */
  uploads: Uploads;
  /** Names of functions of the app that have returned: their modules are loaded. */
  loaded: Set<string>;
  /** The format of the answer if the request asks for none. */
  fallback: Format;
  /** Its id, for messages and logs. */
  requestId: string;
  /** Who is calling. */
  caller: Caller;
  /** The sender's address, if known. */
  ip: string | null;
  /** Whether to hide details of failures from clients. */
  redactErrors: boolean;
}

/** Handlers of `POST` endpoints below `/api/`, which return JSON. */
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

/** Answers a request below `/api/` with JSON. Throws `HttpFault`. */
export async function answerApi(exchange: Exchange): Promise<string> {
  const { request, url } = exchange;
  const [, endpoint = "", rest] =
    /^\/api\/([a-z_]+)(?:\/(.+))?$/.exec(url.pathname) ?? [];
  if (endpoint === "run" && rest !== undefined) {
    requireMethod(request, "POST");
    return await answerRun(rest, exchange);
  }
  const { files } = exchange.engine;
  if (endpoint === "storage" && rest === "upload") {
    requireMethod(request, "POST");
    return await answerUpload(files, request, url, exchange.uploads);
  }
  if (!Object.hasOwn(postRoutes, endpoint) || rest !== undefined) {
    throw notServed(url.pathname);
  }
  if (endpoint === "query" && request.method === "GET") {
    return await answerQueryString(exchange);
  }
  requireMethod(request, "POST");
  return await postRoutes[endpoint]!(exchange);
}

function bodyOf(
  { request, maxBodyBytes, hold }: Exchange,
): Promise<{ [name: string]: unknown }> {
  return readJson(request, maxBodyBytes, hold);
}

async function answerBody(
  kind: FunctionType | "any",
  exchange: Exchange,
): Promise<string> {
  const { request, fallback } = exchange;
  const body = await bodyOf(exchange);
  const { componentPath: component = "" } = body;
  if (typeof component !== "string") {
    throw badRequest("BadJsonBody", '"componentPath" must be a string');
  }
  if (component !== "" && !exchange.caller.isAdmin) {
    throw new HttpFault(403, "Forbidden", COMPONENT_REFUSAL);
  }
  const settings = { signal: request.signal, component };
  return await runCall(kind, parseCall(body, fallback), exchange, settings);
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
  const { request } = exchange;
  const slash = rest.lastIndexOf("/");
  if (slash <= 0) {
    throw badRequest(
      "BadConvexFunctionIdentifier",
      "the path must name a module and a function, such as /api/run/memory/recall",
    );
  }
  const { args = {}, format } = await bodyOf(exchange);
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
  const { fallback } = exchange;
  const { queries } = await bodyOf(exchange);
  if (!Array.isArray(queries)) {
    throw badRequest(
      "BadJsonBody",
      'The body must be an object with "queries", an array',
    );
  }
  if (queries.length > MAX_QUERIES) {
    throw badRequest(
      "TooManyQueries",
      `"queries" must have at most ${MAX_QUERIES} elements; got ${queries.length}`,
    );
  }
  const calls = queries.map((query) => parseCall(query, fallback));
  return `{"results":[${(await runTogether(calls, exchange)).join(",")}]}`;
}

/**
 * Runs queries on one state: the first ones together, the rest a few at a time, as results may be large. Unless all run
 * together, they run at the timestamp at which they began: writes may come before those that wait, for others or for
 * their modules to be loaded, and before the first ones.
 */
async function runTogether(
  calls: readonly ParsedCall[],
  exchange: Exchange,
): Promise<string[]> {
  const { engine, loaded } = exchange;
  const mayWait = calls.length > MAX_AT_ONCE ||
    calls.length > 1 && !calls.every(({ path }) => loaded.has(path));
  // Only if needed, as it makes the engine keep a history of writes.
  const ts = mayWait ? engine.holdTimestamp() : undefined;
  let length = 0;
  const run = async (call: ParsedCall, settings: { ts?: bigint }) => {
    const text = await runCall("query", call, exchange, settings);
    length += text.length;
    if (length <= MAX_BATCH_LENGTH) return text;
    throw new HttpFault(
      413,
      "BatchTooLarge",
      `The results of a batch must have at most ${MAX_BATCH_LENGTH} characters together`,
    );
  };
  // Without the request's signal: Node warns about one with so many listeners, and queries are short.
  const results = await Promise.all(
    calls.slice(0, MAX_AT_ONCE).map((call) => run(call, { ts })),
  );
  for (let at = MAX_AT_ONCE; at < calls.length; at += MAX_LATER) {
    engine.holdTimestamp(ts);
    const next = calls.slice(at, at + MAX_LATER);
    results.push(
      ...await Promise.all(next.map((call) => run(call, { ts }))),
    );
  }
  return results;
}

async function answerTs({ request, engine }: Exchange): Promise<string> {
  await request.body?.cancel();
  return JSON.stringify({ ts: encodeTs(engine.holdTimestamp()) });
}

async function answerAtTs(exchange: Exchange): Promise<string> {
  const { request, fallback } = exchange;
  const body = await bodyOf(exchange);
  const { signal } = request;
  return await runCall(
    "query",
    parseCall(body, fallback),
    exchange,
    { signal, ts: parseTs(body.ts) },
  );
}

function runCall(
  kind: FunctionType | "any",
  { path, args, format }: ParsedCall,
  exchange: Exchange,
  settings: { signal?: AbortSignal; ts?: bigint; component?: string },
): Promise<string> {
  const { request, engine, loaded, requestId, ip, redactErrors } = exchange;
  const { identity, isAdmin } = exchange.caller;
  const { signal, ...rest } = settings;
  // As on Convex, an action continues after its client has disconnected: otherwise it would stop between two writes.
  const isTransaction = kind === "query" || kind === "mutation";
  return answerCall(
    async (logLines) => {
      const outcome = await engine.run(kind, path, args, {
        ...rest,
        signal: isTransaction ? signal : undefined,
        logLines,
        identity,
        mayCallInternal: isAdmin,
        sender: senderOf(request, requestId, ip),
      });
      if (!rest.component) loaded.add(path);
      return outcome;
    },
    format,
    requestId,
    redactErrors,
  );
}
