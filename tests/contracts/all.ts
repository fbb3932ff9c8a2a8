import type { ContractCase, ContractReport } from "../../src/testing/types.ts";
import { cases as client } from "./client.ts";
import { cases as convexTest } from "./convex_test.ts";
import { cases as engine } from "./engine.ts";
import { cases as executor } from "./executor.ts";
import { cases as facade } from "./facade.ts";
import { cases as faults } from "./faults.ts";
import type { LiveSubject } from "../../src/testing/client/live_contract.ts";
import { liveCases } from "./live.ts";
import { runCases, type RunOptions } from "./run_cases.ts";
import { cases as server } from "./server.ts";
import { cases as store } from "./store.ts";
import { cases as values } from "./values.ts";

/** Every contract case for the host that runs them, by area. */
const areas: Record<string, ContractCase<void>[]> = {
  values,
  store,
  executor,
  engine,
  convexTest,
  client,
  faults,
  facade,
  server,
};

/** Runs every case and reports what failed; those of live queries if there is a server. */
export function runAll(
  live?: LiveSubject,
  options?: RunOptions,
): Promise<ContractReport> {
  return runCases(
    // First: an engine that runs replaces `fetch`, and then no connection moves to a worker.
    live === undefined ? areas : { live: liveCases(live), ...areas },
    options,
  );
}
