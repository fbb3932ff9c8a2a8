/** `agents.unregister`: a registration alone, or every trace of an agent's. */
import { AgentCascadeDeletionError } from "../errors.ts";
import type { Calls } from "./calls.ts";
import { eraseAll, total } from "./erase.ts";
import type { KeyedControls } from "./idempotency.ts";
import { cut } from "./rules.ts";
import type {
  UnregisterAgentOptions,
  UnregisterAgentResult,
} from "./types/agents.ts";
import type { ProgressControls } from "./types/common.ts";
import type { VerificationResult } from "./types/users.ts";
import { isGivenUp } from "./users_erase.ts";

/** Layers by table, in the order in which they are told. */
const LAYERS = {
  facts: "facts",
  memories: "memories",
  conversations: "conversations",
  messages: "conversations",
  agents: "agent-registration",
} as const;

type Controls = (KeyedControls & ProgressControls) | undefined;

/** Whose traces go. */
export interface Agent {
  agentId: string;
  tenantId?: string | undefined;
}

/** Deletes the registration alone. */
export async function unregisterAgent(
  calls: Calls,
  agent: Agent,
  { dryRun = false }: UnregisterAgentOptions,
  controls: Controls,
): Promise<UnregisterAgentResult> {
  if (dryRun) {
    const issues = ["DRY RUN: the registration would be deleted"];
    return resultOf(agent, {}, [], [], { complete: true, issues });
  }
  await calls.mutation("agents:unregister", { ...agent }, controls);
  return resultOf(agent, { agents: 1 }, [LAYERS.agents], [], {
    complete: true,
    issues: [],
  });
}

/** Erases every trace. Rejects with `AgentCascadeDeletionError`; what was erased stays erased. */
export async function eraseAgent(
  calls: Calls,
  agent: Agent,
  options: UnregisterAgentOptions,
  controls: Controls,
): Promise<UnregisterAgentResult> {
  try {
    const erased = await eraseAll(
      calls,
      {
        erase: "agents:eraseAgent",
        verify: "agents:verifyErasure",
        args: { ...agent },
        layers: LAYERS,
      },
      options,
      controls,
    );
    const looked = options.verify !== false && options.dryRun !== true;
    const { complete, issues } = erased.verification;
    return resultOf(
      agent,
      erased.counts,
      [...new Set(erased.deletedLayers)],
      erased.memorySpaceIds,
      {
        complete,
        issues: looked
          ? [...issues, "Graph adapter not configured: no graph was looked at"]
          : issues,
      },
    );
  } catch (error) {
    if (isGivenUp(error, controls)) throw error;
    throw new AgentCascadeDeletionError(
      `Cascade deletion failed for agent ${cut(agent.agentId)}`,
      error,
    );
  }
}

function resultOf(
  { agentId }: Agent,
  counts: Readonly<Record<string, number>>,
  deletedLayers: string[],
  memorySpacesAffected: string[],
  verification: VerificationResult,
): UnregisterAgentResult {
  const of = (table: string) => counts[table] ?? 0;
  return {
    agentId,
    unregisteredAt: Date.now(),
    conversationsDeleted: of("conversations"),
    conversationMessagesDeleted: of("messages"),
    memoriesDeleted: of("memories"),
    factsDeleted: of("facts"),
    graphNodesDeleted: 0,
    verification,
    totalDeleted: total(counts, Object.keys(LAYERS)),
    deletedLayers,
    memorySpacesAffected,
  };
}
