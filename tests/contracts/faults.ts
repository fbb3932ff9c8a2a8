import { callFaulty } from "../../src/testing/client/http_faults.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { startFaultServer } from "../support/fault_server.ts";
import { canListen } from "../support/loopback_server.ts";
import { mortalExchange } from "../support/mortal_exchange.ts";

/** Calls of a case: few, as `tests/hosts/run_long.ts` makes thousands. */
const COUNT = 200;

/**
 * Cases of this area for the host that runs them: those that can listen have a server of faults at hand. Deno runs
 * more of the same in `tests/client/faults_test.ts`.
 */
export const cases: ContractCase<void>[] = canListen()
  ? [
    {
      name: "calls of a deployment that fails in every way settle",
      run: async () => void await calls(),
    },
    {
      name:
        "the same calls from a worker that is killed again and again settle, and mutations run once",
      run: async () => void await callsFromMortalWorker(),
    },
  ]
  : [];

/** Makes `count` calls, and returns what happened. */
export function calls(
  count: number = COUNT,
  seed: number = Date.now() >>> 0,
  heapMb?: () => number,
): Promise<string> {
  return callFaulty({ seed, count, heapMb, start: startFaultServer });
}

/** The same from workers that die. */
export function callsFromMortalWorker(
  count: number = COUNT,
  seed: number = Date.now() >>> 0,
  heapMb?: () => number,
): Promise<string> {
  const { url, kill } = mortalExchange();
  return callFaulty({
    seed,
    count,
    heapMb,
    start: startFaultServer,
    options: { workers: "always", workerUrl: url },
    disturb: () => setTimeout(kill, 20),
    codes: ["WORKER_LOST"],
  });
}
