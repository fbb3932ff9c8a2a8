import { checkType, invalidOption } from "../check.ts";
import { createModuleHandler, ModuleInit } from "./module_handler.ts";
import { dataUrl } from "./source.ts";
import type {
  CreateHandler,
  ErrorData,
  ExecutorOptions,
  StartedWorker,
  TaskHandler,
  WorkerSource,
} from "../types.ts";

/** A source as it is used. */
export type LoadedSource = WorkerSource & {
  /** True while the caller has started a worker that nobody has used. */
  isStarted?(): boolean;
};

/** Where workers and this thread get their code from. */
export interface Code {
  /** The code of workers; absent when tasks run inline only. */
  worker?: WorkerSource | (() => WorkerSource | Promise<LoadedSource>);
  /** Loads the code for this thread; absent when tasks run in workers only. */
  inline?: () => CreateHandler | Promise<CreateHandler>;
  /** Passed to the `CreateHandler` of either. */
  init: unknown;
  /** Adds to an error of the handler what its own text does not say. */
  explain?: (data: ErrorData) => ErrorData;
}

/**
 * Brings `worker`, `source`, `handler` and `inline` into one form.
 *
 * @throws {ExecutorError} `INVALID_OPTION`.
 */
export function readCode(options: ExecutorOptions): Code {
  const { worker, source, handler, inline, init } = options;
  checkType("inline", inline, "function");
  const given = [worker, source, handler].filter((code) => code !== undefined);
  if (given.length + (inline ? 1 : 0) === 0) {
    throw invalidOption("handler", ONE_OF, undefined);
  }
  if (given.length > 1) {
    throw invalidOption(handler ? "handler" : "source", ALONE, undefined);
  }
  if (handler !== undefined) {
    return typeof handler === "function"
      ? fromFunction(checkText(handler, options), options)
      : fromModule(absolute("handler", handler), options);
  }
  if (source !== undefined) {
    if (typeof source !== "string") {
      throw invalidOption("source", "must be the text of a module", source);
    }
    return fromModule(dataUrl(source), options);
  }
  return { worker: workerOf(worker), inline, init };
}

const ONE_OF =
  "must be given, or options.source, options.worker or options.inline";
const NO_TEXT =
  "must be a function whose text workers can start from (a bound or native one has only [native code])";
const ALONE = "cannot be given together with another of worker and source";

function fromModule(module: string, options: ExecutorOptions): Code {
  return {
    worker: () => runtime(module),
    inline: options.inline
      ? undoing(options.inline)
      : () => createModuleHandler,
    init: new ModuleInit(module, options.init),
  };
}

/** Refuses a function that no worker can be started from, unless it is to run on this thread only. */
function checkText(handle: TaskHandler, { kinds }: ExecutorOptions) {
  const text = String(handle);
  if (text.startsWith("class")) {
    throw invalidOption("handler", "must be a function, not a class", handle);
  }
  const isHere = kinds?.every((kind) => kind === "inline");
  if (/\{\s*\[native code\]\s*\}$/.test(text) && !isHere) {
    throw invalidOption("handler", NO_TEXT, handle);
  }
  return handle;
}

function fromFunction(handle: TaskHandler, options: ExecutorOptions): Code {
  const text = String(handle);
  const module = dataUrl(
    EXPRESSION.test(text)
      ? `${NAME}export default (${text})`
      : `let h;try{h=${evalOf(`(${text})`)}}catch{h=Object.values(${
        evalOf(`({${text}})`)
      })[0]}export default h`,
  );
  const inline = options.inline ?? (() => () => ({ handle }));
  return { ...fromModule(module, { ...options, inline }), explain };
}

/** Start of the text of a function that is an expression for certain. That of a method becomes one inside of an object. */
const EXPRESSION = /^(?:async\s+)?(?:function\b|\(|[\w$]+\s*=>)/;

/** What esbuild calls to keep the names of functions inside the handler. */
const NAME = "const __name=f=>f;";

/** Evaluates what may be an expression. Some policies forbid that. */
function evalOf(expression: string): string {
  return `(0,eval)(${JSON.stringify(`"use strict";${NAME}${expression}`)})`;
}

/** Says of a name that the handler does not know why: as a rule it stands around the function, where workers do not see. */
function explain(data: ErrorData): ErrorData {
  const { name, message, stack } = data;
  const isUnknown = name === "ReferenceError" &&
    /is not defined|Can't find variable/.test(message);
  if (!isUnknown) return data;
  const full = `${message}: ${SEES_NOTHING}`;
  return { ...data, message: full, stack: stack?.replace(message, () => full) };
}

const SEES_NOTHING =
  "a handler given as a function runs elsewhere, so it sees nothing outside itself";

/** Unwraps `init` for the caller's own inline handler, which expects it as the caller passed it. */
function undoing(
  inline: () => CreateHandler | Promise<CreateHandler>,
): () => Promise<CreateHandler> {
  return async () => {
    const create = await inline();
    // Not a function: `connectHere` of `Placement` reports it.
    if (typeof create !== "function") return create;
    return (init) => create((init as ModuleInit).init);
  };
}

async function runtime(module: string): Promise<WorkerSource> {
  const text = import("../worker_runtime_from_task_setup.gen.ts")
    .then(({ workerRuntime }) => workerRuntime);
  // Bun imports the handler by another URL, and starts a worker sooner than this text. In a function, for a script's
  // variables are global: the handler would see them, and could overwrite them.
  if ("Bun" in globalThis) {
    return { script: text.then((text) => `(()=>{${text}})()`) };
  }
  // Loads while the worker starts; a failure is reported when the module is used.
  const early = `import(${JSON.stringify(module)}).catch(()=>{});`;
  return { code: early + await text };
}

function workerOf(worker: ExecutorOptions["worker"]): Code["worker"] {
  if (typeof worker === "string" || worker instanceof URL) {
    return { url: absolute("worker", worker) };
  }
  if (typeof worker !== "function") {
    return worker === undefined ? worker : checkedSource(worker);
  }
  return async () => {
    const given = await worker();
    if (!isStarted(given)) return checkedSource(given);
    // The function has started a worker already: use it as the first one.
    let first: StartedWorker | undefined = given;
    const create = () => {
      const started = first ?? worker();
      first = undefined;
      return started;
    };
    return { create, isStarted: () => first !== undefined };
  };
}

function checkedSource(source: WorkerSource): WorkerSource {
  const { code, script, url, create } = Object(source);
  const isSource = typeof code === "string" || script !== undefined ||
    typeof url === "string" || url instanceof URL ||
    typeof create === "function";
  if (isSource) return source;
  throw invalidOption("worker", WORKER_IS, source);
}

const WORKER_IS =
  "must be an absolute URL, an object with code, script, url or create, or a function that gives such an object or a Worker";

function isStarted(
  given: WorkerSource | StartedWorker,
): given is StartedWorker {
  return typeof (given as StartedWorker)?.postMessage === "function";
}

function absolute(name: string, url: string | URL): string {
  try {
    return new URL(url).href;
  } catch {
    const rule = `must be ${
      name === "handler" ? "a function or " : ""
    }an absolute URL, such as import.meta.resolve("./tasks.ts")`;
    throw invalidOption(name, rule, url);
  }
}
