/** `agents.unregister`: a registration alone, or every trace of an agent's. */
import { AgentCascadeDeletionError } from "../../errors.ts";
import type { Calls } from "../calls/calls.ts";
import {
  eraseAll,
  type ErasedRows,
  erasedRows,
  type Layers,
} from "../calls/erase.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import { cut } from "../rules/rules.ts";
import type {
  UnregisterAgentOptions,
  UnregisterAgentResult,
} from "../types/agents.ts";
import type { ProgressControls } from "../types/common.ts";
import type { VerificationResult } from "../types/users.ts";

/** In the order in which they are told. */
const LAYERS: Layers<UnregisterAgentResult> = {
  facts: ["facts", "factsDeleted"],
  memories: ["memories", "memoriesDeleted"],
  conversations: ["conversations", "conversationsDeleted"],
  messages: ["conversations", "conversationMessagesDeleted"],
  agents: ["agent-registration"],
};

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
  const issues: string[] = [];
  if (dryRun) {
    const isThere = await calls.query("agents:exists", { ...agent }, controls);
    const found = isThere
      ? "the registration would be deleted"
      : `agent ${cut(agent.agentId)} is not registered, so the call would fail`;
    issues.push(`DRY RUN: ${found}`);
  } else {
    await calls.mutation("agents:unregister", { ...agent }, controls);
  }
  const rows = erasedRows(LAYERS, dryRun ? {} : { agents: 1 });
  return resultOf(agent, rows, [], { complete: true, issues });
}

/** Erases every trace. Rejects with `AgentCascadeDeletionError`; what was erased stays erased. */
export async function eraseAgent(
  calls: Calls,
  agent: Agent,
  options: UnregisterAgentOptions,
  controls: Controls,
): Promise<UnregisterAgentResult> {
  const { memorySpaceIds, verification, ...rows } = await eraseAll(
    calls,
    {
      name: "agents:eraseAgent",
      subject: { ...agent },
      layers: LAYERS,
      failed: `Cascade deletion failed for agent ${cut(agent.agentId)}`,
      errorClass: AgentCascadeDeletionError,
    },
    options,
    controls,
  );
  if (options.verify !== false && !options.dryRun) {
    verification.issues.push(
      "Graph adapter not configured: no graph was looked at",
    );
  }
  return resultOf(agent, rows, memorySpaceIds, verification);
}

function resultOf(
  { agentId }: Agent,
  rows: ErasedRows,
  memorySpacesAffected: string[],
  verification: VerificationResult,
): UnregisterAgentResult {
  return {
    agentId,
    unregisteredAt: Date.now(),
    ...rows,
    verification,
    memorySpacesAffected,
  } as UnregisterAgentResult;
}
