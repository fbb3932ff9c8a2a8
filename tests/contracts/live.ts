import {
  liveContract,
  type LiveSubject,
  noSocketCase,
} from "../../src/testing/client/live_contract.ts";
import {
  liveWorkerContract,
  mortalSocketCases,
} from "../../src/testing/client/live_worker_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { canListen } from "../support/loopback_server.ts";
import { mortalExchange } from "../support/mortal_exchange.ts";

/** Cases of this area for the host that runs them, over a server that is already running. */
export function liveCases(subject: LiveSubject): ContractCase<void>[] {
  const all = [
    ...liveContract,
    ...liveWorkerContract,
    // Other hosts have no workers, or none that can be ended on request.
    ...canListen() ? mortalSocketCases(mortalExchange) : [],
  ];
  return [
    ...all.map(({ name, run }) => ({ name, run: () => run(subject) })),
    noSocketCase,
  ];
}
