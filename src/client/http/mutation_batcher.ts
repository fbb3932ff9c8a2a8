import { isCortexError, ProtocolError } from "../../errors.ts";
import {
  functionError,
  isFunctionResponse,
  thrownError,
  unwrapResponse,
} from "../wire.ts";
import { statusOf } from "./http_answer.ts";
import type { HttpTransport } from "./http_transport.ts";
import { packBatches } from "./pack.ts";
import {
  highest,
  type PendingCall,
  sendAlone,
  sharedSignal,
  together,
  withWaiting,
} from "./pending_call.ts";
import { quietTick } from "./quiet_tick.ts";
import { mayRepeat } from "../retry_policy.ts";
import { shown } from "../../values/shown.ts";

/**
 * Sends mutations that were started in one tick by few requests, each one mutation of the backend's batch function.
 *
 * A call waits while an earlier call of its order key is on its way; everything else is sent at once. A call that is
 * given up while it waits is never sent.
 */
export class MutationBatcher {
  readonly #transport: HttpTransport;
  readonly #batchFunction: string;
  readonly #busyKeys = new Set<string>();
  #waiting: PendingCall[] = [];
  /** Priority with which they wait for a place: `Infinity` until the tick is over, `-Infinity` while they do not wait. */
  #asked = -Infinity;
  #batches = true;

  constructor(transport: HttpTransport, batchFunction: string) {
    this.#transport = transport;
    this.#batchFunction = batchFunction;
  }

  /** Runs a mutation; it is sent at the end of the tick, or when its order key is free. */
  run(call: PendingCall): Promise<unknown> {
    this.#waiting = withWaiting(this.#waiting, call);
    void this.#schedule(call.priority);
    return call.promise;
  }

