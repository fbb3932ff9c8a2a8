import { stringifyValue } from "../values/json.ts";
import { valueSize } from "../values/size.ts";
import { isFunctionResponse, unwrapResponse } from "./function_response.ts";
import type { HttpTransport } from "./http_transport.ts";
import type { Call, CallOptions, FunctionKind } from "./types.ts";

interface Settle {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** A call on its way over HTTP: its text, made once, and its promise. */
export class PendingCall {
  /** Function's path. */
  readonly name: string;
  /** Arguments as encoded JSON. */
  readonly argsJson: string;
  /** Size that Convex counts, in bytes, or the text's length where that is more. */
  readonly bytes: number;
  /** Aborted when the caller gave up. */
  readonly signal: AbortSignal | undefined;
  /** How it may travel with others. */
  readonly batch: CallOptions["batch"];
  /** Settled by {@link resolve}, {@link reject} or the signal. */
  readonly promise: Promise<unknown>;
  readonly #settle: Settle;

  constructor(call: Call, { signal, batch }: CallOptions) {
    this.name = call.name;
    this.argsJson = stringifyValue(call.args);
    this.bytes = Math.max(valueSize(call.args), this.argsJson.length);
    this.signal = signal;
    this.batch = batch;
    let settle: Settle;
    this.promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#settle = settle!;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  /** True when nobody waits for the outcome any more. */
  get abandoned(): boolean {
    return this.signal?.aborted ?? false;
  }

  /** Body of the request that makes this call alone. */
  get body(): string {
    return `{"path":${
      JSON.stringify(this.name)
    },"format":"convex_encoded_json","args":[${this.argsJson}]}`;
  }

  /** Gives the caller a value. */
  resolve(value: unknown): void {
    this.#release();
    this.#settle.resolve(value);
  }

  /** Gives the caller an error. */
  reject(error: unknown): void {
    this.#release();
    this.#settle.reject(error);
  }

  #onAbort = (): void => this.reject(this.signal!.reason);

  #release(): void {
    this.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** Sends a call by a request of its own and settles it. Never rejects. */
export async function sendAlone(
  transport: HttpTransport,
  kind: FunctionKind,
  call: PendingCall,
): Promise<void> {
  if (call.abandoned) return;
  try {
    const answer = await transport.post(
      `/api/${kind}`,
      call.body,
      isFunctionResponse,
      call.signal,
    );
    call.resolve(unwrapResponse(answer));
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
  if (calls.some(({ signal }) => signal === undefined)) {
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
