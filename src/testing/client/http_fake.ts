import type { HttpSourceOptions } from "../../client/http/http_source.ts";

/** One request that the fake deployment received. */
export interface SentRequest {
  /** Path of the URL, such as `/api/query`. */
  endpoint: string;
  /** Parsed body. */
  body: SentCall & { queries?: SentCall[] };
  /** Headers sent. */
  headers: Headers;
  /** Signal of the request. */
  signal: AbortSignal;
  /** How redirects are handled. */
  redirect: RequestInit["redirect"];
  /** Whether the host may use a connection that an earlier request left open. */
  keepalive: RequestInit["keepalive"];
}

/** One call in a request. */
export interface SentCall {
  /** Function. */
  path: string;
  /** Arguments, in Convex's array of one. */
  args: [{ [name: string]: unknown }];
  /** Form of the values. */
  format?: string;
}

/** A `fetch` that records requests, and answers as a case says. */
export interface FakeDeployment {
  /** Pass this to `httpSource`. */
  fetch: NonNullable<HttpSourceOptions["fetch"]>;
  /** Requests so far. */
  sent: SentRequest[];
  /** The greatest number of requests that were open at once. */
  maxOpen(): number;
}

/** Makes a fake deployment that answers with `answer`. */
export function fakeDeployment(
  answer: (request: SentRequest) => Response | Promise<Response>,
): FakeDeployment {
  const sent: SentRequest[] = [];
  let open = 0;
  let maxOpen = 0;
  return {
    sent,
    maxOpen: () => maxOpen,
    async fetch(url, init) {
      const request: SentRequest = {
        endpoint: new URL(url).pathname,
        body: JSON.parse(String(init.body) || "null"),
        headers: new Headers(init.headers),
        signal: init.signal as AbortSignal,
        redirect: init.redirect,
        keepalive: init.keepalive,
      };
      sent.push(request);
      maxOpen = Math.max(maxOpen, ++open);
      try {
        return await Promise.race([answer(request), aborted(request.signal)]);
      } finally {
        open--;
      }
    },
  };
}

/** The answer of a function that returned `value` (encoded JSON). */
export function success(value: unknown): Response {
  return Response.json({ status: "success", value });
}

/** The answer of a function that threw. */
export function failure(errorMessage: string, errorData?: unknown): Response {
  return Response.json({ status: "error", errorMessage, errorData });
}

/**
 * An answer like a backend's with `batch:run`: each call's value is its argument `value`, and a call with an argument
 * `fail` fails with it.
 */
export function answerBatch({ body }: SentRequest): Response {
  if (body.path !== "batch:run") return answerCall(body);
  const calls = body.args[0].calls as {
    args: { [name: string]: unknown };
  }[];
  return success(
    calls.map(({ args }) =>
      args.fail === undefined
        ? { ok: true, value: args.value ?? null }
        : { ok: false, error: args.fail }
    ),
  );
}

/** The answer to one call: its argument `value`. */
export function answerCall({ args: [{ value }] }: SentCall): Response {
  return success(value ?? null);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Convex's answer that it cannot take a call now. */
export function trouble(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code, message: "later" }, { status, headers });
}
