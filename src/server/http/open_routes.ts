import type { ServedEngine } from "../served_engine.ts";
import { requireMethod } from "./http_fault.ts";
import { answerDownload } from "./storage_api.ts";

/** What a server says of itself. */
interface ServerFacts {
  version?: string | undefined;
  instanceName?: string | undefined;
}

/** Answers requests that need no caller: about the server, its keys, and stored files. Undefined for other paths. */
export async function openRoute(
  request: Request,
  pathname: string,
  engine: ServedEngine,
  facts: ServerFacts,
): Promise<Response | undefined> {
  return plainRoute(request, pathname, facts) ??
    keysRoute(request, pathname, engine) ??
    await fileRoute(request, pathname, engine);
}

/** Answers a request for a stored file; undefined for other paths. */
async function fileRoute(
  request: Request,
  pathname: string,
  { files }: ServedEngine,
): Promise<Response | undefined> {
  const [, name] = /^\/api\/storage\/(?!upload$)([^/]+)$/.exec(pathname) ?? [];
  if (name === undefined) return undefined;
  requireMethod(request, "GET", "HEAD");
  return await answerDownload(files, request, name);
}

/** Answers with the public keys for tokens that functions sign; undefined for other paths. */
function keysRoute(
  request: Request,
  pathname: string,
  engine: ServedEngine,
): Response | undefined {
  if (pathname !== "/.well-known/jwks.json" || !engine.jwks) {
    return undefined;
  }
  const json = JSON.stringify(engine.jwks());
  return textResponse(request, json, "application/json");
}

/** Answers requests about the server itself; undefined for other paths. */
function plainRoute(
  request: Request,
  pathname: string,
  { version = "unknown", instanceName = "convex-self-hosted" }: ServerFacts,
): Response | undefined {
  const texts: { [pathname: string]: string } = {
    "/": "This Convex deployment is running. See https://docs.convex.dev/.",
    "/version": version,
    "/instance_version": version,
    "/instance_name": instanceName,
  };
  if (pathname === "/echo") {
    requireMethod(request, "POST");
    // A form on any page can post here: browsers must not display the echo as a page of this origin.
    return new Response(request.body, {
      headers: {
        "content-type": "application/octet-stream",
        "x-content-type-options": "nosniff",
      },
    });
  }
  if (pathname === "/api/debug_event") {
    // Clients with `reportDebugInfoToConvex` report long disconnections here, and warn if that fails.
    requireMethod(request, "POST");
    return new Response(null);
  }
  if (!Object.hasOwn(texts, pathname)) return undefined;
  return textResponse(request, texts[pathname]!, "text/plain; charset=utf-8");
}

/** A text in answer to `GET`, or its head for `HEAD`, by which monitors ask whether a server is there. */
function textResponse(request: Request, text: string, type: string): Response {
  requireMethod(request, "GET", "HEAD");
  const headers = new Headers({ "content-type": type });
  if (request.method !== "HEAD") return new Response(text, { headers });
  // Otherwise hosts would say that the answer has length 0.
  const { length } = new TextEncoder().encode(text);
  headers.set("content-length", String(length));
  return new Response(null, { headers });
}
