/** What each module of the facade must do, method by method; many cases, for subjects that open quickly. */
import { agentFailures, agentsContract } from "./registries/agents_contract.ts";
import { conversationAmountContract } from "./conversations/conversation_amount_contract.ts";
import { conversationReadContract } from "./conversations/conversation_read_contract.ts";
import { conversationRefusals } from "./conversations/conversation_refusals.ts";
import { conversationWriteContract } from "./conversations/conversation_write_contract.ts";
import { factAmountContract } from "./facts/fact_amount_contract.ts";
import { factBeliefContract } from "./facts/fact_belief_contract.ts";
import { factChangeContract } from "./facts/fact_change_contract.ts";
import { factDecisionContract } from "./facts/fact_decision_contract.ts";
import { factDedupContract } from "./facts/fact_dedup_contract.ts";
import { factHistoryContract } from "./facts/fact_history_contract.ts";
import { factReadContract } from "./facts/fact_read_contract.ts";
import { factRefusals } from "./facts/fact_refusals.ts";
import { factServicesContract } from "./facts/fact_services_contract.ts";
import { factToolsContract } from "./facts/fact_tools_contract.ts";
import { modulesAloneContract } from "./modules_alone_contract.ts";
import { recallToolsContract } from "./recall/recall_tools_contract.ts";
import {
  idempotencyContract,
  idempotencyRefusals,
} from "./idempotency_contract.ts";
import { memoryChangeContract } from "./memory/memory_change_contract.ts";
import { memoryListContract } from "./memory/memory_list_contract.ts";
import { memoryRefusals } from "./memory/memory_refusals.ts";
import { immutableContract } from "./records/immutable_contract.ts";
import { memorySpacesContract } from "./registries/memory_spaces_contract.ts";
import { beyondOneCallContract } from "./beyond_one_call_contract.ts";
import { crowdedSpaceContract } from "./recall/crowded_space_contract.ts";
import { mutableContract } from "./records/mutable_contract.ts";
import { mutableUpdateContract } from "./records/mutable_update_contract.ts";
import { recordRefusals } from "./records/record_refusals.ts";
import {
  rememberBeliefsCalls,
  rememberBeliefsContract,
} from "./memory/remember_beliefs_contract.ts";
import type { FacadeSubject } from "./subject.ts";
import { surfaceContract } from "./surface/surface_contract.ts";
import { livingTransferContract } from "./transfer/living_transfer_contract.ts";
import {
  transferContract,
  transferRefusals,
} from "./transfer/transfer_contract.ts";
import {
  userEraseContract,
  userEraseFailures,
} from "./registries/user_erase_contract.ts";
import { userProfileContract } from "./registries/user_profile_contract.ts";
import { userRefusals } from "./registries/user_refusals.ts";
import { usersContract } from "./registries/users_contract.ts";
import { vectorContract } from "./vector/vector_contract.ts";
import { vectorRefusals } from "./vector/vector_refusals.ts";
import { vectorVersionContract } from "./vector/vector_version_contract.ts";
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
