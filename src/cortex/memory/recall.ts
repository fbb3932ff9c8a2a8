/** `memory.recall`: one call of the backend, shaped for the caller. */
import {
  MAX_BUDGETED_ITEMS,
  MAX_SHOWN,
  RECALLED_ITEMS,
  TOKENS_PER_ITEM,
} from "../limits.ts";
import { pick } from "../calls/pick.ts";
import { checkAnswer } from "./answer.ts";
import { type ApiContext, compact } from "../calls/api_context.ts";
import type { CallArgs, Calls } from "../calls/calls.ts";
import { within } from "../calls/deadline.ts";
import { embedTogether } from "../calls/embedding.ts";
import { toMs } from "../rules/field_rules.ts";
import { formatForLLM } from "./format_for_llm.ts";
import { factToRecallItem, memoryToRecallItem } from "./recall_items.ts";
import type { CallControls } from "../types/common.ts";
import type { Conversation } from "../types/conversations.ts";
import type { FactRecord } from "../types/facts.ts";
import type {
  RecallItem,
  RecallParams,
  RecallResult,
} from "../types/recall.ts";
import type { Embedding, MemoryEntry } from "../types/vector.ts";

/** What the backend answers. */
export interface Recalled {
  /** Best first, cut to the limit: each is the next memory or fact of the lists, `conversation` a place in theirs. */
  items: (Omit<RecallItem, "content" | "conversation"> & {
    conversation?: number;
  })[];
  vector: MemoryEntry[];
  facts: FactRecord[];
  conversations: Conversation[];
  totalResults: number;
  /** Length of the space's embeddings, when the question's has another; 0 when there are none. */
  otherDimensions?: number;
}

/** Answers a question from memories and facts. */
export function recall(
  calls: Calls,
  params: RecallParams,
  controls: CallControls | undefined,
): Promise<RecallResult> {
  const { context } = calls;
  context.assertOpen();
  return within(controls, async (signal) => {
    const startMs = Date.now();
    // Made before anything is awaited, so that later changes to the caller's object have no effect.
    const args = toArgs(params);
    const { embedder } = context;
    // Without an embedder, nothing is awaited: a client that is closed in the same tick still makes the call.
    const embedding = params.embedding ??
      (embedder &&
        (await embedTogether(embedder)([params.query], signal))[0]);
    const name = embedding ? "memory:recallWithEmbedding" : "memory:recall";
    const recalled = embedding
      ? await calls.action<Recalled>(name, { ...args, embedding }, { signal })
      : await calls.query<Recalled>(name, args, { signal });
    checkAnswer(name, recalled, ["items", "vector", "facts", "conversations"]);
    warnOfDimensions(context, params, embedding, recalled);
    return toResult(params, recalled, startMs);
  });
}

/**
 * Warns that nothing was found by meaning, which is easily overlooked: the stored vectors have another length than the
 * question's, or there are none.
 */
function warnOfDimensions(
  { logger }: ApiContext,
  params: RecallParams,
  embedding: Embedding | undefined,
  { otherDimensions, vector }: Recalled,
): void {
  if (otherDimensions === undefined) return;
  // An empty space misses nothing, and a caller who passes an embedding makes the stored ones as well.
  const isEmpty = otherDimensions === 0;
  if (isEmpty && (params.embedding || vector.length === 0)) return;
  const space = JSON.stringify(params.memorySpaceId.slice(0, MAX_SHOWN));
  const what = isEmpty
    ? `memories of memory space ${space} have no embedding: remember makes them with autoEmbed`
    : `embedding has ${embedding?.length} numbers, those of memory space ${space} have ${otherDimensions}`;
  logger.warn(`${what}: recall searches words only`);
}

function toArgs(params: RecallParams): CallArgs {
  const { sources } = params;
  return {
    ...pick(
      params,
      "tenantId",
      "memorySpaceId",
      "query",
      "userId",
      "minImportance",
      "minConfidence",
      "explain",
    ),
    sources: {
      vector: sources?.vector !== false,
      facts: sources?.facts !== false,
    },
    tags: params.tags && [...params.tags],
    createdAfter: toMs(params.createdAfter),
    createdBefore: toMs(params.createdBefore),
    limit: params.limit ?? defaultLimit(params),
    includeConversation: params.includeConversation !== false,
  };
}

function defaultLimit({ maxTokens }: RecallParams): number {
  return maxTokens === undefined ? RECALLED_ITEMS : Math.min(
    MAX_BUDGETED_ITEMS,
    Math.max(RECALLED_ITEMS, Math.ceil(maxTokens / TOKENS_PER_ITEM)),
  );
}

function toResult(
  params: RecallParams,
  recalled: Recalled,
  startMs: number,
): RecallResult {
  const { vector, facts, totalResults } = recalled;
  const items = toItems(recalled);
  return {
    items,
    sources: {
      vector: { count: vector.length, items: vector },
      facts: { count: facts.length, items: facts },
      graph: { count: 0, expandedEntities: [] },
    },
    ...params.formatForLLM === false
      ? {}
      : { context: formatForLLM(items, params.maxTokens, params.citeBy) },
    totalResults,
    queryTimeMs: Date.now() - startMs,
    graphExpansionApplied: false,
  };
}

/** Puts the items together. Those of one conversation share it. */
export function toItems(
  { items, vector, facts, conversations }: Recalled,
): RecallItem[] {
  let memories = 0;
  let known = 0;
  return items.map(({ conversation: place = -1, ...found }) => {
    const { type, source, score } = found;
    const item = type === "memory"
      ? memoryToRecallItem(vector[memories++]!, source, score)
      : factToRecallItem(facts[known++]!, source, score);
    const conversation = conversations[place];
    const ids = item.memory?.conversationRef?.messageIds;
    return compact({
      ...item,
      ...pick(found, "explanation", "passageStart"),
      conversation,
      sourceMessages: found.sourceMessages ??
        conversation?.messages.filter(({ id }) => ids?.includes(id)),
    });
  });
}
