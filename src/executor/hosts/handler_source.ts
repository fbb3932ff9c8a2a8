import { invalidOption } from "../check.ts";
import { createModuleHandler, type ModuleInit } from "./module_handler.ts";
import { dataUrl } from "./source.ts";
import type {
  CreateHandler,
  ExecutorOptions,
  StartedWorker,
  TaskHandler,
  WorkerSource,
} from "../types.ts";

/** Where the code of workers and of this thread comes from. */
export interface Code {
  /** The worker's; absent: inline only. */
  worker?: WorkerSource | (() => WorkerSource | Promise<WorkerSource>);
  /** This thread's; absent: workers only. */
  inline?: () => CreateHandler | Promise<CreateHandler>;
  /** Handed to both. */
  init: unknown;
}

/**
 * Brings `worker`, `source`, `handler` and `inline` into one form.
 *
 * @throws {ExecutorError} `INVALID_OPTION`.
 */
export function readCode(options: ExecutorOptions): Code {
  const { worker, source, handler, inline, init } = options;
  const given = [worker, source, handler].filter((code) => code !== undefined);
  if (given.length + (inline ? 1 : 0) === 0) {
    throw invalidOption("worker", ONE_OF, undefined);
  }
  if (given.length > 1) {
    throw invalidOption(handler ? "handler" : "source", ALONE, undefined);
  }
  if (handler !== undefined) {
    return typeof handler === "function"
      ? fromFunction(handler, options)
      : fromModule(absolute("handler", handler), options);
  }
  if (source !== undefined) return fromModule(dataUrl(source), options);
  return { worker: workerOf(worker), inline, init };
}

const ONE_OF =
  "or options.source, options.handler or options.inline must be given";
const ALONE = "cannot be given together with another of worker and source";

function fromModule(module: string, options: ExecutorOptions): Code {
  const init: ModuleInit = { module, init: options.init };
  return {
    worker: () => runtime(module),
    inline: options.inline
      ? undoing(options.inline)
      : () => createModuleHandler,
    init,
  };
}

function fromFunction(handle: TaskHandler, options: ExecutorOptions): Code {
  // A method's text is no expression by itself, but one of an object.
  const text = String(handle);
  const module = dataUrl(
    `const __name=f=>f;let h;try{h=(0,eval)(${
      JSON.stringify(`"use strict";(${text})`)
    })}catch{h=Object.values((0,eval)(${
      JSON.stringify(`"use strict";({${text}})`)
    }))[0]}export default h`,
  );
  const inline = options.inline ?? (() => () => ({ handle }));
  return { ...fromModule(module, { ...options, inline }) };
}

/** An inline handler of the caller's own gets the caller's own `init`. */
function undoing(
  inline: () => CreateHandler | Promise<CreateHandler>,
): () => Promise<CreateHandler> {
  return async () => {
    const create = await inline();
    return (init) => create((init as ModuleInit).init);
  };
}

async function runtime(module: string): Promise<WorkerSource> {
  const text = import("../worker/worker_runtime.gen.ts")
    .then(({ workerRuntime }) => workerRuntime);
  // There the handler is imported by another URL, and a worker is there sooner than this text.
  if ("Bun" in globalThis) return { script: text };
  // Loads while the worker starts; what is wrong with it is told when it is wanted.
  const early = `import(${JSON.stringify(module)}).catch(()=>{});`;
  return { code: early + await text };
}

function workerOf(worker: ExecutorOptions["worker"]): Code["worker"] {
  if (typeof worker === "string" || worker instanceof URL) {
    return { url: absolute("worker", worker) };
  }
  if (typeof worker !== "function") return worker;
  return async () => {
    const given = await worker();
    if (!isStarted(given)) return given;
    // The first one is there already.
    let first: StartedWorker | undefined = given;
    const create = () => {
      const started = first ?? worker();
      first = undefined;
      return started;
    };
    return { create };
  };
}

function isStarted(
  given: WorkerSource | StartedWorker,
): given is StartedWorker {
  return typeof (given as StartedWorker)?.postMessage === "function";
}

function absolute(name: string, url: string | URL): string {
  try {
    return new URL(url).href;
  } catch {
    const rule =
      'must be an absolute URL, such as import.meta.resolve("./tasks.ts")';
    throw invalidOption(name, rule, url);
  }
}
