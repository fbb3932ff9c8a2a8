/** `agents.unregister`: deletes a registration alone, or everything that an agent stored. */
import { AgentCascadeDeletionError } from "../../errors.ts";
import type { Calls } from "../calls/calls.ts";
import { eraseAll, erasedRows, type Layers } from "../calls/erase.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import { cut } from "../rules/rules.ts";
import type {
  UnregisterAgentOptions,
  UnregisterAgentResult,
} from "../types/agents.ts";
import type { ProgressControls } from "../types/common.ts";

/** The layers of an erasure, in the order in which results list them. */
const LAYERS: Layers<UnregisterAgentResult> = {
  facts: ["facts", "factsDeleted"],
  memories: ["memories", "memoriesDeleted"],
  conversations: ["conversations", "conversationsDeleted"],
  messages: ["conversations", "conversationMessagesDeleted"],
  agents: ["agent-registration"],
};

type Controls = (KeyedControls & ProgressControls) | undefined;

/** The agent to unregister. */
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
  const issues: string[] = [];
  let deletedAt = Date.now();
  if (dryRun) {
    const isThere = await calls.query("agents:exists", { ...agent }, controls);
    const found = isThere
      ? "the registration would be deleted"
      : `agent ${cut(agent.agentId)} is not registered, so the call would fail`;
    issues.push(`DRY RUN: ${found}`);
  } else {
    ({ deletedAt } = await calls.mutation<{ deletedAt: number }>(
      "agents:unregister",
      { ...agent },
      controls,
    ));
  }
  return resultOf(agent, {
    deletedAt,
    ...erasedRows(LAYERS, dryRun ? {} : { agents: 1 }),
    verification: { complete: true, issues },
    memorySpaceIds: [],
  });
}

/** Erases everything that the agent stored. Rejects with `AgentCascadeDeletionError`; what was erased stays erased. */
export async function eraseAgent(
  calls: Calls,
  agent: Agent,
  options: UnregisterAgentOptions,
  controls: Controls,
): Promise<UnregisterAgentResult> {
  const erased = await eraseAll(
    calls,
    {
      name: "agents:eraseAgent",
      subject: { ...agent },
      layers: LAYERS,
      whose: ["agent", agent.agentId],
      errorClass: AgentCascadeDeletionError,
    },
    options,
    controls,
  );
  if (options.verify !== false && !options.dryRun) {
    erased.verification.issues.push(
      "Graph adapter not configured: no graph was looked at",
    );
  }
  return resultOf(agent, erased);
}

function resultOf(
  { agentId }: Agent,
  { deletedAt, memorySpaceIds, ...erased }: Awaited<
    ReturnType<typeof eraseAll>
  >,
): UnregisterAgentResult {
  return {
    agentId,
    unregisteredAt: deletedAt,
    ...erased,
    memorySpacesAffected: memorySpaceIds,
  } as unknown as UnregisterAgentResult;
}
