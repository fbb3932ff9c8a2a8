/** The API modules besides `cortex.memory`. They share most of their code, so they are loaded together. */
// The argument rules come first: kept together, and in this order, they compress best.
import "./mutable/mutable_rules.ts";
import "./memory_spaces/memory_spaces_rules.ts";
import "./users/users_rules.ts";
import "./immutable/immutable_rules.ts";
import "./facts/facts_rules.ts";
import "./facts/fact_history_rules.ts";
import "./vector/vector_rules.ts";
import "./agents/agents_rules.ts";
import "./conversations/conversations_rules.ts";
import "./facts/belief_rules.ts";
import { ImmutableAPI } from "./immutable/immutable_api.ts";
import { UsersAPI } from "./users/users_api.ts";
import { ConversationsAPI } from "./conversations/conversations_api.ts";
import { FactsAPI } from "./facts/facts_api.ts";
import { MemorySpacesAPI } from "./memory_spaces/memory_spaces_api.ts";
import { Transfer } from "./transfer.ts";
import { AgentsAPI } from "./agents/agents_api.ts";
import { MutableAPI } from "./mutable/mutable_api.ts";
import { VectorAPI } from "./vector/vector_api.ts";
import type { Shared } from "./shared.ts";

export { factsAlone } from "./facts/facts_alone.ts";
// Re-exported to put the code shared with `cortex.memory` into the same chunk.
export { openMemory, openShared } from "./memory_apis.ts";

/** The modules by their names in `Cortex`, and the code behind its exports and imports. */
export interface Apis {
  /** `cortex.conversations` */
  conversations: ConversationsAPI;
  /** `cortex.vector` */
  vector: VectorAPI;
  /** `cortex.facts` */
  facts: FactsAPI;
  /** `cortex.immutable` */
  immutable: ImmutableAPI;
  /** `cortex.mutable` */
  mutable: MutableAPI;
  /** `cortex.memorySpaces` */
  memorySpaces: MemorySpacesAPI;
  /** `cortex.users` */
  users: UsersAPI;
  /** `cortex.agents` */
  agents: AgentsAPI;
  /** `cortex.exportAll` and `cortex.importAll` */
  transfer: Transfer;
}

/** Makes the modules; does no I/O. */
export function openApis({ context, beliefs }: Shared): Apis {
  return {
    conversations: new ConversationsAPI(context),
    vector: new VectorAPI(context),
    facts: new FactsAPI(context, beliefs),
    immutable: new ImmutableAPI(context),
    mutable: new MutableAPI(context),
    memorySpaces: new MemorySpacesAPI(context),
    users: new UsersAPI(context),
    agents: new AgentsAPI(context),
    transfer: new Transfer(context),
  };
}
