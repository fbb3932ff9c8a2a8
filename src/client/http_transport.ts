import { ClientError } from "../errors.ts";
import { shown } from "./shown.ts";

/** Options of `httpSource`. */
export interface HttpSourceOptions {
  /** Replaces the host's `fetch`, for tests, proxies and service bindings. */
  fetch?: (input: string, init: RequestInit) => Promise<Response>;
  /** Headers sent with each request. */
  headers?: { [name: string]: string };
  /** Identity token (JWT), or what gives one before each request. Sent as `Authorization: Bearer`. */
  auth?:
    | string
    | (() => string | undefined | Promise<string | undefined>);
  /** Requests in flight at most; more wait their turn. Default: no bound. */
  maxInFlight?: number;
  /**
   * Backend's public mutation that runs several calls, each in a subtransaction, such as `batch:run`. With it,
   * mutations that carry `CallOptions.batch` and were started in one tick travel by few requests.
   */
  batchFunction?: string;
}

/** Status that Convex once gave to an answer about a failed function; the body is the same as with 200. */
const FUNCTION_FAILED = 560;

/** Sends JSON to one deployment and reads JSON back; every other outcome is a typed error. */
export class HttpTransport {
  readonly #address: string;
  readonly #options: HttpSourceOptions;
  readonly #active = new Set<AbortController>();
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  /** Requests sent. */
  requests = 0;

  constructor(address: string, options: HttpSourceOptions) {
    const { maxInFlight } = options;
    if (
      maxInFlight !== undefined &&
      (!Number.isInteger(maxInFlight) || maxInFlight < 1)
    ) {
      throw new ClientError(
        "INVALID_ARGUMENT",
        `maxInFlight must be a whole number of at least 1; got ${
          shown(maxInFlight)
        }`,
      );
    }
    this.#address = address;
    this.#options = options;
  }

  /**
   * Posts a body to an endpoint and gives the parsed answer, if it has the form that is `expected`. Rejects with the
   * signal's reason, `UNREACHABLE`, `HTTP_ERROR` (with `data: { status, code }`) or `BAD_RESPONSE`.
   */
  async post<T>(
    endpoint: string,
    body: string,
    expected: (answer: unknown) => answer is T,
    signal?: AbortSignal,
  ): Promise<T> {
    await this.#enter(signal);
    const controller = new AbortController();
    const onAbort = () => controller.abort(signal!.reason);
    signal?.addEventListener("abort", onAbort);
    this.#active.add(controller);
    try {
      signal?.throwIfAborted();
      return await this.#exchange(endpoint, body, expected, controller.signal);
    } finally {
      this.#active.delete(controller);
      signal?.removeEventListener("abort", onAbort);
      this.#leave();
    }
  }

  /** Ends requests that are still open. */
  close(): void {
    const reason = new ClientError("CLIENT_CLOSED", "The client is closed");
    for (const controller of this.#active) controller.abort(reason);
  }

  async #exchange<T>(
    endpoint: string,
    body: string,
    expected: (answer: unknown) => answer is T,
    signal: AbortSignal,
  ): Promise<T> {
    const headers = await this.#headers();
    signal.throwIfAborted();
    const fetch = this.#options.fetch ?? fetchOnce;
    let response: Response;
    let text: string;
    try {
      this.requests++;
      response = await fetch(this.#address + endpoint, {
        method: "POST",
        headers,
        body,
        signal,
        // Who was not asked for must see neither call nor token.
        redirect: "manual",
      });
      text = await response.text();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // The address holds no credentials: such URLs are refused before.
      throw new ClientError(
        "UNREACHABLE",
        `Cannot reach ${new URL(this.#address).origin}: ${
          shown((error as Error | undefined)?.message)
        }`,
        { cause: error },
      );
    }
    return readAnswer(endpoint, response, text, expected);
  }

  async #headers(): Promise<Record<string, string>> {
    const { auth, headers } = this.#options;
    const token = typeof auth === "function" ? await auth() : auth;
    return {
      "content-type": "application/json",
      "convex-client": "cortex-0.1.0",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    };
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    const { maxInFlight } = this.#options;
    if (maxInFlight === undefined || this.#inFlight < maxInFlight) {
      this.#inFlight++;
      return;
    }
    // Whoever leaves hands its place over, so the count stays.
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal!.reason);
      };
      const enter = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(enter);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inFlight--;
    else next();
  }
}

/** The host's `fetch`, which must not send a mutation twice. */
function fetchOnce(input: string, init: RequestInit): Promise<Response> {
  // Deno sends a text again when the connection breaks before the answer; a blob it sends once.
  return "Deno" in globalThis
    ? globalThis.fetch(input, {
      ...init,
      body: new Blob([init.body as string]),
    })
    : globalThis.fetch(input, init);
}

function readAnswer<T>(
  endpoint: string,
  response: Response,
  text: string,
  expected: (answer: unknown) => answer is T,
): T {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw badResponse(endpoint, response, text);
  }
  if (response.ok || response.status === FUNCTION_FAILED) {
    if (expected(answer)) return answer;
    throw badResponse(endpoint, response, text);
  }
  const { code, message } = (answer ?? {}) as { [name: string]: unknown };
  if (typeof code !== "string" || typeof message !== "string") {
    throw badResponse(endpoint, response, text);
  }
  throw new ClientError(
    "HTTP_ERROR",
    `Convex answered ${endpoint} with ${response.status} ${code}: ${message}`,
    { data: { status: response.status, code } },
  );
}

/** Error for an answer that no Convex deployment gives: says what came, so that a wrong URL is seen at once. */
function badResponse(
  endpoint: string,
  response: Response,
  text: string,
): ClientError {
  const type = response.headers.get("content-type") ?? "no content type";
  const location = response.headers.get("location");
  return new ClientError(
    "BAD_RESPONSE",
    `${endpoint} was not answered by Convex: status ${response.status}, ${type}, ${
      location === null ? shown(text) : `a redirection to ${shown(location)}`
    }`,
    { data: { status: response.status, contentType: type } },
  );
}
