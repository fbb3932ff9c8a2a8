/** What one `remember` will do, worked out from its arguments before anything runs. */
import { DEFAULT_IMPORTANCE } from "../limits.ts";
import type { ApiContext } from "../calls/api_context.ts";
import { isAcknowledgement } from "./acknowledgement.ts";
import type { BeliefOverrides } from "../facts/belief_revision.ts";
import type { CallArgs } from "../calls/calls.ts";
import { pick } from "../calls/pick.ts";
import {
  embedEach,
  type EmbedTexts,
  embedTogether,
} from "../calls/embedding.ts";
import { toMs } from "../rules/field_rules.ts";
import { isText } from "../rules/rules.ts";
import { type KeyArgs, keyArgs } from "../calls/idempotency.ts";
import { createId } from "../calls/ids.ts";
import type { ExtractFactsFn } from "../types/facts.ts";
import type {
  ExtractContentFn,
  RememberOptions,
  RememberParams,
  SkippableLayer,
} from "../types/memory.ts";

/** How the backend compares new facts with known ones. */
export type FactMode = "revise" | "plain" | "exact" | "structural" | "semantic";

/** A message on its way to the backend. */
export interface PlannedMessage {
  id: string;
  content: string;
  timestamp: number;
}

/** What is sent to the backend about an exchange, except what callbacks return. */
export interface RememberArgs extends CallArgs, KeyArgs {
  memorySpaceId: string;
  conversationId: string;
  userId?: string | undefined;
  userName?: string | undefined;
  agentId?: string | undefined;
  participantId?: string | undefined;
  userMessage: PlannedMessage;
  agentMessage: PlannedMessage;
  importance: number;
  tags: string[];
  skipLayers: SkippableLayer[];
  factMode: FactMode;
}

/** What one `remember` sends to the backend, and the callbacks that it runs first; undefined are those not to run. */
export interface RememberPlan {
  args: RememberArgs;
  skipped: ReadonlySet<SkippableLayer>;
  /** False when the reply only acknowledges. */
  storeReply: boolean;
  extractContent: ExtractContentFn | undefined;
  extractFacts: ExtractFactsFn | undefined;
  /** Makes the vectors of memories. */
  embed: EmbedTexts | undefined;
  /** Makes the vectors of facts. */
  embedFacts: EmbedTexts | undefined;
  /** What belief revision leaves out, or does in its own way. */
  beliefs: BeliefOverrides;
}

const DEFAULT_SPACE = "default";

/** Makes the plan from checked arguments. */
export function planRemember(
  context: ApiContext,
  params: RememberParams,
  options: RememberOptions,
): RememberPlan {
  const skipped = new Set(params.skipLayers);
  const { embed, isCallback } = embedderOf(context, params, options);
  const mode = factMode(params, options, embed !== undefined);
  const strategy = params.factDeduplication || undefined;
  const comparesByMeaning = strategy === "semantic" || mode === "semantic";
  const embedFacts = !isCallback || comparesByMeaning ? embed : undefined;
  return {
    args: {
      ...exchangeArgs(params),
      tenantId: context.tenantId(params.tenantId),
      memorySpaceId: params.memorySpaceId ?? withoutSpace(context),
      skipLayers: [...skipped],
      factMode: mode,
      // An observer is no part of it, whatever it has noted since.
      ...keyArgs({ ...options, asked: { ...params, observer: undefined } }),
    },
    skipped,
    storeReply: !isAcknowledgement(params.agentResponse, params.userMessage),
    extractContent: skipped.has("vector")
      ? undefined
      : params.extractContent ?? options.extractContent,
    extractFacts: skipped.has("facts") || options.extractFacts === false
      ? undefined
      : params.extractFacts ?? context.extractFacts,
    embed,
    embedFacts,
    beliefs: {
      ...options.beliefRevision || undefined,
      strategy,
      embed: embedFacts ?? null,
    },
  };
}

/** Whether anything must run before the backend can be called. */
export function needsPreparation(plan: RememberPlan): boolean {
  return plan.extractFacts !== undefined ||
    plan.extractContent !== undefined ||
    plan.embed !== undefined && !plan.skipped.has("vector");
}

/** Arguments about the exchange itself. A blank id or name counts as absent. */
function exchangeArgs(params: RememberParams) {
  const owner = (field: "userId" | "userName" | "agentId") =>
    isText(params[field]) ? params[field] : undefined;
  const timestamp = toMs(params.timestamp) ?? Date.now();
  return {
    ...pick(params, "conversationId", "participantId"),
    userId: owner("userId"),
    userName: owner("userName"),
    agentId: owner("agentId"),
    userMessage: {
      id: params.userMessageId ?? createId("msg"),
      content: params.userMessage,
      timestamp,
    },
    agentMessage: {
      id: params.agentMessageId ?? createId("msg"),
      content: params.agentResponse,
      timestamp: timestamp + 1,
    },
    importance: params.importance ?? DEFAULT_IMPORTANCE,
    tags: [...params.tags ?? []],
  };
}

/** Returns what makes the vectors: the call's own callback, or the facade's embedder if the call asks for it. */
function embedderOf(
  { embedder, logger }: ApiContext,
  params: RememberParams,
  options: RememberOptions,
): { embed: RememberPlan["embed"]; isCallback: boolean } {
  const generate = params.generateEmbedding ?? options.generateEmbedding;
  const autoEmbed = params.autoEmbed ?? options.autoEmbed ?? false;
  const autoSummarize = params.autoSummarize ?? options.autoSummarize;
  if (autoSummarize || autoEmbed && !generate && !embedder) {
    logger.warn(
      "autoEmbed needs an embedder and autoSummarize a language model",
    );
  }
  if (generate) return { embed: embedEach(generate), isCallback: true };
  const embed = autoEmbed && embedder ? embedTogether(embedder) : undefined;
  return { embed, isCallback: false };
}

function factMode(
  params: RememberParams,
  { beliefRevision }: RememberOptions,
  canEmbed: boolean,
): FactMode {
  const strategy = params.factDeduplication;
  if (strategy === false) return "plain";
  if (beliefRevision !== false && beliefRevision?.enabled !== false) {
    return "revise";
  }
  // Without vectors, meanings cannot be compared: compare subject, predicate and object instead.
  if ((strategy ?? "semantic") === "semantic" && !canEmbed) return "structural";
  return strategy ?? "semantic";
}

function withoutSpace(context: ApiContext): string {
  context.logger.warn(
    `No memorySpaceId provided: remembering in the space "${DEFAULT_SPACE}"`,
  );
  return DEFAULT_SPACE;
}
