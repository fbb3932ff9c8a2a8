import { facadeValidationContract } from "../../src/testing/facade_validation_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [...facadeValidationContract];
