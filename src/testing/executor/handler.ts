import {
  ConvexError,
  MemoryValidationError,
  StoreError,
  ValueError,
} from "../../errors.ts";
import { workerThreads } from "../../executor/hosts/detect.ts";
import type { HandlerHost, TaskContext } from "../../executor/types.ts";
import { ODD_ERRORS, ODD_VALUES } from "./odd.ts";

/** Options of the handler of the executor's contract cases. */
export interface TestInit {
  /** Message of the error that building it throws. */
  failWith?: string;
  /** Ends the worker while the handler is being built. */
  exitWhileBuilding?: boolean;
  /** Whether building it never ends. */
  buildForEver?: boolean;
  /** Milliseconds that building it takes. */
  buildMs?: number;
  /** Message of the error that closing it throws. */
  failCloseWith?: string;
  /** Any value; the task `init` returns it. */
  value?: unknown;
}

/** One task of the executor's contract cases: what to do, and with what. */
export interface TestTask {
  /** Name of what to do. */
  do: string;
  /** What to do it with. */
  value?: unknown;
}

/** An error class that only the handler's side has. */
class QuotaError extends RangeError {
  override name = "QuotaError";
  /** A member of its own. */
  readonly retryAfterMs: number = 1500;
  /** Cannot be cloned, so it is left out. */
  readonly callback: () => void = () => {};
}

interface State {
  init: TestInit;
  count: number;
  aborts: string[];
  ticks: number;
  running: number;
  mostRunning: number;
  /** Small values and marks, in the order of arrival. */
  seen: unknown[];
  /** Items that a stream's handler made. */
  made: number;
}

/** Bun and edge-runtime clone an error without its cause. */
interface Caused {
  cause?: { list: number[] };
}

type Action = (value: unknown, context: TaskContext, state: State) => unknown;

function inner(): Error {
  const error = new TypeError("inner", { cause: new RangeError("why") });
  return Object.assign(error, { code: "INNER" });
}

/** A map is sent as it is, not as text. */
const SHARED = { list: [1], map: new Map() };

const THROWN: { readonly [name: string]: () => unknown } = {
  type: () => new TypeError("not that type"),
  range: () => new RangeError("out of range", { cause: new Error("because") }),
  custom: () => new QuotaError("over quota"),
  coded: () =>
    Object.assign(new Error("no such file"), { code: "ENOENT", errno: -2 }),
  shared: () => Object.assign(new Error("shared"), { data: SHARED }),
  store: () =>
    new StoreError("STORE_CORRUPT", "page 7 is torn", {
      data: { page: 7, bytes: new ArrayBuffer(3) },
      cause: new ValueError("INVALID_VALUE", "inner", {
        cause: new TypeError("innermost"),
      }),
    }),
  field: () =>
    new MemoryValidationError("query is missing", "MISSING_FIELD", "query"),
  convex: () => new ConvexError({ code: "NOT_FOUND", id: 7n }),
  foreignConvex: () =>
    Object.assign(new Error("MEMORY_NOT_FOUND: m1"), {
      name: "ConvexError",
      data: "MEMORY_NOT_FOUND: m1",
      [Symbol.for("ConvexError")]: true,
    }),
  listed: () =>
    Object.assign(new TypeError("listed"), { errors: ["a", new RangeError()] }),
  fields: () =>
    Object.assign(new QuotaError(), { errors: { name: "is missing" } }),
  aggregate: () =>
    new AggregateError([new TypeError("one"), "two"], "both failed"),
  holder: () => Object.assign(new Error("outer"), { error: inner() }),
  suppressed: () => new SuppressedError(inner(), new Error("before"), "both"),
  dom: () => {
    const error = new DOMException("took too long", "TimeoutError");
    return Object.assign(error, { afterMs: 5 });
  },
  text: () => "just text",
  nothing: () => undefined,
  loop: () => {
    const error = new Error("loop");
    error.cause = error;
    return error;
  },
};

/** How long `block` holds its thread. */
export interface Block {
  /** Time in ms. */
  ms: number;
  /** Ends early when this is no longer zero. */
  until?: Int32Array;
}

