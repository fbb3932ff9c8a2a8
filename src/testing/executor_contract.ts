import { executorErrorContract } from "./executor_error_contract.ts";
import { executorLifeContract } from "./executor_life_contract.ts";
import { executorMixedContract } from "./executor_mixed_contract.ts";
import { executorOddContract } from "./executor_odd_contract.ts";
import type { ExecutorSubject } from "./executor_subject.ts";
import { executorOptionContract } from "./executor_option_contract.ts";
import { executorStreamContract } from "./executor_stream_contract.ts";
import { executorTaskContract } from "./executor_task_contract.ts";
import { executorValueContract } from "./executor_value_contract.ts";
import type { ContractCase } from "./types.ts";

/** What must hold of an executor wherever its tasks run: in a worker or inline. */
export const executorContract: ContractCase<ExecutorSubject>[] = [
  ...executorTaskContract,
  ...executorValueContract,
  ...executorOptionContract,
  ...executorStreamContract,
  ...executorMixedContract,
  ...executorErrorContract,
  ...executorOddContract,
  ...executorLifeContract,
];
