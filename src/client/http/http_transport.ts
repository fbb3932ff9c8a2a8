import { delay } from "@std/async/delay";
import {
  ClosedError,
  ConnectionError,
  type CortexError,
  isCortexError,
  OverloadedError,
} from "../../errors.ts";
import type { AnswerSizes } from "../exchange/answer_sizes.ts";
import { unlessAborted } from "../../at_once.ts";
import { AuthTokens } from "../wire.ts";
import type { LongWork } from "../live/live_protocol.ts";
import { CircuitBreaker, type Health } from "../circuit_breaker.ts";
import { type Answer, Exchanger, isCloudflare } from "./exchanger.ts";
import { readAnswer, statusOf, unreachable } from "./http_answer.ts";
import type { ExchangeCall } from "../exchange/http_exchange.ts";
import type { HttpSourceOptions } from "../http_options.ts";
import { InFlightLimit, type Passage } from "./in_flight_limit.ts";
import { RetryPolicy, type Safety } from "../retry_policy.ts";
import type { CallTrace, ConnectionHooks } from "../types.ts";

/** One request, and how it may be repeated. */
export interface Post<T> {
  /** Path of the URL. */
  endpoint: string;
  /** JSON text. */
  body: string;
  /** Checks the form of the answer. */
  expected: (answer: unknown) => answer is T;
  /** What may be repeated. */
  safety: Safety;
  /** The identity. Default: the current one. */
  auth?: AuthTokens;
  /** Aborts it. */
  signal?: AbortSignal;
  /** Its priority among waiting requests. */
  priority?: number;
  /** Traces of the calls in it. */
  traces?: readonly CallTrace[];
  /** The functions that its answer is of. Default: those of the traces. */
  names?: readonly string[];
  /** True when its place in flight was already taken by `limit.enter`. */
  hasPlace?: boolean;
  /** False when an attempt has failed. */
  keepalive?: false;
}

/** A deployment's answer. */
export interface Posted<T> {
  /** The parsed answer. */
  answer: T;
  /** Whether its values are already decoded. */
  isDecoded: boolean;
}

/** What the connections of one client share. */
export interface Shared {
  /** The current identity. */
  auth: AuthTokens;
  /** Stop requests while the deployment is down: queries, and others, as a gateway may refuse writes alone. */
  breakers: readonly CircuitBreaker[];
  /** How calls are retried. */
  retries: RetryPolicy;
}

/** Takes options that were checked. */
export function sharedBy(
  { auth, circuitBreaker, retry = {} }: HttpSourceOptions,
  { onStateChange }: ConnectionHooks,
): Shared {
  return {
    auth: new AuthTokens(auth),
    breakers: circuitBreaker === false
      ? []
      : [0, 1].map(() => new CircuitBreaker(circuitBreaker, onStateChange)),
    retries: new RetryPolicy(retry),
  };
}

/** Concurrent requests until the deployment has shown how many it can take. */
const INITIAL_IN_FLIGHT = 128;
/** Default of `maxAnswerBytes`: Convex's longest value has 16 MiB, whose JSON text may be six times as long. */
const MAX_ANSWER_BYTES = 2 ** 28;

/** Sends JSON to one deployment and reads JSON back, with retries; every other outcome is a typed error. */
export class HttpTransport {
  /** Limits requests in flight; a caller that took a place itself says so to {@link post}. */
  readonly limit: InFlightLimit;
  /** The current identity. */
  auth: AuthTokens;
  /** Stops requests while the deployment is down. */
  readonly breakers: readonly CircuitBreaker[];
  /** Most bytes of an answer. */
  readonly maxAnswerBytes: number;
  /** Requests sent. */
  requests = 0;
  /** Whether the deployment has ever answered. */
  hasAnswered = false;
  readonly #address: string;
  readonly #options: HttpSourceOptions;
  /** The caller's, by lower-case names: one of ours would be sent beside it otherwise. */
  readonly #headers: { [name: string]: string };
  readonly #hooks: ConnectionHooks;
  readonly #exchanger: Exchanger;
  readonly #retries: RetryPolicy;
  readonly #active = new Set<AbortController>();
  readonly #closed = new AbortController();

