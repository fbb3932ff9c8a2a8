/** Inputs and results of `cortex.agents`. */
import type { Conversation } from "./conversations.ts";
import type { FactRecord } from "./facts.ts";
import type { VerificationResult } from "./users.ts";
import type { MemoryEntry } from "./vector.ts";

/** State of an agent. */
export type AgentStatus = "active" | "inactive" | "archived";

/** Input of `agents.register`. */
export interface AgentRegistration {
  /** 1 to 256 characters. */
  id: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** 1 to 200 characters. */
  name: string;
  /** What it is for. */
  description?: string | undefined;
  /** Any further data. Lists can filter by it, and by the texts in `capabilities`. */
  metadata?: Record<string, unknown> | undefined;
  /** Its configuration. */
  config?: Record<string, unknown> | undefined;
}

/** Changes to an agent; id and tenant stay. */
export type AgentUpdates =
  & {
    [Field in keyof AgentRegistration]?: AgentRegistration[Field] | undefined;
  }
  & {
    /** State of the agent. */
    status?: AgentStatus | undefined;
  };

/** Statistics of an agent. */
export interface AgentStats {
  /** Memories of the agent. */
  totalMemories: number;
  /** Conversations with the agent. */
  totalConversations: number;
  /** Facts of the agent, neither superseded, deleted nor archived. */
  totalFacts: number;
  /** Number of memory spaces that contain these. */
  memorySpacesActive: number;
  /** Last activity, in ms since the Unix epoch. */
  lastActive?: number;
  /** True if the agent has more than 10,000 rows of a kind, of which only these were counted; absent otherwise. */
  isApproximate?: boolean;
}

/** A registered agent. */
export interface RegisteredAgent extends AgentRegistration {
  /** Any further data. */
  metadata: Record<string, unknown>;
  /** Its configuration. */
  config: Record<string, unknown>;
  /** State of the agent. */
  status: AgentStatus;
  /** Registration, in ms since the Unix epoch. */
  registeredAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
  /** Last activity, in ms since the Unix epoch; recorded once a minute at most. */
  lastActive?: number;
  /** Its statistics; absent in lists. */
  stats?: AgentStats;
}

/** Filter, order and page of `agents.list`. All conditions must match. */
export interface AgentFilters {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Each given key must have an equal value. */
  metadata?: Record<string, unknown> | undefined;
  /** Part of the name, ignoring case. */
  name?: string | undefined;
  /** Members of `metadata.capabilities`. */
  capabilities?: readonly string[] | undefined;
  /** Whether any or all of the capabilities must match. Default: `any`. */
  capabilitiesMatch?: "any" | "all" | undefined;
  /** State of the agent. */
  status?: AgentStatus | undefined;
  /** Registered after, in ms, exclusive. */
  registeredAfter?: number | undefined;
  /** Registered before, in ms, exclusive. */
  registeredBefore?: number | undefined;
  /** Active at or after, in ms. */
  lastActiveAfter?: number | undefined;
  /** Active at or before, in ms. */
  lastActiveBefore?: number | undefined;
  /** 1 to 1000. Default: 100. */
  limit?: number | undefined;
  /** Agents to skip. Default: 0. */
  offset?: number | undefined;
  /** Agents that were never active come last. Default: `registeredAt`. */
  sortBy?: "name" | "registeredAt" | "lastActive" | undefined;
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc" | undefined;
}

/** Options of `agents.export`. */
export interface ExportAgentsOptions {
  /** Which agents. Default: all. */
  filters?: AgentFilters | undefined;
  /** Format of the text. */
  format: "json" | "csv";
  /** Includes metadata and config. Default: true. */
  includeMetadata?: boolean | undefined;
  /** Includes statistics. Default: false. */
  includeStats?: boolean | undefined;
}

/** An export of agents. */
export interface ExportAgentsResult {
  /** Format of the text. */
  format: "json" | "csv";
  /** The text. */
  data: string;
  /** Agents in it. */
  count: number;
  /** When it was made, in ms since the Unix epoch. */
  exportedAt: number;
}

/** Options of `agents.unregister`. */
export interface UnregisterAgentOptions {
  /** Erases the agent's traces in every space. Default: false, which removes only the registration. */
  cascade?: boolean | undefined;
  /** Counts what is left afterwards. Default: true. Cannot be false with `dryRun`. */
  verify?: boolean | undefined;
  /** Counts what would be deleted, and changes nothing. Default: false. */
  dryRun?: boolean | undefined;
}

/** What `agents.unregister` deleted. */
export interface UnregisterAgentResult {
  /** The agent. */
  agentId: string;
  /** When, in ms since the Unix epoch. */
  unregisteredAt: number;
  /** Conversations with the agent. */
  conversationsDeleted: number;
  /** Messages of those conversations. */
  conversationMessagesDeleted: number;
  /** Memories of the agent, except a user's own words. */
  memoriesDeleted: number;
  /** Facts of the agent, counting every version. */
  factsDeleted: number;
  /** Nodes of the graph; 0 without a graph adapter. */
  graphNodesDeleted?: number;
  /** What was found afterwards. */
  verification: VerificationResult;
  /** Number of all deleted rows, the registration included. */
  totalDeleted: number;
  /** Layers in which rows were deleted: `facts`, `memories`, `conversations`, `agent-registration`. */
  deletedLayers: string[];
  /** Spaces that rows were deleted from. */
  memorySpacesAffected: string[];
}

/** What an erasure covers. For programs that name this type: Cortex counts on the server and never loads a plan. */
export interface AgentDeletionPlan extends AgentDeletionBackup {
  /** Nodes of the graph. */
  graph: Array<{ nodeId: string; labels: string[] }>;
  /** Spaces. */
  memorySpaces: string[];
}

/** Everything belonging to an agent. Cortex erases without a backup. */
export interface AgentDeletionBackup {
  /** Conversations with messages. */
  conversations: Conversation[];
  /** Memories. */
  memories: MemoryEntry[];
  /** Facts. */
  facts: FactRecord[];
  /** The registration. */
  agentRegistration: RegisteredAgent | null;
}