  /** Asks for a place for all that wait, unless that was done already with at least this priority. */
  async #schedule(priority: number): Promise<void> {
    if (priority <= this.#asked) return;
    this.#asked = Infinity;
    await quietTick(() => this.#waiting.length);
    const { limit } = this.#transport;
    await limit.enter(this.#asked = highest(this.#waiting));
    this.#asked = -Infinity;
    const wanted = this.#waiting.filter(({ abandoned }) => !abandoned);
    const { batches, rest } = packBatches(wanted, this.#busyKeys);
    this.#waiting = rest;
    if (batches.length === 0) limit.leave();
    batches.forEach((batch, index) => void this.#send(batch, index === 0));
  }

  async #send(batch: PendingCall[], hasPlace: boolean): Promise<void> {
    const keys = new Set(batch.flatMap(({ batch }) => batch?.orderKey ?? []));
    for (const key of keys) this.#busyKeys.add(key);
    await this.#deliver(batch, hasPlace);
    for (const key of keys) this.#busyKeys.delete(key);
    await this.#schedule(highest(this.#waiting));
  }

  /** Sends calls and settles each of them. Never rejects. */
  async #deliver(batch: PendingCall[], hasPlace = false): Promise<void> {
    const calls = batch.filter(({ abandoned }) => !abandoned);
    if (calls.length <= 1 || !this.#batches) {
      return this.#deliverSingly(calls, hasPlace);
    }
    const { signal, release } = sharedSignal(calls);
    let outcomes: readonly Outcome[];
    try {
      outcomes = await this.#runBatch(calls, signal, hasPlace);
    } catch (error) {
      return await this.#recover(calls, error);
    } finally {
      release();
    }
    await this.#settle(calls, outcomes);
  }

  /** Gives each caller its outcome; a call that failed only for its companions is sent again. */
  async #settle(
    calls: PendingCall[],
    outcomes: readonly Outcome[],
  ): Promise<void> {
    const again: PendingCall[] = [];
    const againKeys = new Set<string | undefined>();
    const lastDone = new Map<string | undefined, number>();
    calls.forEach(({ batch }, index) => {
      if (outcomes[index]!.ok) lastDone.set(batch?.orderKey, index);
    });
    calls.forEach((call, index) => {
      const outcome = outcomes[index]!;
      if (outcome.ok) return call.resolve(outcome.value);
      const { message, data } = outcome.error;
      // A batch shares its limits, and does not say why a call failed unexpectedly. Sent again, it would come after what
      // has already been applied: not within a key.
      const key = call.batch?.orderKey;
      const isOvertaken = key !== undefined && lastDone.get(key)! > index;
      // What failed after an earlier one of its key may have failed for want of that.
      if (!isOvertaken && (data === undefined || againKeys.has(key))) {
        again.push(call);
        if (key !== undefined) againKeys.add(key);
        return;
      }
      call.reject(
        data === undefined
          ? functionError(message, call.trace)
          : thrownError(data, message, call.trace),
      );
    });
    if (again.length === calls.length) return await this.#deliverHalves(calls);
    await this.#deliver(again);
  }

  async #runBatch(
    calls: PendingCall[],
    signal: AbortSignal | undefined,
    hasPlace: boolean,
  ): Promise<readonly Outcome[]> {
    const items = calls.map(({ name, argsJson }) =>
      `{"args":${argsJson},"name":${JSON.stringify(name)}}`
    );
    const { answer, isDecoded } = await this.#transport.post({
      ...together(calls),
      endpoint: "/api/mutation",
      body: `{"path":${
        JSON.stringify(this.#batchFunction)
      },"format":"convex_encoded_json","args":[{"calls":[${items}]}]}`,
      expected: isFunctionResponse,
      signal,
      hasPlace,
    });
    for (const { trace } of calls) trace.logLines = answer.logLines;
    const { requestId } = calls[0]!.trace;
    const outcomes = unwrapResponse(answer, isDecoded, requestId);
    if (!isOutcomes(outcomes, calls.length)) {
      throw new ProtocolError(
        "BAD_RESPONSE",
        `${this.#batchFunction} must return one outcome for each of ${calls.length} calls; got ${
          shown(JSON.stringify((answer as { value?: unknown }).value))
        }`,
        { requestId },
      );
    }
    return outcomes;
  }

  /** After a batch failed as a whole. A mutation that failed wrote nothing, so its calls may be sent again. */
  async #recover(calls: PendingCall[], error: unknown): Promise<void> {
    if (isCortexError(error) && error.code === "FUNCTION_NOT_FOUND") {
      // A deployment without the batch function is not asked again.
      this.#batches = false;
      return await this.#deliverSingly(calls);
    }
    if (isTooLarge(error)) return await this.#deliverHalves(calls);
    // Some may be made again that were held back by others that may not.
    const again = calls.filter(({ safety }) => mayRepeat(error, safety));
    const isMixed = again.length < calls.length;
    for (const call of calls) {
      if (!isMixed || !again.includes(call)) call.reject(error);
    }
    if (isMixed) await this.#deliver(again);
  }

  async #deliverHalves(calls: PendingCall[]): Promise<void> {
    const half = Math.ceil(calls.length / 2);
    await this.#deliver(calls.slice(0, half));
    await this.#deliver(calls.slice(half));
  }

  /** Sends each call alone; those with one order key one after another. */
  async #deliverSingly(calls: PendingCall[], hasPlace = false): Promise<void> {
    if (hasPlace && calls.length === 0) this.#transport.limit.leave();
    const last = new Map<string | undefined, Promise<void>>();
    await Promise.all(calls.map((call, index) => {
      const key = call.batch?.orderKey;
      const done = last.get(key)?.then(() =>
        sendAlone(this.#transport, call)
      ) ??
        sendAlone(this.#transport, call, hasPlace && index === 0);
      if (key !== undefined) last.set(key, done);
      return done;
    }));
  }
}

type Outcome =
  | { ok: true; value: unknown }
  | { ok: false; error: { message: string; data?: unknown } };

function isOutcomes(value: unknown, count: number): value is Outcome[] {
  return Array.isArray(value) && value.length === count &&
    value.every((outcome) => {
      const { ok, error } = (outcome ?? {}) as { [name: string]: unknown };
      return ok === true ||
        ok === false &&
          typeof (error as { message?: unknown } | null)?.message === "string";
    });
}

/** True when fewer calls may pass where these did not. */
function isTooLarge(error: unknown): boolean {
  return isCortexError(error) &&
    (error.code === "LIMIT_EXCEEDED" || error.code === "ARGUMENT_VALIDATION" ||
      error.code === "HTTP_ERROR" &&
        [400, 413].includes(statusOf(error) as number));
}
