import { assert } from "@std/assert";
import type {
  Executor,
  ExecutorKind,
  ExecutorOptions,
  RunOptions,
} from "../../executor/types.ts";
import type { Block } from "./handler.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

/** An executor to put to the test. */
export interface ExecutorSubject {
  /** Where its tasks run. */
  kind: ExecutorKind;
  /** Opens one with the handler `createTestHandler`; it runs only in `kind`, unless `options` say otherwise. */
  open(options?: Partial<ExecutorOptions>): Executor;
  /** An executor with the options of `open()`, shared by cases that only run tasks. */
  shared?(): Executor;
}

/** Opens an executor for the length of a case. */
export async function withExecutor(
  subject: ExecutorSubject,
  options: Partial<ExecutorOptions>,
  use: (executor: Executor) => Promise<void>,
): Promise<void> {
  const executor = subject.open(options);
  try {
    await use(executor);
  } finally {
    await executor.close({ force: true }).catch(() => {});
  }
}

/**
 * Provides an executor for tasks that leave it unchanged: the shared one, if there is one, because starting a worker
 * takes longer than these tasks.
 */
export async function withSharedExecutor(
  subject: ExecutorSubject,
  use: (executor: Executor) => Promise<void>,
): Promise<void> {
  const shared = subject.shared?.();
  if (shared === undefined) await withExecutor(subject, {}, use);
  else await use(shared);
}

/** A case whose tasks leave the executor unchanged; see {@link withSharedExecutor}. */
export function sharedExecutorCase(
  name: string,
  use: (executor: Executor, subject: ExecutorSubject) => Promise<void>,
): ContractCase<ExecutorSubject> {
  const run = (subject: ExecutorSubject) =>
    withSharedExecutor(subject, (executor) => use(executor, subject));
  return { name, run };
}

/** A case with an executor that is opened before it and closed after it. */
export function executorCase(
  name: string,
  options: Partial<ExecutorOptions>,
  use: (executor: Executor, subject: ExecutorSubject) => Promise<void>,
): ContractCase<ExecutorSubject> {
  const run = (subject: ExecutorSubject) =>
    withExecutor(subject, options, (executor) => use(executor, subject));
  return { name, run };
}

/** Runs one task of the test handler. */
export function run(
  executor: Executor,
  name: string,
  value?: unknown,
  options?: RunOptions,
): Promise<unknown> {
  return executor.run({ do: name, value }, options);
}

/** Returns the error that a promise rejects with. Fails if it resolves, or rejects with something else. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { [member: string]: unknown }> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    assert(error instanceof Error, `rejected with no error: ${error}`);
    return error as Error & { [member: string]: unknown };
  }
  throw new Error(`did not reject but gave ${value}`);
}

/** Runs a task that never ends, and aborts it once its handler has started. */
export async function giveUpTask(executor: Executor): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const task = rejection(run(executor, "never", 0, { signal }));
  await run(executor, "echo");
  controller.abort();
  await task;
}

/**
 * Provides a value with which `block` holds its thread for 20 s, but only as long as the callback runs: Deno does not
 * interrupt a worker that it terminates, and a thread that goes on would take processor time from the next cases.
 */
export async function withLongBlock(
  use: (block: Block) => Promise<void>,
): Promise<void> {
  const until = sharedFlag();
  const startMs = Date.now();
  try {
    await use({ ms: 20_000, until });
    const tookMs = Date.now() - startMs;
    assert(tookMs < 15_000, `took ${tookMs} ms`);
  } finally {
    if (until) Atomics.store(until, 0, 1);
  }
}

/** Waits until a condition holds; fails after `timeoutMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 5000,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!await condition()) {
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${timeoutMs} ms`);
    }
    await pause(2);
  }
}

/** The ways in which a worker of this host can end itself. */
export function waysToEnd(): [string, ...string[]] {
  const { Deno, process } = globalThis as { Deno?: object; process?: object };
  if (Deno) return ["Deno", "process", "close"];
  return process ? ["process"] : ["close"];
}

/** Whether this host imports a module that is not part of the program. */
export async function importsAtRunTime(): Promise<boolean> {
  const module = "data:text/javascript,";
  try {
    await import(module);
    return true;
  } catch {
    return false;
  }
}

/** A number shared with the worker, if the host supports shared memory. */
export function sharedFlag(): Int32Array | undefined {
  const { crossOriginIsolated } = globalThis as {
    crossOriginIsolated?: boolean;
  };
  if (typeof SharedArrayBuffer !== "function") return undefined;
  if (crossOriginIsolated === false) return undefined;
  return new Int32Array(new SharedArrayBuffer(4));
}
