import type { ContractCase } from "../../src/testing/types.ts";

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [];
