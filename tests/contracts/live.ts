import {
  liveContract,
  type LiveSubject,
  noSocketCase,
} from "../../src/testing/client/live_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";

/** Cases of this area for the host that runs them, over a server that somebody started. */
export function liveCases(subject: LiveSubject): ContractCase<void>[] {
  return [
    ...liveContract.map(({ name, run }) => ({ name, run: () => run(subject) })),
    noSocketCase,
  ];
}
