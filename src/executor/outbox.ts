import { checkTransfer, notCloneable, part } from "./cloneable.ts";
import { errorToData } from "./error_data.ts";
import { PlainText } from "./plain_text.ts";
import type { FromWorker, Progress } from "./protocol.ts";
import { isSmall, type SharedLane } from "./shared_lane.ts";
import type { ErrorData } from "./types.ts";

/** Results in shared memory become visible at least that often. */
const PUBLISH_EVERY = 16;

/** Posts a message to the pool. Throws when it cannot be cloned. */
export type PostToPool = (
  message: FromWorker,
  transfer?: readonly ArrayBufferLike[],
) => void;

interface Results {
  ids: number[];
  values: unknown[];
  failedIds: number[];
  errors: ErrorData[];
}

/** What became of tasks, on its way to the pool: small values through shared memory, the others many in a message. */
export class Outbox {
  /** How far the worker is. */
  readonly progress: Progress = { started: 0, busyUs: 0 };
  /** Shared memory, where there is any. */
  lane: SharedLane | undefined;
  readonly #post: PostToPool;
  readonly #text = new PlainText();
  #done = noResults();
  #written = 0;
  #reported = 0;

  /** Builds an empty one. */
  constructor(post: PostToPool) {
    this.#post = post;
  }

  /** Adds a result; one that moves objects leaves at once. */
  add(
    seq: number,
    value: unknown,
    moved?: readonly ArrayBufferLike[],
    byMessage = false,
  ): void {
    if (moved) {
      // Alone, so that what cannot be moved or cloned is this task's fault and no other's.
      this.flush();
      this.#postValue(seq, value, moved);
    } else if (
      this.lane && !byMessage && isSmall(value) &&
      this.lane.results.push(seq, value)
    ) {
      if (++this.#written % PUBLISH_EVERY === 0) this.lane.results.publish();
    } else {
      this.#done.ids.push(seq);
      this.#done.values.push(value);
    }
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
    this.#post({ type: "progress", ...this.progress });
  }

  /** Lets all of it leave. */
  flush(): void {
    this.#showWritten();
    const done = this.#done;
    if (done.ids.length + done.failedIds.length === 0) return;
    this.#done = noResults();
    const { ids, values } = done;
    if (ids.length === 1 && done.failedIds.length === 0) {
      this.#postValue(ids[0]!, values[0]);
      // It may have become an error.
      return this.flush();
    }
    const text = this.#text.ofAll(values);
    if (text === undefined) part(values);
    try {
      const isRun = ids.length > 1 && isAscending(ids);
      this.#postDone({
        ...done,
        ids: isRun ? ids[0]! : ids,
        values: text ?? values,
      });
    } catch {
      if (done.failedIds.length > 0) {
        this.#postDone({ ...done, ids: [], values: [] });
      }
      ids.forEach((id, at) => this.#postValue(id, values[at]));
      this.flush();
    }
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
    done: Omit<Extract<FromWorker, { type: "done" }>, "type" | keyof Progress>,
  ): void {
    this.#post({ type: "done", ...done, ...this.progress });
    this.#reported = this.progress.started;
  }

  #postValue(
    id: number,
    value: unknown,
    transfer?: readonly ArrayBufferLike[],
  ): void {
    try {
      if (transfer) checkTransfer(transfer);
      const text = transfer ? undefined : this.#text.ofOne(value);
      if (text === undefined) {
        this.#post({ type: "one", id, value, ...this.progress }, transfer);
      } else this.#post({ type: "text", id, text, ...this.progress });
      this.#reported = this.progress.started;
    } catch (cause) {
      this.addError(id, notCloneable("result", value, cause));
    }
  }
}

function noResults(): Results {
  return { ids: [], values: [], failedIds: [], errors: [] };
}

function isAscending(ids: number[]): boolean {
  for (let at = 1; at < ids.length; at++) {
    if (ids[at] !== ids[at - 1]! + 1) return false;
  }
  return true;
}
