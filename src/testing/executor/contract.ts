import { executorAbandonedContract } from "./abandoned_contract.ts";
import { executorErrorContract } from "./error_contract.ts";
import { executorLifeContract } from "./life_contract.ts";
import { executorMistakeContract } from "./mistake_contract.ts";
import { executorMixedContract } from "./mixed_contract.ts";
import { executorOddContract } from "./odd_contract.ts";
import type { ExecutorSubject } from "./subject.ts";
import { executorOptionContract } from "./option_contract.ts";
import { executorStreamContract } from "./stream_contract.ts";
import { executorTaskContract } from "./task_contract.ts";
import { executorValueContract } from "./value_contract.ts";
import type { ContractCase } from "../types.ts";

/** What every executor must do, whether tasks run in a worker or inline. */
export const executorContract: ContractCase<ExecutorSubject>[] = [
  ...executorTaskContract,
  ...executorAbandonedContract,
  ...executorValueContract,
  ...executorOptionContract,
  ...executorStreamContract,
  ...executorMixedContract,
  ...executorErrorContract,
  ...executorOddContract,
  ...executorLifeContract,
  ...executorMistakeContract,
];