const ACTIONS: { readonly [name: string]: Action } = {
  echo: (value) => value,
  add: (value) => (value as number[]).reduce((sum, item) => sum + item, 0),
  asyncEcho: async (value) => {
    await sleep(1);
    return value;
  },
  init: (_value, _context, { init }) => init.value,
  count: (_value, _context, state) => ++state.count,
  mutate: (value) => {
    (value as { list: number[] }).list.push(9);
    return (value as { list: number[] }).list.length;
  },
  mutateCause: (value) => (value as Caused).cause?.list.push(9) ?? 2,
  shared: () => SHARED,
  sameObject: (_value, _context, state) => state.init,
  throw: (value) => {
    throw THROWN[value as string]!();
  },
  rejectLater: async (value) => {
    await sleep(1);
    throw THROWN[value as string]!();
  },
  fail: (value) => {
    throw new Error(value as string);
  },
  odd: (value) => ODD_VALUES[value as string]!(),
  throwOdd: (value) => {
    throw ODD_ERRORS[value as string]!();
  },
  post: (value) => {
    const { postMessage } = globalThis as { postMessage?: unknown };
    const port = typeof postMessage === "function"
      ? globalThis as unknown as { postMessage(message: unknown): void }
      : workerThreads()!.parentPort!;
    port.postMessage(value);
  },
  callableThenable: () =>
    Object.assign(() => {}, {
      then: (resolve: (value: number) => void) => resolve(8),
    }),
  thenable: () => ({
    // deno-lint-ignore no-explicit-any
    then(resolve: any, reject: any) {
      resolve(Promise.resolve(7));
      resolve(8);
      reject(new Error("too late"));
    },
  }),
  returnFunction: () => ({ list: [1, { callback: () => 1 }] }),
  sleep: (value) => sleep(value as number),
  block: (value, _context, state) => {
    state.count++;
    const { ms, until }: Block = typeof value === "number"
      ? { ms: value }
      : value as Block;
    const end = Date.now() + ms;
    while (Date.now() < end && !(until && Atomics.load(until, 0)));
    return ms;
  },
  bump: (flag) => Atomics.add(flag as Int32Array, 0, 1),
  overlap: async (_value, _context, state) => {
    state.running++;
    state.mostRunning = Math.max(state.mostRunning, state.running);
    await sleep(2);
    state.running--;
    return state.mostRunning;
  },
  never: () => new Promise(() => {}),
  untilAborted: (value, { signal }, { aborts }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        const { reason } = signal;
        aborts.push(`${value}: ${(reason as Error)?.message ?? reason}`);
        reject(reason);
      });
    }),
  raiseOnAbort: (flag, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        Atomics.store(flag as Int32Array, 0, 1);
        reject(signal.reason);
      });
    }),
  aborts: (_value, _context, { aborts }) => aborts,
  allocate: (value, context) => {
    const bytes = new Uint8Array(value as number).fill(7);
    context.transfer(bytes.buffer);
    return bytes;
  },
  allocateTwo: (value, { transfer }) => {
    const parts = [1, 2].map((fill) =>
      new Uint8Array(value as number).fill(fill)
    );
    for (const { buffer } of parts) transfer(buffer);
    return parts;
  },
  allocateOdd: (_value, { transfer }) => {
    const bytes = new Uint8Array(8);
    transfer(bytes.buffer);
    return { bytes, callback: () => 1 };
  },
  transferDetached: (_value, context) => {
    const buffer = new ArrayBuffer(8);
    structuredClone(buffer, { transfer: [buffer] });
    context.transfer(buffer);
    return buffer;
  },
  read: async (value) => {
    if (value instanceof ReadableStream) {
      const items: unknown[] = [];
      const reader = value.getReader();
      for (;;) {
        const { done, value: item } = await reader.read();
        if (done) return items;
        items.push(item);
      }
    }
    const port = value as MessagePort;
    const item = await new Promise((resolve) =>
      port.onmessage = ({ data }) => resolve(data)
    );
    port.close();
    return [item];
  },
  byteLength: (value) => (value as ArrayBuffer).byteLength,
  array: (value) => Array.from({ length: value as number }, (_, at) => at),
  startTicking: (_value, _context, state) => {
    const timer = setInterval(() => {
      if (++state.ticks >= 3) clearInterval(timer);
    }, 5);
  },
  ticks: (_value, _context, { ticks }) => ticks,
  mark: (value, _context, { seen }) => {
    seen.push(value);
    return value;
  },
  slowMark: async (value, _context, { seen }) => {
    const { name, ms } = value as { name: string; ms: number };
    seen.push(`${name} begins`);
    await sleep(ms);
    seen.push(`${name} ends`);
  },
  seen: (_value, _context, { seen }) => seen,
  items: function* (value, _context, state) {
    for (let at = 0; at < (value as number); at++) {
      state.made++;
      yield at;
    }
  },
  slowItems: async function* (value, { signal }, state) {
    try {
      for (let at = 0; at < (value as number); at++) {
        await sleep(1);
        state.made++;
        yield { at };
      }
    } finally {
      state.seen.push(signal.aborted ? "left" : "ended");
    }
  },
  failingItems: function* () {
    yield 1;
    yield 2;
    throw new RangeError("no third");
  },
  oddItems: () => [1, () => 1, 3],
  promisedItems: () => [1, Promise.resolve(2), sleep(1).then(() => 3)],
  brokenPromises: () => brokenPromises(),
  brokenSet: () => new Set(brokenPromises()),
  movedItems: function* (value, { transfer }) {
    let moved = 0;
    for (;;) {
      const bytes = new Uint8Array(value as number);
      transfer(bytes.buffer);
      yield { bytes, moved };
      if (bytes.length === 0) moved++;
    }
  },
  endlessItems: () => ({ [Symbol.iterator]: () => ({ next: () => 5 }) }),
  slowOddItems: async function* () {
    yield* [1, () => 1];
    await new Promise(() => {});
  },
  itemsUntilTick: function* (value) {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    for (let at = 0; at < (value as number) && ticks === 0; at++) yield at;
    clearInterval(timer);
  },
  made: (_value, _context, { made }) => made,
  exit: (value) => end(value as string),
  fillMemory: () => {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(100_000).fill(kept));
  },
  throwLater: () => {
    setTimeout(() => {
      throw new Error("thrown outside of a task");
    }, 1);
    return new Promise(() => {});
  },
};

