/** The executor's cases once more without shared memory, as in a page that is not isolated from other origins. */
import { createExecutor } from "../../src/executor/executor.ts";
import type { Executor } from "../../src/executor/types.ts";
import { executorContract } from "../../src/testing/executor/contract.ts";
import { createTestHandler } from "../../src/testing/executor/handler.ts";
import { executorRecoveryContract } from "../../src/testing/executor/recovery_contract.ts";
import type { ExecutorSubject } from "../../src/testing/executor/subject.ts";
import { executorWorkerCode } from "../../src/testing/executor/worker_from_task_setup.gen.ts";

const open: ExecutorSubject["open"] = (options) =>
  createExecutor({
    worker: { code: executorWorkerCode },
    inline: () => createTestHandler,
    kinds: ["web-worker"],
    sharedMemory: "off",
    ...options,
  });

let lent: Executor | undefined;
const subject: ExecutorSubject = {
  kind: "web-worker",
  open,
  // Never closed: it holds nothing once it has been idle for that long.
  shared: () => lent ??= open({ idleTimeoutMs: 1000 }),
};

for (
  const { name, run } of [...executorContract, ...executorRecoveryContract]
) {
  Deno.test({
    name: `${name} (plain messages)`,
    // Workers that are ending outlive their case by some milliseconds.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => run(subject),
  });
}
