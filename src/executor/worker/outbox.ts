import { checkTransfer, notCloneable } from "../wire/cloneable.ts";
import { errorToData } from "../wire/error_data.ts";
import { isLarge, ownCopy } from "../wire/own_copy.ts";
import { PlainText } from "../wire/plain_text.ts";
import type { FromWorker, Progress } from "../wire/protocol.ts";
import { isSmall } from "../wire/ring.ts";
import { separate } from "../wire/sharing.ts";
import type { SharedLane } from "../wire/shared_lane.ts";
import type { ErrorData } from "../types.ts";

/** Results in shared memory become visible to the pool after at most this many. */
const PUBLISH_EVERY = 16;

/** Posts a message to the pool. Throws when it cannot be cloned. */
export type PostToPool = (
  message: FromWorker,
  transfer?: readonly object[],
) => void;

interface Results {
  ids: number[];
  values: unknown[];
  failedIds: number[];
  errors: ErrorData[];
  /** True when one of them must not overtake earlier messages, so all go by message. */
  byMessage: boolean;
}

/**
 * Collects the results of tasks and sends them to the pool: small values through shared memory, the others in batches.
 */
export class Outbox {
  /** How far the worker is. */
  readonly progress: Progress = { started: 0, busyUs: 0 };
  /** Shared memory, where there is any. */
  lane: SharedLane | undefined;
  readonly #post: PostToPool;
  readonly #text = new PlainText();
  #done = noResults();
  #written = 0;
  /** Part of a µs that was not counted as busy yet. */
  #busyPart = 0;
  #reported = 0;

  /** Builds an empty one. */
  constructor(post: PostToPool) {
    this.#post = post;
  }

  /** Adds a result. One that moves objects, or is large, is sent at once. */
  add(
    seq: number,
    value: unknown,
    moved?: readonly object[],
    byMessage = false,
  ): void {
    if (moved || isLarge(value)) {
      // Sent alone, so that a failure to move or clone is blamed on this task and no other.
      this.flush();
      this.#postValue(seq, value, moved, byMessage);
    } else if (
      this.lane && !byMessage && isSmall(value) &&
      this.lane.results.push(seq, value)
    ) {
      if (++this.#written % PUBLISH_EVERY === 0) this.lane.results.publish();
    } else {
      this.#done.ids.push(seq);
      this.#done.values.push(value);
      if (byMessage) this.#done.byMessage = true;
    }
  }

  /** Adds time for which the thread was busy. */
  addBusy(us: number): void {
    this.#busyPart += us;
    const whole = this.#busyPart | 0;
    this.#busyPart -= whole;
    this.progress.busyUs = (this.progress.busyUs + whole) | 0;
  }

  /** Adds an error. */
  addError(seq: number, error: unknown): void {
    this.#done.failedIds.push(seq);
    this.#done.errors.push(errorToData(error));
  }

  /** Tells the pool how far the worker is, unless it knows. */
  report(): void {
    if (this.#reported === this.progress.started) return;
    this.#reported = this.progress.started;
    this.#post({ cortex: "progress", ...this.progress });
  }

  /** Sends all results. */
  flush(): void {
    this.#showWritten();
    const done = this.#done;
    if (done.ids.length + done.failedIds.length === 0) return;
    this.#done = noResults();
    const { ids, values } = done;
    if (ids.length === 1 && done.failedIds.length === 0) {
      this.#postValue(ids[0]!, values[0], undefined, done.byMessage);
      // If it could not be cloned, it has become an error, which is sent now.
      return this.flush();
    }
    const isRun = ids.length > 1 && isAscending(ids);
    const text = this.#text.ofAll(values);
    if (
      text !== undefined && isRun && done.failedIds.length === 0 &&
      !done.byMessage &&
      this.#share(ids[0]!, text, true)
    ) return;
    const { failedIds, errors } = done;
    if (text === undefined) separate(values, errors);
    else separate(errors);
    try {
      this.#postDone({
        ids: isRun ? ids[0]! : ids,
        values: text ?? values,
        failedIds,
        errors,
      });
    } catch {
      if (failedIds.length > 0) {
        this.#postDone({ ids: [], values: [], failedIds, errors });
      }
      ids.forEach((id, at) =>
        this.#postValue(id, values[at], undefined, done.byMessage)
      );
      this.flush();
    }
  }

  /** Sends text through shared memory; false when it does not fit. */
  #share(seq: number, text: string, isArray: boolean): boolean {
    if (!this.lane?.results.pushText(seq, text, isArray)) return false;
    this.#written++;
    this.#showWritten();
    return true;
  }

  #showWritten(): void {
    const { lane } = this;
    if (!lane || this.#written === 0) return;
    this.#written = 0;
    this.#reported = this.progress.started;
    lane.busyUs = this.progress.busyUs;
    lane.results.publish();
    lane.wake("pool");
  }

  #postDone(
    done: Omit<
      Extract<FromWorker, { cortex: "done" }>,
      "cortex" | keyof Progress
    >,
  ): void {
    this.#post({ cortex: "done", ...done, ...this.progress });
    this.#reported = this.progress.started;
  }

  #postValue(
    id: number,
    value: unknown,
    transfer: readonly object[] | undefined,
    byMessage: boolean,
  ): void {
    try {
      if (transfer) checkTransfer(transfer);
      const { progress } = this;
      const text = transfer ? undefined : this.#text.ofOne(value);
      if (text !== undefined) {
        if (!byMessage && this.#share(id, text, false)) return;
        this.#post({ cortex: "text", id, text, ...progress });
      } else {
        const own = transfer ? undefined : ownCopy(value);
        this.#post(
          { cortex: "one", id, value: own ? own.copy : value, ...progress },
          own?.transfer ?? transfer,
        );
      }
      this.#reported = this.progress.started;
    } catch (cause) {
      this.addError(id, notCloneable("result", value, cause, transfer));
    }
  }
}

function noResults(): Results {
  return { ids: [], values: [], failedIds: [], errors: [], byMessage: false };
}

function isAscending(ids: number[]): boolean {
  for (let at = 1; at < ids.length; at++) {
    if (ids[at] !== ids[at - 1]! + 1) return false;
  }
  return true;
}