  /** Takes options that were checked. */
  constructor(
    address: string,
    options: HttpSourceOptions,
    hooks: ConnectionHooks,
    { auth, breakers, retries }: Shared,
  ) {
    this.#address = address;
    this.#options = options;
    this.maxAnswerBytes = options.maxAnswerBytes ?? MAX_ANSWER_BYTES;
    this.#headers = Object.fromEntries(new Headers(options.headers));
    this.#hooks = hooks;
    this.auth = auth;
    this.breakers = breakers;
    this.#retries = retries;
    this.limit = new InFlightLimit(
      // Cloudflare's runtime allows an invocation six connections, and stalls further ones.
      options.maxInFlight ?? (isCloudflare() ? 6 : 256),
      INITIAL_IN_FLIGHT,
    );
    this.#exchanger = new Exchanger(options, this.maxAnswerBytes);
  }

  /** How long the answers of functions have been. */
  get sizes(): AnswerSizes {
    return this.#exchanger.sizes;
  }

  /** Whether the answers of a function are decoded in a worker. */
  isAway(name: string): boolean {
    return this.#exchanger.isAway(name);
  }

  /**
   * Posts a body and returns the parsed answer, if it has the expected form. Rejects with the signal's reason,
   * `UNREACHABLE`, `RATE_LIMITED`, `OVERLOADED`, `CIRCUIT_OPEN`, `HTTP_ERROR` or `BAD_RESPONSE`.
   */
  async post<T>(post: Post<T>): Promise<Posted<T>> {
    post = { auth: this.auth, traces: [], ...post };
    this.#retries.earn();
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#attempt(post);
      } catch (error) {
        const delayMs = this.#retries.delayMs(error, attempt, post.safety);
        if (delayMs === undefined || post.signal?.aborted) throw error;
        for (const trace of post.traces!) trace.lastError = error;
        const names = namesOf(post);
        this.#hooks.onRetry({ names, attempt, delayMs, error });
        await delay(delayMs, { signal: post.signal });
      }
      post.hasPlace = false;
      post.keepalive = false;
    }
  }

  /** Processes the deployment's long WebSocket messages. */
  long = (): Promise<LongWork> => {
    const done = () => {};
    return this.#exchanger.longWork({
      // One message carries results of many functions, so they are measured together.
      names: ["/sync"],
      isRepeatable: true,
      signal: this.#closed.signal,
      onSent: done,
      onHeard: done,
    });
  };

  /** Ends requests that are still open. */
  async close(): Promise<void> {
    const reason = new ClosedError("CLIENT_CLOSED", "The client is closed");
    for (const controller of this.#active) controller.abort(reason);
    this.#closed.abort(reason);
    await this.#exchanger.close();
  }

  async #attempt<T>(post: Post<T>): Promise<Posted<T>> {
    const { signal, endpoint } = post;
    if (!post.hasPlace) await this.limit.enter(post.priority, signal);
    let passage: Passage = {};
    let health: Health;
    let isProbe: boolean | undefined;
    /** Until it is set, a token is waited for, for which the deployment is not to blame. */
    let sentMs: number | undefined;
    const breaker = this.breakers[+endpoint.includes("query")];
    try {
      signal?.throwIfAborted();
      isProbe = breaker?.enter();
      const answer = await this.#bounded(
        post,
        () => sentMs = performance.now(),
      );
      this.hasAnswered = true;
      health = "well";
      if (!isAction(endpoint)) {
        passage = { latencyMs: performance.now() - sentMs! };
      }
      return answer;
    } catch (error) {
      if (sentMs) health = healthOf(error, endpoint);
      // Whether the deployment itself reported overload.
      passage = { isTooMuch: [429, 503].includes(statusOf(error) as number) };
      throw error;
    } finally {
      if (isProbe !== undefined) breaker?.leave(isProbe, health);
      this.limit.leave(passage);
    }
  }

  /** One exchange, bounded by the time of an attempt and ended when the client closes. */
  async #bounded<T>(
    post: Post<T>,
    onStart: () => void,
  ): Promise<Posted<T>> {
    const controller = new AbortController();
    const { signal, safety } = post;
    const onAbort = () => controller.abort(signal!.reason);
    signal?.addEventListener("abort", onAbort);
    this.#active.add(controller);
    const { attemptTimeoutMs } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onSent = () => {
      onStart();
      if (!attemptTimeoutMs || safety !== "always") return;
      timer = setTimeout(() =>
        controller.abort(
          new ConnectionError(
            "UNREACHABLE",
            `${
              new URL(this.#address).origin
            } was silent for attemptTimeoutMs = ${attemptTimeoutMs} ms`,
          ),
        ), attemptTimeoutMs);
    };
    const onHeard = () => clearTimeout(timer);
    try {
      return await this.#authorised(post, {
        names: post.names ?? namesOf(post),
        isRepeatable: safety === "always",
        signal: controller.signal,
        onSent,
        onHeard,
      });
    } finally {
      onHeard();
      this.#active.delete(controller);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** The exchange, with another token if the first is refused: a call that was refused has not run. */
  async #authorised<T>(
    post: Post<T>,
    call: ExchangeCall,
  ): Promise<Posted<T>> {
    const auth = post.auth!;
    // A provider may never answer.
    const tokenFor = (refused?: string) =>
      unlessAborted(Promise.resolve(auth.get(refused)), call.signal);
    let token = await tokenFor();
    for (let { canReplace } = auth;; canReplace = false) {
      try {
        const posted = await this.#exchange(post, token, call);
        if (token) auth.note(true, token);
        return posted;
      } catch (error) {
        const isRefused = statusOf(error) === 401 &&
          (error as CortexError).code === "HTTP_ERROR";
        if (!isRefused) throw error;
        const another = canReplace ? await tokenFor(token) : token;
        if (another === token) {
          auth.note(false, token);
          throw error;
        }
        token = another;
      }
    }
  }

  async #exchange<T>(
    post: Post<T>,
    token: string | undefined,
    call: ExchangeCall,
  ): Promise<Posted<T>> {
    const { signal } = call;
    signal.throwIfAborted();
    const { endpoint, body, expected, traces, keepalive } = post;
    const { maxRequests = Infinity } = this.#options;
    if (this.requests >= maxRequests) {
      throw new OverloadedError(
        "REQUEST_LIMIT",
        `The client has made its maxRequests = ${maxRequests} requests`,
        { data: { maxRequests } },
      );
    }
    const requestId = newRequestId();
    for (const trace of traces!) {
      trace.attempts++;
      trace.requestId = requestId;
    }
    let reply: Answer;
    try {
      this.requests++;
      reply = await this.#exchanger.exchange({
        url: this.#address + endpoint,
        headers: {
          "content-type": "application/json",
          "convex-client": "cortex-0.1.0",
          ...requestId && { "convex-request-id": requestId },
          ...token && { authorization: `Bearer ${token}` },
          ...this.#headers,
        },
        body,
        maxAnswerBytes: this.maxAnswerBytes,
        keepalive,
      }, call);
    } catch (error) {
      signal.throwIfAborted();
      // A lost worker is not the deployment's fault.
      throw isCortexError(error)
        ? error
        : unreachable(this.#address, error, requestId);
    }
    // An error shows the beginning of a text that is no answer: of an echo, nothing from the token on.
    [reply.text] = reply.text.split(token?.slice(0, 20)!) as [string];
    const answer = readAnswer(endpoint, reply, expected, requestId);
    return { answer, isDecoded: reply.isDecoded ?? false };
  }
}

/** Names of the functions that a request calls, as far as they are known. */
function namesOf({ traces }: Post<unknown>): string[] {
  return traces!.map(({ name }) => name);
}

/** An id for the server's logs; none in a page, where a custom header would need CORS permission. */
function newRequestId(): string | undefined {
  if ("document" in globalThis || "WorkerLocation" in globalThis) return;
  return Math.random().toString(16).slice(2, 14);
}

/** Actions take as long as they like: that says nothing about the deployment. */
function isAction(endpoint: string): boolean {
  return endpoint.includes("action");
}

/** What a failure says about the deployment's health: a refusal shows that it is up, a failed connection does not. */
function healthOf(error: unknown, endpoint: string): Health {
  if (!isCortexError(error)) return undefined;
  if (error.code === "TIMEOUT" && isAction(endpoint)) return undefined;
  if (error.code === "WORKER_LOST") return undefined;
  if (error.code === "RATE_LIMITED") return "well";
  if (error.retryable) return "unwell";
  return error.code === "HTTP_ERROR" ? "well" : undefined;
}
