import { argsSize } from "../../at_once.ts";
import {
  type AuthTokens,
  type FunctionResponse,
  isFunctionResponse,
  stringifyValue,
  unwrapResponse,
} from "../wire.ts";
import type { HttpTransport, Post } from "./http_transport.ts";
import { narrowest, type Safety, safetyOf } from "../retry_policy.ts";
import type {
  Call,
  CallOptions,
  CallTrace,
  ConnectionCallOptions,
  FunctionKind,
} from "../types.ts";

interface Settle {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** A call on its way over HTTP: its text, made once, and its promise. */
export class PendingCall {
  /** Query, mutation or action. */
  readonly kind: FunctionKind;
  /** Function's path. */
  readonly name: string;
  /** Arguments as encoded JSON. */
  readonly argsJson: string;
  /** Size that Convex counts, in bytes, or the text's length where that is more. */
  readonly bytes: number;
  /** Aborted when the outcome is no longer awaited; `undefined` when that cannot happen. */
  readonly signal: AbortSignal | undefined;
  /** How it may travel with others. */
  readonly batch: CallOptions["batch"];
  /** Its priority among waiting calls. */
  readonly priority: number;
  /** What may be repeated. */
  readonly safety: Safety;
  /** Who made it. */
  readonly auth: AuthTokens;
  /** To be filled in. */
  readonly trace: CallTrace;
  /** Settled by {@link resolve}, {@link reject} or the signal. */
  readonly promise: Promise<unknown>;
  /** Called when the request is over, whatever the outcome. */
  onDone: (() => void) | undefined;
  #settle!: Settle;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #giveUp: AbortController | undefined;
  #companions: PendingCall[] | undefined;
  #leader: PendingCall | undefined;

  constructor(call: Call, options: ConnectionCallOptions, auth: AuthTokens) {
    const { signal, batch } = options;
    this.auth = auth;
    this.kind = call.kind;
    this.name = call.name;
    this.argsJson = stringifyValue(call.args);
    this.bytes = Math.max(argsSize(call), this.argsJson.length);
    this.#callerSignal = signal;
    // Another call may join a query's request, which then outlives its first caller.
    if (signal && call.kind === "query") {
      this.#giveUp = new AbortController();
    }
    this.signal = this.#giveUp?.signal ?? signal;
    this.batch = batch;
    this.priority = options.priority ?? 0;
    this.safety = safetyOf(call.kind, options);
    this.trace = options.trace;
    this.promise = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  /** True when the outcome is no longer awaited. */
  get abandoned(): boolean {
    return !!this.#callerSignal?.aborted &&
      !this.#companions?.some(({ abandoned }) => !abandoned);
  }

  /** Lets an equal query share this one's request and outcome. */
  join(companion: PendingCall): void {
    companion.#leader = this;
    // Why it has no answer yet is read there when it is given up.
    Object.setPrototypeOf(companion.trace, this.trace);
    (this.#companions ??= []).push(companion);
  }

  /** Body of the request that makes this call alone. */
  get body(): string {
    return `{"path":${
      JSON.stringify(this.name)
    },"format":"convex_encoded_json","args":[${this.argsJson}]}`;
  }

  /**
   * Settles the call with the value or the error of an answer, and each companion with a copy. With `isDecoded` its
   * values are already decoded, and the transport makes the copies: first, since the caller may change its value. Never
   * rejects.
   */
  async answer(
    response: FunctionResponse,
    isDecoded: boolean,
    transport: HttpTransport,
  ): Promise<void> {
    this.onDone?.();
    try {
      for (const companion of this.#companions ?? []) {
        const own = isDecoded
          ? await (await transport.long()).copy(response)
          : response;
        companion.#answer(own, isDecoded);
      }
      this.#answer(response, isDecoded);
    } catch (error) {
      this.reject(error);
    }
  }

  #answer(response: FunctionResponse, isDecoded: boolean): void {
    const { trace } = this;
    this.#release();
    trace.logLines = response.logLines;
    try {
      this.#settle.resolve(
        unwrapResponse(response, isDecoded, trace.requestId),
      );
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  /** Gives the caller a value. */
  resolve(value: unknown): void {
    this.onDone?.();
    this.#release();
    this.#settle.resolve(value);
  }

  /** Gives the caller, and each companion, an error. */
  reject(error: unknown): void {
    this.onDone?.();
    this.#reject(error);
    for (const companion of this.#companions ?? []) companion.reject(error);
  }

  #reject(error: unknown): void {
    this.#release();
    this.#settle.reject(error);
  }

  #onAbort = (): void => {
    this.#reject(this.#callerSignal!.reason);
    (this.#leader ?? this).#endIfAbandoned(this.#callerSignal!.reason);
  };

  #endIfAbandoned(reason: unknown): void {
    if (!this.abandoned) return;
    this.onDone?.();
    this.#giveUp?.abort(reason);
  }

  /** Removes the listener, and the caller's share in a common request. */
  #release(): void {
    Object.assign(this.trace, this.#leader?.trace);
    this.#callerSignal?.removeEventListener("abort", this.#onAbort);
  }
}

/** Waiting calls from which those that were given up are dropped. */
const MANY_WAITING = 256;

/**
 * Adds a call to those that wait. They may wait for long, so those that were given up are dropped whenever there are a
 * power of two: for each that is added, few are looked at.
 */
export function withWaiting(
  waiting: PendingCall[],
  call: PendingCall,
): PendingCall[] {
  const count = waiting.push(call);
  return count < MANY_WAITING || (count & count - 1) > 0
    ? waiting
    : waiting.filter(({ abandoned }) => !abandoned);
}

/** Sends a call as a request of its own and settles it. Never rejects. */
export async function sendAlone(
  transport: HttpTransport,
  call: PendingCall,
  hasPlace = false,
): Promise<void> {
  if (call.abandoned) {
    if (hasPlace) transport.limit.leave();
    return;
  }
  const { kind, body, signal } = call;
  try {
    const { answer, isDecoded } = await transport.post({
      ...together([call]),
      endpoint: `/api/${kind}`,
      body,
      expected: isFunctionResponse,
      signal,
      hasPlace,
    });
    void call.answer(answer, isDecoded, transport);
  } catch (error) {
    call.reject(error);
  }
}

/**
 * A signal for a request that several calls share: aborted when the last of them is given up. `undefined` when one of
 * them cannot be. Call `release` when the request is over.
 */
export function sharedSignal(
  calls: readonly PendingCall[],
): { signal: AbortSignal | undefined; release: () => void } {
  if (calls.some(({ signal }) => !signal)) {
    return { signal: undefined, release: () => {} };
  }
  const controller = new AbortController();
  const onAbort = () => {
    if (calls.every(({ abandoned }) => abandoned)) {
      controller.abort(calls.at(-1)?.signal?.reason);
    }
  };
  for (const { signal } of calls) signal!.addEventListener("abort", onAbort);
  onAbort();
  return {
    signal: controller.signal,
    release: () => {
      for (const { signal } of calls) {
        signal!.removeEventListener("abort", onAbort);
      }
    },
  };
}

/** What a request that makes some calls owes to them; they are all by the same caller. */
export function together(
  calls: readonly PendingCall[],
): Pick<Post<never>, "safety" | "auth" | "priority" | "traces"> {
  return {
    safety: narrowest(calls),
    auth: calls[0]!.auth,
    priority: highest(calls),
    traces: calls.map(({ trace }) => trace),
  };
}

/** The highest priority of some calls. */
export function highest(calls: readonly PendingCall[]): number {
  return calls.reduce(
    (most, { priority }) => Math.max(most, priority),
    -Infinity,
  );
}
