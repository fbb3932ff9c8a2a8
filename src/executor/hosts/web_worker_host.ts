import type { Connect, ConnectionEvents } from "./connection.ts";
import { webWorkerClass, type WebWorkerLike } from "./detect.ts";
import { ExecutorError } from "../../errors.ts";
import { sendScript, WEB_STARTER } from "./late_script.ts";
import { openPath } from "./message_path.ts";
import { codeUrl } from "./source.ts";
import type { WorkerSource } from "../types.ts";

/** Browsers do not say why a worker failed to load. */
const NO_REASON =
  "the host gives no reason; if a content security policy forbids its source, set worker.url";

/** Starts Web Workers: Deno, Bun, browsers. */
export function connectWebWorker(
  source: WorkerSource,
  options: { name?: string } = {},
): Connect {
  return (events) => {
    const { worker, release } = startWorker(source, options.name);
    if ("script" in source) {
      sendScript(source, (text) => worker.postMessage(text), events.broken);
    }
    const path = openPath(worker);
    let loading = true;
    let ended = false;
    const loaded = () => {
      loading = false;
      release();
      if (ended) terminate();
    };
    worker.addEventListener("message", (event) => {
      if (loading) loaded();
      events.message(path.open((event as MessageEvent).data));
    });
    worker.addEventListener("error", () => {
      if (loading) loaded();
    });
    const terminate = tellWhenBroken(worker, events.broken);
    return {
      alwaysHolds: !worker.unref && "Deno" in globalThis,
      post: path.post,
      hold(hold) {
        if (hold) worker.ref?.();
        else worker.unref?.();
      },
      end() {
        ended = true;
        path.close();
        // Bun crashes when a worker is terminated while it loads: let it finish, without keeping the process alive.
        if (loading && worker.unref) worker.unref();
        else {
          terminate();
          release();
        }
      },
    };
  };
}

/** Reports the failure or end of a worker to `broken`, and returns a function that ends it without a report. */
function tellWhenBroken(
  worker: WebWorkerLike,
  broken: ConnectionEvents["broken"],
): () => void {
  // Deno and browsers fire no event when other code that holds the worker terminates it.
  const terminate = worker.terminate.bind(worker);
  worker.terminate = () => {
    terminate();
    broken("was terminated");
  };
  worker.addEventListener("messageerror", () => {
    broken("posted a message that this side cannot read");
  });
  worker.addEventListener("error", (event) => {
    // Otherwise Deno ends the whole process when a worker fails.
    event.preventDefault();
    const { message, error } = event as ErrorEvent;
    broken(
      `failed: ${message || NO_REASON}`,
      error ?? (message ? new Error(message) : undefined),
    );
  });
  // Only Bun fires this event.
  worker.addEventListener("close", (event) => {
    const { code } = event as unknown as { code?: number };
    broken(`ended with exit code ${code ?? 0}`);
  });
  return terminate;
}

function startWorker(
  source: WorkerSource,
  name: string | undefined,
): { worker: WebWorkerLike; release: () => void } {
  if ("create" in source) {
    const worker = source.create() as WebWorkerLike;
    if (typeof worker?.addEventListener === "function") {
      return { worker, release: () => {} };
    }
    throw new ExecutorError(
      "WORKER_REFUSED",
      "worker.create() gave no Web Worker",
    );
  }
  const Worker = webWorkerClass();
  if (!Worker) {
    throw new ExecutorError("WORKER_REFUSED", "this host has no Web Worker");
  }
  const { url, release } = "url" in source
    ? { url: source.url, release: () => {} }
    : codeUrl("script" in source ? WEB_STARTER : source.code);
  const worker = new Worker(url, {
    type: "module",
    ...name === undefined ? {} : { name },
  });
  return { worker, release };
}