/** Builds the handler of the executor's contract cases; the same code runs in workers and inline. */
export async function createTestHandler(init: unknown): Promise<HandlerHost> {
  const options = (init ?? {}) as TestInit;
  if (options.buildMs) await sleep(options.buildMs);
  if (options.buildForEver) await new Promise(() => {});
  if (options.exitWhileBuilding) await end("process");
  if (options.failWith) {
    throw new StoreError("STORE_CORRUPT", options.failWith);
  }
  const state: State = {
    init: options,
    count: 0,
    aborts: [],
    ticks: 0,
    running: 0,
    mostRunning: 0,
    seen: [],
    made: 0,
  };
  return {
    handle(task, context) {
      if (typeof task !== "object" || task === null) {
        state.seen.push(task);
        return task;
      }
      const { do: name, value } = task as TestTask;
      return ACTIONS[name]!(value, context, state);
    },
    close() {
      if (options.failCloseWith) throw new Error(options.failCloseWith);
    },
  };
}

/** Two of them fail, one before its turn. */
function brokenPromises(): Promise<unknown>[] {
  return [
    sleep(5).then(() => 1),
    sleep(1).then(() => {
      throw THROWN.range!();
    }),
    Promise.reject(THROWN.range!()),
  ];
}

/** Ends the worker in one of the possible ways; never returns. */
function end(how: string): Promise<never> {
  const { Deno, process, close } = globalThis as {
    Deno?: { exit(code: number): void };
    process?: { exit(code: number): void };
    close?: () => void;
  };
  if (how === "process" && process) process.exit(3);
  else if (how !== "close" && Deno) Deno.exit(3);
  else close?.();
  return new Promise(() => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
