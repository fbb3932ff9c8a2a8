import type { Connect } from "./connection.ts";
import { type ThreadWorkerLike, workerThreads } from "./detect.ts";
import { ExecutorError } from "../../errors.ts";
import { sendScript, THREAD_STARTER } from "./late_script.ts";
import { openPath } from "./message_path.ts";
import { dataUrl } from "./source.ts";
import type { ExecutorOptions, WorkerSource } from "../types.ts";

/** Starts `node:worker_threads` workers: Node; Deno and Bun when asked. */
export function connectWorkerThread(
  source: WorkerSource,
  options: Pick<ExecutorOptions, "name" | "resourceLimits"> = {},
): Connect {
  return (events) => {
    const worker = startWorker(source, options);
    if ("script" in source) {
      sendScript(source, (text) => worker.postMessage(text), events.broken);
    }
    const path = openPath(worker);
    worker.on("message", (data) => events.message(path.open(data)));
    worker.on("messageerror", () => {
      events.broken("posted a message that this side cannot read");
    });
    worker.on("error", (error) => {
      events.broken(`failed: ${(error as Error)?.message ?? error}`, error);
    });
    worker.on("exit", (code) => {
      events.broken(`ended with exit code ${code}`);
    });
    return {
      alwaysHolds: false,
      post: path.post,
      hold(hold) {
        if (hold) worker.ref();
        else worker.unref();
      },
      async end() {
        path.close();
        await worker.terminate();
      },
    };
  };
}

function startWorker(
  source: WorkerSource,
  { name, resourceLimits }: Pick<ExecutorOptions, "name" | "resourceLimits">,
): ThreadWorkerLike {
  if ("create" in source) {
    const worker = source.create() as ThreadWorkerLike;
    if (typeof worker?.on === "function") return worker;
    throw new ExecutorError(
      "WORKER_REFUSED",
      "worker.create() gave no worker thread",
    );
  }
  const threads = workerThreads();
  if (!threads) {
    throw new ExecutorError(
      "WORKER_REFUSED",
      "this host has no node:worker_threads",
    );
  }
  const options = {
    ...name === undefined ? {} : { name },
    ...resourceLimits ? { resourceLimits } : {},
  };
  if ("script" in source) {
    return new threads.Worker(THREAD_STARTER, { ...options, eval: true });
  }
  return new threads.Worker(
    "url" in source ? fileOrUrl(source.url) : new URL(dataUrl(source.code)),
    options,
  );
}

/** `worker_threads` takes a URL only as an object; a string is a path to it. */
function fileOrUrl(url: string | URL): string | URL {
  return typeof url === "string" && URL.canParse(url) ? new URL(url) : url;
}
