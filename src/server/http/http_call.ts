import type { CallOutcome } from "../../engine/engine.ts";
import { formatJson } from "../../values/format_json.ts";
import { stringifyValue } from "../../values/json.ts";
import { isRecord } from "../../values/kinds.ts";
import { type Args, decodeArgs } from "../call_args.ts";
import { cleanJson } from "./clean_json.ts";
import type { Format } from "./client_version.ts";
import { decodeTs } from "../encoded_ts.ts";
import { describeFailure } from "../function_error.ts";
import { badRequest, HttpFault } from "./http_fault.ts";

/** A call, parsed from a request. */
export interface ParsedCall {
  /** Name of the function. */
  path: string;
  /** Its arguments. */
  args: Args;
  /** Format of the result. */
  format: Format;
}

/** Parses a call. Throws `HttpFault`. */
export function parseCall(body: unknown, fallback: Format): ParsedCall {
  if (!isRecord(body)) {
    throw badRequest("BadJsonBody", "A call must be an object");
  }
  const { path, args, format } = body;
  if (typeof path !== "string" || path === "") {
    throw badRequest(
      "BadConvexFunctionIdentifier",
      '"path" must name a function, such as "memory:recall"',
    );
  }
  return {
    path,
    args: readArgs(args),
    format: parseFormat(format, fallback),
  };
}

/** Parses the timestamp of a call. Throws `HttpFault`. */
export function parseTs(ts: unknown): bigint {
  try {
    return decodeTs(ts);
  } catch (error) {
    throw badRequest("BadJsonBody", `"ts": ${(error as Error).message}`);
  }
}

function readArgs(args: unknown): Args {
  const named = Array.isArray(args) && args.length <= 1 ? args[0] ?? {} : args;
  if (!isRecord(named)) {
    throw badRequest(
      "BadJsonBody",
      '"args" must be an object or an array of one object',
    );
  }
  return decodeArgs(
    named,
    (reason) => badRequest("BadJsonBody", `"args": ${reason}`),
  );
}

/** Parses the name of a format. Throws `HttpFault`. */
export function parseFormat(format: unknown, fallback: Format): Format {
  switch (format) {
    case undefined:
    case null:
      return fallback;
    case "convex_encoded_json":
    case "convex_json":
      return "encoded";
    case "json":
    case "convex_clean_json":
    case "export_json":
      return "clean";
    default:
      throw badRequest(
        "BadFormat",
        `"format" must be "json" or "convex_encoded_json"; got ${
          formatJson(format)
        }`,
      );
  }
}

/**
 * Runs a function and writes its result, or its error, as Convex does. Throws `HttpFault` for failures of the server.
 */
export async function answerCall(
  run: (logLines: string[]) => Promise<CallOutcome>,
  format: Format,
  requestId: string,
  redactErrors: boolean,
): Promise<string> {
  const encode = format === "clean" ? cleanJson : stringifyValue;
  // Passed in, so that the log lines of a function that throws are known, too.
  const written: string[] = [];
  try {
    const { value, logLines } = await run(written);
    const lines = logLines.length > 0 && !redactErrors
      ? `,"logLines":${JSON.stringify(logLines)}`
      : "";
    return `{"status":"success","value":${encode(value)}${lines}}`;
  } catch (error) {
    const failure = describeFailure(error, requestId, redactErrors);
    if (failure.kind === "server") {
      const { status, code, message } = failure;
      throw new HttpFault(status, code, message, { cause: error });
    }
    const { errorMessage, errorData } = failure;
    const data = errorData === undefined
      ? ""
      : `,"errorData":${encode(errorData)}`;
    return `{"status":"error","errorMessage":${
      JSON.stringify(errorMessage)
    }${data},"logLines":${JSON.stringify(redactErrors ? [] : written)}}`;
  }
}
