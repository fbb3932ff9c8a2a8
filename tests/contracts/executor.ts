import {
  webWorkerClass,
  workerThreads,
} from "../../src/executor/hosts/detect.ts";
import { createExecutor } from "../../src/executor/executor.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { executorContract } from "../../src/testing/executor/contract.ts";
import { createTestHandler } from "../../src/testing/executor/handler.ts";
import { executorRecoveryContract } from "../../src/testing/executor/recovery_contract.ts";
import type { ExecutorSubject } from "../../src/testing/executor/subject.ts";
import { executorWorkerCode } from "../../src/testing/executor/worker_from_task_setup.gen.ts";
import { executorWorkerContract } from "../../src/testing/executor/worker_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";

function subject(kind: ExecutorKind): ExecutorSubject {
  return {
    kind,
    open: (options) =>
      createExecutor({
        worker: { code: executorWorkerCode },
        inline: () => createTestHandler,
        kinds: [kind],
        ...options,
      }),
  };
}

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
