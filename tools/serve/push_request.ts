import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { badRequest, HttpFault } from "../../src/server/http/http_fault.ts";
import { readBytes } from "../../src/server/http/request_body.ts";
import type { ExternalPackage } from "./external_packages.ts";

/** A module as `npx convex` sends it: bundled, except for the chunks that it shares with others. */
export interface PushedModule {
  /** Such as `messages.js`, or `_deps/ABC.js` of a chunk. */
  path: string;
  /** Its text. */
  source: string;
  /** Its source map, as JSON. */
  sourceMap?: string;
  /** The runtime that it is for. */
  environment: "isolate" | "node";
}

/** The pushed app, or a pushed component. */
export interface PushedPart {
  /** Its configuration, if it has one. */
  definition: PushedModule | null;
  /** Components that it uses, by the paths of their configurations. */
  dependencies: string[];
  /** Its schema, if it has one. */
  schema: PushedModule | null;
  /** Its functions, if it is the app. */
  changedModules?: PushedModule[];
  /** Its functions, if it is a component. */
  functions?: PushedModule[];
  /** Version of `convex` that it was bundled with. */
  udfServerVersion?: string;
  /** Path of its configuration, as in `dependencies`; empty for the app. */
  definitionPath?: string;
}

/** The body of a push by `npx convex dev` or `deploy`. */
export interface PushRequest {
  /** Whether nothing must be changed. */
  dryRun: boolean;
  /** The app. */
  appDefinition: PushedPart;
  /** The components that it uses, directly or not. */
  componentDefinitions: PushedPart[];
  /** Packages that were not bundled. */
  nodeDependencies: ExternalPackage[];
}

/** Longest push, in bytes, compressed and decompressed: a few bytes may decompress to more than fits into memory. */
const MAX_PUSH_BYTES = 256 * 1024 * 1024;

/** Reads the body of a push, compressed or not. Throws `HttpFault` if it is invalid. */
export async function readPush(
  request: Request,
  maxBytes: number = MAX_PUSH_BYTES,
): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes === undefined) throw tooLarge(maxBytes);
  const encoding = request.headers.get("content-encoding");
  try {
    const plain = unpacked(bytes, encoding, maxBytes);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw badRequest("BadJsonBody", `The push cannot be read: ${message}`);
  }
}

function unpacked(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string | null,
  maxOutputLength: number,
): Uint8Array {
  const options = { maxOutputLength };
  switch (encoding) {
    case "br":
      return brotliDecompressSync(bytes, options);
    case "gzip":
      return gunzipSync(bytes, options);
    default:
      return bytes;
  }
}

function tooLarge(maxBytes: number): HttpFault {
  return new HttpFault(
    413,
    "RequestTooLarge",
    `A push must have at most ${maxBytes} bytes`,
  );
}
