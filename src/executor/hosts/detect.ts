import type { ExecutorKind } from "../types.ts";

/** The part of a Web Worker that the executor uses. `ref` and `unref` exist on Bun only. */
export interface WebWorkerLike {
  /** Sends a message, moving the objects named. */
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  /** Listens to `message`, `messageerror`, `error` and, on Bun, `close`. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Ends it at once. */
  terminate(): unknown;
  /** Lets it keep the process alive. */
  ref?(): void;
  /** Lets the process end without it. */
  unref?(): void;
}

/** The part of a `node:worker_threads` worker that the executor uses. */
export interface ThreadWorkerLike {
  /** Sends a message, moving the objects named. */
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  /** Listens to `message`, `messageerror`, `error` and `exit`. */
  on(event: string, listener: (value: unknown) => void): unknown;
  /** Ends it at once. */
  terminate(): unknown;
  /** Lets it keep the process alive. */
  ref(): void;
  /** Lets the process end without it. */
  unref(): void;
}

/** The part of a message port that a `node:worker_threads` worker talks through. */
export interface ParentPortLike {
  /** Sends a message, moving the objects named. */
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  /** Listens to `message` and `messageerror`. */
  on(event: string, listener: (data: unknown) => void): unknown;
  /** Receives the messages of the other side. */
  onmessage: ((event: { data: unknown }) => void) | null;
}

/** The part of `node:worker_threads` that the executor uses. */
export interface WorkerThreads {
  /** Starts a worker from a file or a URL. */
  Worker: new (url: string | URL, options?: object) => ThreadWorkerLike;
  /** Set inside a worker only. */
  parentPort: ParentPortLike | null;
  /** Takes the oldest message that waits at a port, if there is one. */
  receiveMessageOnPort(port: unknown): { message: unknown } | undefined;
}

/** The host's Web Worker class: Deno, Bun, browsers. Node has none. */
export function webWorkerClass():
  | (new (url: string | URL, options?: object) => WebWorkerLike)
  | undefined {
  const { Worker } = globalThis as { Worker?: unknown };
  return typeof Worker === "function" ? Worker as never : undefined;
}

/** `node:worker_threads`, found without an import, which would fail on other hosts. */
export function workerThreads(): WorkerThreads | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  try {
    const module = process?.getBuiltinModule?.("node:worker_threads");
    return typeof (module as WorkerThreads | undefined)?.Worker === "function"
      ? module as WorkerThreads
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The kinds that this host seems to have, best first. A kind in the list may still be refused: by a permission, by a
 * content security policy, or by a stub that throws when it is constructed, as workerd's is.
 */
export function availableKinds(): ExecutorKind[] {
  const kinds: ExecutorKind[] = [];
  if (webWorkerClass()) kinds.push("web-worker");
  else if (workerThreads()) kinds.push("worker-threads");
  kinds.push("inline");
  return kinds;
}
