import {
  webWorkerClass,
  workerThreads,
} from "../../src/executor/hosts/detect.ts";
import { createExecutor } from "../../src/executor/executor.ts";
import type {
  Executor,
  ExecutorKind,
  ExecutorOptions,
} from "../../src/executor/types.ts";
import { executorContract } from "../../src/testing/executor/contract.ts";
import { createTestHandler } from "../../src/testing/executor/handler.ts";
import { executorRecoveryContract } from "../../src/testing/executor/recovery_contract.ts";
import type { ExecutorSubject } from "../../src/testing/executor/subject.ts";
import { executorWorkerCode } from "../../src/testing/executor/worker_from_task_setup.gen.ts";
import { executorWorkerContract } from "../../src/testing/executor/worker_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";

function subject(kind: ExecutorKind): ExecutorSubject {
  const open = (options: Partial<ExecutorOptions> = {}) =>
    createExecutor({
      worker: { code: executorWorkerCode },
      inline: () => createTestHandler,
      kinds: [kind],
      ...options,
    });
  return kind === "inline" ? { kind, open } : { kind, open, shared };

  /** Is never closed: it holds nothing once it has been idle for that long. */
  function shared(): Executor {
    return lent[kind] ??= open({ idleTimeoutMs: 1000 });
  }
}

/** What cases share, by kind. */
const lent: { [kind: string]: Executor } = {};

function bind(
  contract: ContractCase<ExecutorSubject>[],
  kind: ExecutorKind,
): ContractCase<void>[] {
  return contract.map(({ name, run }) => ({
    name: `${name} (${kind})`,
    run: () => run(subject(kind)),
  }));
}

/** The kind of worker that this host has, if any. workerd has a class that throws when it is constructed. */
function workerKind(): ExecutorKind | undefined {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  if (navigator?.userAgent === "Cloudflare-Workers") return undefined;
  if (webWorkerClass()) return "web-worker";
  return workerThreads() ? "worker-threads" : undefined;
}

const kind = workerKind();

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [
  ...bind(executorContract, "inline"),
  ...kind
    ? bind([
      ...executorContract,
      ...executorWorkerContract,
      ...executorRecoveryContract,
    ], kind)
    : [],
];
