import type { ConnectionError } from "../../errors.ts";
import { calledBy, compareTs, type RequestAnswer } from "./live_protocol.ts";
import type { Call, ConnectionCallOptions, FunctionKind } from "../types.ts";
import { type FunctionResponse, unwrapResponse } from "../wire.ts";

/** How a call is made over a socket. */
export interface LiveCallOptions extends ConnectionCallOptions {
  /** Makes it in another way. */
  elsewhere(): Promise<unknown>;
}

/**
 * Most calls of a kind without an answer. A server ends a connection on which a thousand wait: all of them would be sent
 * again, and the connection ended again, for ever.
 */
const MAX_UNANSWERED = 500;

interface Request extends LiveCallOptions {
  kind: FunctionKind;
  text: string;
  /** What `send` returned on this connection; 0: it was not sent. */
  sent: number;
  /** The same of an earlier connection, which may have run it. */
  mayHaveRun?: number;
  isGivenUp?: boolean;
  /** A mutation's result, held back until queries show its writes. */
  done?: { ts: string; value: unknown };
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Mutations and actions over a socket, sent in the order of the calls. After a lost connection, mutations are sent again
 * under the same number, by which the server runs each only once; actions that were in flight reject.
 */
export class LiveRequests {
  readonly #open = new Map<number, Request>();
  /** Number of calls without an answer on this connection, by kind. */
  #unanswered: { [kind: string]: number } = {};
  /** Kinds of which calls wait to be sent. */
  #full: { [kind: string]: boolean } = {};
  /** The last mutation that is made elsewhere: no later one may overtake it. */
  #away: Promise<unknown> | undefined;
  #next = 0;
  #loss: ConnectionError | undefined;
  readonly #send: (text: string, caller: unknown) => number;
  readonly #sendMore: () => void;

  /**
   * `send` returns the number of changes of identity before a call, counted from 1, and 0 if it was not sent, which needs
   * an open socket; `sendMore` sends the calls that wait.
   */
  constructor(
    send: (text: string, caller: unknown) => number,
    sendMore: () => void,
  ) {
    this.#send = send;
    this.#sendMore = sendMore;
  }

  /** Calls that have not settled, and mutations that were given up. */
  get count(): number {
    return this.#open.size;
  }

