/** What each module of the facade must do, method by method; many cases, for subjects that open quickly. */
import { agentFailures, agentsContract } from "./agents_contract.ts";
import { conversationAmountContract } from "./conversation_amount_contract.ts";
import { conversationReadContract } from "./conversation_read_contract.ts";
import { conversationRefusals } from "./conversation_refusals.ts";
import { conversationWriteContract } from "./conversation_write_contract.ts";
import { factAmountContract } from "./fact_amount_contract.ts";
import { factBeliefContract } from "./fact_belief_contract.ts";
import { factChangeContract } from "./fact_change_contract.ts";
import { factDecisionContract } from "./fact_decision_contract.ts";
import { factDedupContract } from "./fact_dedup_contract.ts";
import { factHistoryContract } from "./fact_history_contract.ts";
import { factReadContract } from "./fact_read_contract.ts";
import { factRefusals } from "./fact_refusals.ts";
import { factServicesContract } from "./fact_services_contract.ts";
import { factToolsContract } from "./fact_tools_contract.ts";
import { modulesAloneContract } from "./modules_alone_contract.ts";
import { recallToolsContract } from "./recall_tools_contract.ts";
import {
  idempotencyContract,
  idempotencyRefusals,
} from "./idempotency_contract.ts";
import { memoryChangeContract } from "./memory_change_contract.ts";
import { memoryListContract } from "./memory_list_contract.ts";
import { memoryRefusals } from "./memory_refusals.ts";
import { immutableContract } from "./immutable_contract.ts";
import { memorySpacesContract } from "./memory_spaces_contract.ts";
import { beyondOneCallContract } from "./beyond_one_call_contract.ts";
import { crowdedSpaceContract } from "./crowded_space_contract.ts";
import { mutableContract } from "./mutable_contract.ts";
import { mutableUpdateContract } from "./mutable_update_contract.ts";
import { recordRefusals } from "./record_refusals.ts";
import {
  rememberBeliefsCalls,
  rememberBeliefsContract,
} from "./remember_beliefs_contract.ts";
import type { FacadeSubject } from "./subject.ts";
import { surfaceContract } from "./surface_contract.ts";
import { livingTransferContract } from "./living_transfer_contract.ts";
import { transferContract, transferRefusals } from "./transfer_contract.ts";
import { userEraseContract, userEraseFailures } from "./user_erase_contract.ts";
import { userProfileContract } from "./user_profile_contract.ts";
import { userRefusals } from "./user_refusals.ts";
import { usersContract } from "./users_contract.ts";
import { vectorContract } from "./vector_contract.ts";
import { vectorRefusals } from "./vector_refusals.ts";
import { vectorVersionContract } from "./vector_version_contract.ts";
import type { ContractCase } from "../types.ts";

/** Cases that need a place where a `Cortex` runs. */
export const facadeModuleContract: ContractCase<FacadeSubject>[] = [
  ...surfaceContract,
  ...conversationAmountContract,
  ...conversationReadContract,
  ...conversationWriteContract,
  ...vectorContract,
  ...vectorVersionContract,
  ...memoryChangeContract,
  ...memoryListContract,
  ...factReadContract,
  ...factChangeContract,
  ...factHistoryContract,
  ...factDedupContract,
  ...factAmountContract,
  ...factBeliefContract,
  ...factDecisionContract,
  ...factServicesContract,
  ...rememberBeliefsContract,
  ...immutableContract,
  ...mutableContract,
  ...mutableUpdateContract,
  ...memorySpacesContract,
  ...beyondOneCallContract,
  ...crowdedSpaceContract,
  ...usersContract,
  ...userEraseContract,
  ...agentsContract,
  ...idempotencyContract,
  ...transferContract,
  ...livingTransferContract,
  ...modulesAloneContract,
];

/** Cases that need no backend. */
export const facadeModuleValidationContract: ContractCase<void>[] = [
  ...conversationRefusals,
  ...vectorRefusals,
  ...memoryRefusals,
  ...factRefusals,
  ...factToolsContract,
  ...recallToolsContract,
  ...rememberBeliefsCalls,
  ...recordRefusals,
  ...userRefusals,
  ...userProfileContract,
  ...userEraseFailures,
  ...agentFailures,
  ...idempotencyRefusals,
  ...transferRefusals,
];
