/** What each module of the facade must do, method by method; many cases, for places that open quickly. */
import { agentFailures, agentsContract } from "./facade_agents_contract.ts";
import { conversationReadContract } from "./facade_conversation_read_contract.ts";
import { conversationRefusals } from "./facade_conversation_refusals.ts";
import { conversationWriteContract } from "./facade_conversation_write_contract.ts";
import { factBeliefContract } from "./facade_fact_belief_contract.ts";
import { factChangeContract } from "./facade_fact_change_contract.ts";
import { factDedupContract } from "./facade_fact_dedup_contract.ts";
import { factHistoryContract } from "./facade_fact_history_contract.ts";
import { factReadContract } from "./facade_fact_read_contract.ts";
import { factRefusals } from "./facade_fact_refusals.ts";
import { factServicesContract } from "./facade_fact_services_contract.ts";
import { factToolsContract } from "./facade_fact_tools_contract.ts";
import {
  idempotencyContract,
  idempotencyRefusals,
} from "./facade_idempotency_contract.ts";
import { memoryChangeContract } from "./facade_memory_change_contract.ts";
import { memoryListContract } from "./facade_memory_list_contract.ts";
import { memoryRefusals } from "./facade_memory_refusals.ts";
import { immutableContract } from "./facade_immutable_contract.ts";
import { memorySpacesContract } from "./facade_memory_spaces_contract.ts";
import { mutableContract } from "./facade_mutable_contract.ts";
import { mutableUpdateContract } from "./facade_mutable_update_contract.ts";
import { recordRefusals } from "./facade_record_refusals.ts";
import {
  rememberBeliefsCalls,
  rememberBeliefsContract,
} from "./facade_remember_beliefs_contract.ts";
import type { FacadeSubject } from "./facade_subject.ts";
import { surfaceContract } from "./facade_surface_contract.ts";
import {
  transferContract,
  transferRefusals,
} from "./facade_transfer_contract.ts";
import {
  userEraseContract,
  userEraseFailures,
} from "./facade_user_erase_contract.ts";
import { userProfileContract } from "./facade_user_profile_contract.ts";
import { userRefusals } from "./facade_user_refusals.ts";
import { usersContract } from "./facade_users_contract.ts";
import { vectorContract } from "./facade_vector_contract.ts";
import { vectorRefusals } from "./facade_vector_refusals.ts";
import { vectorVersionContract } from "./facade_vector_version_contract.ts";
import type { ContractCase } from "./types.ts";

/** Cases that need a place where a `Cortex` runs. */
export const facadeModuleContract: ContractCase<FacadeSubject>[] = [
  ...surfaceContract,
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
  ...factBeliefContract,
  ...factServicesContract,
  ...rememberBeliefsContract,
  ...immutableContract,
  ...mutableContract,
  ...mutableUpdateContract,
  ...memorySpacesContract,
  ...usersContract,
  ...userEraseContract,
  ...agentsContract,
  ...idempotencyContract,
  ...transferContract,
];

/** Cases that need no backend. */
export const facadeModuleValidationContract: ContractCase<void>[] = [
  ...conversationRefusals,
  ...vectorRefusals,
  ...memoryRefusals,
  ...factRefusals,
  ...factToolsContract,
  ...rememberBeliefsCalls,
  ...recordRefusals,
  ...userRefusals,
  ...userProfileContract,
  ...userEraseFailures,
  ...agentFailures,
  ...idempotencyRefusals,
  ...transferRefusals,
];
