/** What each module of the facade must do, method by method; many cases, for places that open quickly. */
import { conversationReadContract } from "./facade_conversation_read_contract.ts";
import { conversationRefusals } from "./facade_conversation_refusals.ts";
import { conversationWriteContract } from "./facade_conversation_write_contract.ts";
import type { FacadeSubject } from "./facade_subject.ts";
import { vectorContract } from "./facade_vector_contract.ts";
import { vectorRefusals } from "./facade_vector_refusals.ts";
import { vectorVersionContract } from "./facade_vector_version_contract.ts";
import type { ContractCase } from "./types.ts";

/** Cases that need a place where a `Cortex` runs. */
export const facadeModuleContract: ContractCase<FacadeSubject>[] = [
  ...conversationReadContract,
  ...conversationWriteContract,
  ...vectorContract,
  ...vectorVersionContract,
];

/** Cases that need no backend. */
export const facadeModuleValidationContract: ContractCase<void>[] = [
  ...conversationRefusals,
  ...vectorRefusals,
];
