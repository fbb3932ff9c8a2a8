/** The facade's contract: what must hold wherever a `Cortex` runs. */
import { facadeChangeTimeContract } from "./change_time_contract.ts";
import { facadeConversationContract } from "./conversations/conversation_contract.ts";
import { facadeFactsContract } from "./memory/remember_facts_contract.ts";
import { facadeFreeFormContract } from "./free_form_contract.ts";
import { facadeLifeContract } from "./life_contract.ts";
import { facadeMemoryContract } from "./memory/memory_contract.ts";
import { facadeRecallContract } from "./recall/recall_contract.ts";
import { facadeHybridSearchContract } from "./recall/hybrid_search_contract.ts";
import { facadeRecallFormsContract } from "./recall/recall_forms_contract.ts";
import { facadeRecallScoreContract } from "./recall/recall_score_contract.ts";
import { facadeRecallWordsContract } from "./recall/recall_words_contract.ts";
import { facadeRememberContract } from "./memory/remember_contract.ts";
import { facadeScopeContract } from "./scope_contract.ts";
import { facadeScriptContract } from "./recall/script_contract.ts";
import { facadeSelectionContract } from "./selection_contract.ts";
import type { FacadeSubject } from "./subject.ts";
import { facadeTextContract } from "./recall/text_contract.ts";
import type { ContractCase } from "../types.ts";

/** All cases that need a place where a `Cortex` runs. */
export const facadeContract: ContractCase<FacadeSubject>[] = [
  ...facadeRememberContract,
  ...facadeFactsContract,
  ...facadeRecallContract,
  ...facadeRecallFormsContract,
  ...facadeRecallScoreContract,
  ...facadeHybridSearchContract,
  ...facadeRecallWordsContract,
  ...facadeScopeContract,
  ...facadeSelectionContract,
  ...facadeScriptContract,
  ...facadeMemoryContract,
  ...facadeConversationContract,
  ...facadeFreeFormContract,
  ...facadeTextContract,
  ...facadeLifeContract,
  ...facadeChangeTimeContract,
];
