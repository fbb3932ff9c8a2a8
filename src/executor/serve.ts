import { workerThreads } from "./hosts/detect.ts";
import { type MessageEnd, openPath } from "./hosts/message_path.ts";
import { Service } from "./worker/service.ts";
import { WEB_WORKER } from "./hosts/source.ts";
import type { CreateHandler } from "./types.ts";

interface WebScope {
  WorkerGlobalScope?: unknown;
  [WEB_WORKER]?: boolean;
  addEventListener?: (
    type: string,
    listener: (event: { data: unknown }) => void,
  ) => void;
}

/**
 * Makes this worker (a Web Worker or a `node:worker_threads` one) serve an executor's tasks. Call it once, at the
 * worker's top level and before any `await`; otherwise the executor's first message is missed.
 *
 * It replaces `close`, `Deno.exit` and `process.exit` of this worker by versions that first send finished results and,
 * in a Web Worker, report the end, which is otherwise invisible from outside.
 *
 * @throws {TypeError} outside of a worker.
 *
 * @example
 * ```ts
 * import { createExecutor } from "@cortex/memory/executor";
 * import { assertEquals } from "@std/assert";
 *
 * // worker.ts has the two lines below; then, worker: { url: import.meta.resolve("./worker.ts") }
 * const executorUrl = import.meta.resolve("@cortex/memory/executor");
 * const module = `import { serveWorker } from "${executorUrl}";
 * serveWorker(() => ({ handle: (n) => n ** 2 }));`;
 * const url = `data:text/javascript,${encodeURIComponent(module)}`;
 * await using executor = createExecutor({ worker: { url } });
 * assertEquals(await executor.run(12), 144);
 * ```
 */
export function serveWorker(create: CreateHandler): void {
  const scope = globalThis as unknown as WebScope;
  const isWeb = scope.WorkerGlobalScope || scope[WEB_WORKER];
  const port = isWeb ? undefined : workerThreads()?.parentPort;
  const end = port ?? scope;
  if (!isEnd(end)) {
    throw new TypeError("serveWorker must be called inside a worker");
  }
  const path = openPath(end);
  const service = new Service(create, path.post);
  // What nests too deep for this thread's stack, say. Nobody knows which tasks came with it: the worker can only go.
  const leave = () => {
    service.flush();
    service.farewell("a message that it cannot read", true);
  };
  // Chromium gives null for what it cannot read.
  const take = (message: unknown) =>
    message === null ? leave() : service.receive(path.open(message));
  if (!port) scope.addEventListener?.("message", ({ data }) => take(data));
  // Deno's `on` walks typed arrays element by element; Node's `onmessage` loads its whole `fetch` first.
  else if ("Deno" in globalThis) port.onmessage = ({ data }) => take(data);
  else port.on("message", take);
  if (port) port.on("messageerror", leave);
  else scope.addEventListener?.("messageerror", leave);
  watchForTheEnd(service, !port);
  service.hello();
}

function isEnd(scope: object): scope is MessageEnd {
  return typeof (scope as Partial<MessageEnd>).postMessage === "function";
}

/** Notices when the worker ends itself, which Deno and browsers do not report. */
function watchForTheEnd(service: Service, isUnseen: boolean): void {
  const { Deno } = globalThis as { Deno?: object };
  const before = (reason: string) => {
    service.flush();
    if (isUnseen) service.farewell(reason);
  };
  patch(globalThis, "close", () => before("close()"));
  // On Deno, `process.exit` calls `Deno.exit`, and the first access to `process` is slow.
  const [owner, name] = Deno
    ? [Deno, "Deno.exit"]
    : [(globalThis as { process?: object }).process, "process.exit"];
  patch(owner, "exit", (code) => before(`${name}(${code ?? ""})`));
}

function patch(
  owner: object | undefined,
  name: string,
  before: (argument: unknown) => void,
): void {
  const original = (owner as { [name: string]: unknown } | undefined)?.[name];
  if (typeof original !== "function") return;
  try {
    Object.defineProperty(owner, name, {
      configurable: true,
      writable: true,
      value: (argument: unknown) => {
        before(argument);
        return original.call(owner, argument);
      },
    });
  } catch {
    // The object is frozen: the host's own exit event has to suffice.
  }
}
