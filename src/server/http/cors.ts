/** Methods of Convex's API. */
const METHODS = "GET, HEAD, POST, OPTIONS, DELETE, PATCH, PUT";
const HEADERS =
  "content-type, authorization, convex-client, convex-request-id, digest, range";

/** CORS headers that let any page read an answer. */
export function corsHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {
    "access-control-allow-origin": request.headers.get("origin") ?? "*",
    "access-control-expose-headers": "*",
    "vary": "origin",
  };
  if (request.method === "OPTIONS") {
    headers["access-control-allow-methods"] = METHODS;
    headers["access-control-allow-headers"] =
      request.headers.get("access-control-request-headers") ?? HEADERS;
    headers["access-control-max-age"] = "86400";
  }
  return headers;
}

/** A copy of a response with added headers: those of the original may be immutable. */
export function withHeaders(
  response: Response,
  headers: Record<string, string>,
): Response {
  const copy = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) {
    copy.headers.set(name, value);
  }
  return copy;
}