  /** Makes a call. */
  run(call: Call, options: LiveCallOptions): Promise<unknown> {
    const { kind } = call;
    const { signal, trace, caller } = options;
    const requestId = this.#next++;
    trace.attempts++;
    const text = `{"type":"${
      kind === "mutation" ? "Mutation" : "Action"
    }","requestId":${requestId},${calledBy(call)}}`;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(signal!.reason);
        const request = this.#open.get(requestId)!;
        request.isGivenUp = true;
        // A mutation that was sent runs before later ones: the socket is kept until its answer. An action may take long.
        if (!request.sent || kind === "action") this.#open.delete(requestId);
      };
      const settled = () => signal?.removeEventListener("abort", onAbort);
      signal?.addEventListener("abort", onAbort);
      this.#open.set(requestId, {
        ...options,
        kind,
        text,
        sent: this.#offer(kind, text, caller),
        resolve: (value) => (settled(), resolve(value)),
        reject: (error) => (settled(), reject(error)),
      });
    });
  }

  /**
   * Handles an answer; throws for an invalid one. `seen` is the timestamp of the data that queries show.
   */
  answer(answer: RequestAnswer, seen: string): void {
    const { requestId, success, result, ts } = answer;
    const request = this.#open.get(requestId);
    // One that is gone was an action.
    const kind = request?.kind ?? "action";
    if (typeof success !== "boolean") throw new Error("no answer");
    // Throws for what is no timestamp: the call is then sent again, and its answer comes again.
    const isAhead = typeof ts === "string" && compareTs(ts, seen) > 0;
    // Those that are to be made elsewhere wait for the last answer.
    const unanswered = --this.#unanswered[kind]!;
    if ([0, MAX_UNANSWERED / 2].includes(unanswered)) this.#sendMore();
    if (!request) return;
    request.trace.logLines = answer.logLines;
    const response: FunctionResponse = success
      ? { ...answer, status: "success", value: result }
      : { ...answer, status: "error", errorMessage: String(result) };
    try {
      const value = unwrapResponse(response, answer.isDecoded);
      if (isAhead) {
        request.done = { ts, value };
        return;
      }
      request.resolve(value);
    } catch (error) {
      request.reject(error);
    }
    this.#open.delete(requestId);
  }

  /** Resolves the mutations whose writes the queries now show. */
  reach(seen: string): void {
    for (const [requestId, { done, resolve }] of this.#open) {
      if (!done || compareTs(done.ts, seen) > 0) continue;
      this.#open.delete(requestId);
      resolve(done.value);
    }
  }

  /** Called when the server ends the connection without having read the calls after so many changes of identity. */
  unsend(changes: number): void {
    for (const request of this.#open.values()) {
      if (request.sent > changes) request.sent = 0;
    }
  }

  /**
   * Called when the connection is lost. Rejects actions that were sent, since they may or may not have run, and forgets
   * requests that were given up. Without an error, it was closed because no call needs it.
   */
  lose(error?: ConnectionError): void {
    this.#loss = error;
    this.#unanswered = {};
    for (const [requestId, request] of this.#open) {
      const { kind, sent, isGivenUp } = request;
      request.sent = 0;
      request.mayHaveRun ||= sent;
      if (isGivenUp || kind === "action" && sent) {
        this.#open.delete(requestId);
        request.reject(error);
      }
    }
  }

  /**
   * Sends the unsent requests of this identity, in order. Requests of other identities are made elsewhere, mutations in
   * order with those that are sent; one that an earlier connection sent is rejected, because it may have run.
   */
  resend(caller?: unknown): void {
    this.#full = { mutation: !!this.#away };
    for (const [requestId, request] of this.#open) {
      const { kind, text, sent, mayHaveRun, done, elsewhere } = request;
      if (sent) continue;
      if (request.caller === caller) {
        request.sent = this.#offer(kind, text, caller);
        // The server answers again, with the timestamp to wait for.
        if (request.sent) request.done = undefined;
        continue;
      }
      const isMutation = kind === "mutation";
      if (isMutation && !done && !mayHaveRun) {
        this.#full[kind] = true;
        if (this.#unanswered[kind]) continue;
      }
      this.#open.delete(requestId);
      if (done) request.resolve(done.value);
      else if (mayHaveRun) request.reject(this.#loss);
      else request.resolve(isMutation ? this.#detour(elsewhere) : elsewhere());
    }
  }

  /** Makes a mutation elsewhere, after those that are; the others wait until none is. */
  #detour(elsewhere: () => Promise<unknown>): Promise<unknown> {
    const away = Promise.resolve(this.#away).then(elsewhere, elsewhere)
      .finally(() => {
        if (this.#away !== away) return;
        this.#away = undefined;
        this.#sendMore();
      });
    return this.#away = away;
  }

  /** Sends a call unless others of its kind wait, or too many have no answer. Returns what `send` returned. */
  #offer(kind: FunctionKind, text: string, caller: unknown): number {
    const unanswered = this.#unanswered[kind] ?? 0;
    this.#full[kind] ||= unanswered >= MAX_UNANSWERED;
    const sent = this.#full[kind] ? 0 : this.#send(text, caller);
    if (sent) this.#unanswered[kind] = unanswered + 1;
    return sent;
  }

  /** Rejects everything, except mutations that are known to have run. */
  fail(error: unknown): void {
    for (const { done, resolve, reject } of this.#open.values()) {
      if (done) resolve(done.value);
      else reject(error);
    }
    this.#open.clear();
    this.#unanswered = {};
  }
}
