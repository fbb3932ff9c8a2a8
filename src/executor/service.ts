import { ExecutorError } from "../errors.ts";
import { checkTransfer, findUncloneable, part } from "./cloneable.ts";
import { errorToData, reasonToValue } from "./error_data.ts";
import { type FromWorker, isToWorker, type Reason } from "./protocol.ts";
import type {
  CreateHandler,
  ErrorData,
  HandlerHost,
  TaskContext,
} from "./types.ts";

/** How long tasks may run back to back before the loop lets timers and messages (aborts among them) in. */
const SLICE_MS = 8;
/** How long a finished task's result may wait for its neighbours before it leaves. */
const RESULT_DELAY_MS = 1;

/** Posts a message to the pool. Throws when it cannot be cloned. */
export type PostToPool = (
  message: FromWorker,
  transfer?: readonly ArrayBufferLike[],
) => void;

class Context implements TaskContext {
  #controller: AbortController | undefined;
  moved: ArrayBufferLike[] | undefined;

  get signal(): AbortSignal {
    // Made on demand: most handlers never look at it.
    return (this.#controller ??= new AbortController()).signal;
  }

  transfer(...objects: ArrayBufferLike[]): void {
    this.moved = [...this.moved ?? [], ...objects];
  }

  abort(reason: unknown): void {
    (this.#controller ??= new AbortController()).abort(reason);
  }
}

/**
 * The worker's side: builds the handler, runs the tasks that arrive and posts what came of them. It is the same in
 * every kind of worker and inline.
 */
export class Service {
  #create: CreateHandler;
  #post: PostToPool;
  #host: Promise<HandlerHost> | undefined;
  #handler: HandlerHost | undefined;
  #closed: Promise<void> | undefined;
  #ids: number[] = [];
  #tasks: unknown[] = [];
  #next = 0;
  #pumping = false;
  #running = new Map<number, Context>();
  #dropped = new Set<number>();
  #done: {
    ids: number[];
    values: unknown[];
    failedIds: number[];
    errors: ErrorData[];
  } = { ids: [], values: [], failedIds: [], errors: [] };
  #flushing = false;

  /** Builds the service; nothing happens before `init` arrives. */
  constructor(create: CreateHandler, post: PostToPool) {
    this.#create = create;
    this.#post = post;
  }

  /** Says that the code runs. */
  hello(): void {
    this.#post({ type: "hello" });
  }

  /** Takes one message of the pool; any other is ignored. */
  receive(message: unknown): void {
    if (!isToWorker(message)) return;
    switch (message.type) {
      case "init":
        this.#init(message.init);
        break;
      case "run":
        for (let at = 0; at < message.ids.length; at++) {
          this.#ids.push(message.ids[at]!);
          this.#tasks.push(message.tasks[at]);
        }
        this.#pump();
        break;
      case "abort":
        message.ids.forEach((id, at) => this.#abort(id, message.reasons[at]!));
        break;
      case "close":
        this.#close();
        break;
    }
  }

  /** Tells every running task to stop and closes the handler: for a host that has no thread to end. */
  async end(reason: unknown): Promise<void> {
    this.#ids = [];
    this.#tasks = [];
    this.#next = 0;
    for (const context of this.#running.values()) context.abort(reason);
    await this.#closeHost();
  }

  /** Lets the results that are already there go before the worker ends. */
  flush(): void {
    this.#flush();
  }

  /** Says that the worker ends by its own will. */
  farewell(reason: string): void {
    this.#post({ type: "farewell", reason });
  }

  async #init(init: unknown): Promise<void> {
    try {
      this.#host = (async () => await this.#create(init))();
      this.#handler = await this.#host;
      this.#post({ type: "ready" });
    } catch (error) {
      this.#host = undefined;
      this.#post({ type: "failed", error: errorToData(error) });
    }
  }

  async #close(): Promise<void> {
    try {
      await this.#closeHost();
      this.#flush();
      this.#post({ type: "closed" });
    } catch (error) {
      this.#post({ type: "closed", error: errorToData(error) });
    }
  }

  /** Closes the handler once, however often it is asked to. */
  #closeHost(): Promise<void> {
    return this.#closed ??= (async () => {
      const host = await this.#host;
      await host?.close?.();
    })();
  }

  #abort(id: number, reason: Reason): void {
    const context = this.#running.get(id);
    if (context) context.abort(reasonToValue(reason));
    else if (this.#ids.indexOf(id, this.#next) >= 0) this.#dropped.add(id);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const start = Date.now();
    let flushed = start;
    while (this.#next < this.#ids.length) {
      const id = this.#ids[this.#next]!;
      const task = this.#tasks[this.#next];
      this.#tasks[this.#next++] = undefined;
      if (this.#dropped.delete(id)) this.#succeed(id, undefined);
      else this.#runOne(id, task);
      const now = Date.now();
      if (now - flushed >= RESULT_DELAY_MS) {
        this.#flush();
        flushed = now;
      }
      if (now - start >= SLICE_MS && this.#next < this.#ids.length) {
        afterTurn(() => {
          this.#pumping = false;
          this.#pump();
        });
        return;
      }
    }
    this.#ids = [];
    this.#tasks = [];
    this.#next = 0;
    this.#pumping = false;
  }

  #runOne(id: number, task: unknown): void {
    const context = new Context();
    this.#running.set(id, context);
    try {
      const result = this.#handler!.handle(task, context);
      if (isThenable(result)) {
        result.then(
          (value) => this.#succeed(id, value, context),
          (error) => this.#fail(id, error),
        );
      } else this.#succeed(id, result, context);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #succeed(id: number, value: unknown, context?: Context): void {
    this.#running.delete(id);
    if (context?.moved) {
      // Alone, so that what cannot be moved or cloned is this task's fault and no other's.
      this.#flush();
      this.#postValue(id, value, context.moved);
      return;
    }
    this.#done.ids.push(id);
    this.#done.values.push(value);
    this.#schedule();
  }

  #fail(id: number, error: unknown): void {
    this.#running.delete(id);
    this.#done.failedIds.push(id);
    this.#done.errors.push(errorToData(error));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const done = this.#done;
    if (done.ids.length + done.failedIds.length === 0) return;
    this.#done = { ids: [], values: [], failedIds: [], errors: [] };
    part(done.values);
    try {
      this.#post({ type: "done", ...done });
    } catch {
      const { ids, values } = done;
      this.#post({ type: "done", ...done, ids: [], values: [] });
      ids.forEach((id, at) => this.#postValue(id, values[at]));
    }
  }

  #postValue(
    id: number,
    value: unknown,
    transfer?: readonly ArrayBufferLike[],
  ): void {
    const done = { ids: [id], values: [value], failedIds: [], errors: [] };
    try {
      if (transfer) checkTransfer(transfer);
      this.#post({ type: "done", ...done }, transfer);
    } catch (cause) {
      this.#fail(id, notCloneable("result", value, cause));
    }
  }
}

/** The error for a value that cannot cross: names the path of the part that is to blame. */
export function notCloneable(
  name: string,
  value: unknown,
  cause: unknown,
): ExecutorError {
  const found = findUncloneable(value, name);
  const message = found
    ? `${found.path} cannot be cloned: it is ${found.what}`
    : `${name} cannot be cloned or moved: ${(cause as Error)?.message}`;
  return new ExecutorError("NOT_CLONEABLE", message, {
    data: { path: found?.path ?? name },
    cause,
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}

/** Calls back after timers, I/O and messages had their turn. */
function afterTurn(callback: () => void): void {
  const { setImmediate } = globalThis as {
    setImmediate?: (callback: () => void) => void;
  };
  if (setImmediate) setImmediate(callback);
  else setTimeout(callback, 0);
}
