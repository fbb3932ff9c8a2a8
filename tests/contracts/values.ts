import type { ContractCase } from "../../src/testing/types.ts";
import { valuesContract } from "../../src/testing/values/contract.ts";

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = valuesContract;
