/** The facade's contract: what holds wherever a `Cortex` runs. */
import { facadeConversationContract } from "./facade_conversation_contract.ts";
import { facadeFactsContract } from "./facade_facts_contract.ts";
import { facadeFreeFormContract } from "./facade_free_form_contract.ts";
import { facadeLifeContract } from "./facade_life_contract.ts";
import { facadeMemoryContract } from "./facade_memory_contract.ts";
import { facadeRecallContract } from "./facade_recall_contract.ts";
import { facadeRecallScoreContract } from "./facade_recall_score_contract.ts";
import { facadeRememberContract } from "./facade_remember_contract.ts";
import { facadeScopeContract } from "./facade_scope_contract.ts";
import { facadeScriptContract } from "./facade_script_contract.ts";
import type { FacadeSubject } from "./facade_subject.ts";
import { facadeTextContract } from "./facade_text_contract.ts";
import type { ContractCase } from "./types.ts";

/** All cases that need a place where a `Cortex` runs. */
export const facadeContract: ContractCase<FacadeSubject>[] = [
  ...facadeRememberContract,
  ...facadeFactsContract,
  ...facadeRecallContract,
  ...facadeRecallScoreContract,
  ...facadeScopeContract,
  ...facadeScriptContract,
  ...facadeMemoryContract,
  ...facadeConversationContract,
  ...facadeFreeFormContract,
  ...facadeTextContract,
  ...facadeLifeContract,
];
