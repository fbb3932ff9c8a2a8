import { checkTransfer, notCloneable } from "../wire/cloneable.ts";
import { separate } from "../wire/sharing.ts";
import type { Context } from "./task_context.ts";
import { afterTurn } from "../timer.ts";
import { LoopTurn } from "../loop_turn.ts";

/** Longest time that an item waits for others to share its message, in ms. */
const ITEM_DELAY_MS = 1;

/** The handler's side of a stream: as many items as the reader has room for, several in a message. */
export class StreamSource {
  readonly #context: Context;
  readonly #post: (items: unknown[], moved?: readonly object[]) => void;
  readonly #fail: (error: unknown) => void;
  readonly #turn = new LoopTurn();
  #room: number;
  #items: unknown[] = [];
  #flushing = false;
  #since = 0;
  #ended: { reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /**
   * `post` may throw only when an item cannot be cloned. `fail` gets that error when the items are sent while `run`
   * waits for the handler's next one, and so cannot throw it.
   */
  constructor(
    room: number,
    context: Context,
    post: (items: unknown[], moved?: readonly object[]) => void,
    fail: (error: unknown) => void,
  ) {
    this.#room = room;
    this.#context = context;
    this.#post = post;
    this.#fail = fail;
  }

  /** The reader took items. */
  pull(count: number): void {
    this.#room += count;
    this.#wake?.();
  }

  /** The reader has left: stops the handler. */
  end(reason: unknown): void {
    this.#ended = { reason };
    this.#wake?.();
  }

  /** Sends all items of the handler's result. Rejects with the reader's reason if the reader leaves. */
  async run(given: unknown): Promise<void> {
    const iterator = iteratorOf(given);
    if (!iterator) {
      this.#add(given);
      this.#flush();
      return;
    }
    if (Array.isArray(given) || given instanceof Set) given.forEach(keepQuiet);
    // Named for the whole list, whose items travel apart: they are copied.
    this.#context.moved = undefined;
    try {
      for (;;) {
        // Many available items would keep this thread from noticing that the reader has left.
        const turn = this.#turn.due();
        if (turn) await turn;
        await this.#hasRoom();
        const result = await iterator.next();
        // As `for await` does, which would go on for ever otherwise.
        if (Object(result) !== result) {
          throw new TypeError(
            `Iterator result ${String(result)} is not an object`,
          );
        }
        if (result.done) break;
        // Such as one of a list of promises.
        this.#add(await result.value);
      }
    } catch (error) {
      // The items before the error are sent first.
      if (!this.#ended) this.#flush();
      // An error in the iterator's own clean-up must not hide this one.
      await (async () => await iterator.return?.())().catch(() => {});
      throw error;
    }
    this.#flush();
  }

  async #hasRoom(): Promise<void> {
    while (this.#room <= 0 && !this.#ended) {
      this.#flush();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#ended) throw this.#ended.reason;
  }

  #add(item: unknown): void {
    this.#room--;
    const { moved } = this.#context;
    if (moved) {
      this.#context.moved = undefined;
      this.#flush();
      return this.#postAlone(item, moved);
    }
    if (this.#items.length === 0) this.#since = Date.now();
    this.#items.push(item);
    if (Date.now() - this.#since >= ITEM_DELAY_MS) this.#flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      afterTurn(() => {
        this.#flushing = false;
        try {
          this.#flush();
        } catch (error) {
          this.end(error);
          this.#fail(error);
        }
      });
    }
  }

  #flush(): void {
    if (this.#items.length === 0) return;
    const items = this.#items;
    this.#items = [];
    separate(items);
    try {
      this.#post(items);
    } catch {
      // Sent one by one, so that the items before the faulty one are not lost.
      for (const item of items) this.#postAlone(item);
    }
  }

  #postAlone(item: unknown, moved?: readonly object[]): void {
    try {
      if (moved) checkTransfer(moved);
      this.#post([item], moved);
    } catch (cause) {
      throw notCloneable("item", item, cause, moved);
    }
  }
}

/** One of several promises may reject before it is its turn, or when nobody reads it: the host would end the worker. */
function keepQuiet(item: unknown): void {
  if (item instanceof Promise) item.catch(() => {});
}

interface AnyIterator {
  next(): PromiseLike<IteratorResult<unknown>> | IteratorResult<unknown>;
  return?(): unknown;
}

/** An iterator over the handler's result, or `undefined` when it is a single value, as a string is. */
function iteratorOf(given: unknown): AnyIterator | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { [Symbol.asyncIterator]: begin, [Symbol.iterator]: beginSync } =
    given as {
      [Symbol.asyncIterator]?: () => AnyIterator;
      [Symbol.iterator]?: () => AnyIterator;
    };
  return begin?.call(given) ?? beginSync?.call(given);
}
