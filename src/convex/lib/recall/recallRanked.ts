/**
 * The part of a recall that runs in one query: finds by text, ranks everything, and completes the items.
 *
 * @module
 */
import { canBeOf, MAX_NAMED } from "../conversations/conversationStore.ts";
import {
  type ShownConversation,
  shownConversation,
  sourcesOf,
} from "./enrich.ts";
import { type FactCandidate, rankFacts } from "../facts/factSearch.ts";
import {
  type MemoryCandidate,
  memoryCandidate,
  memoryCandidates,
  type MemorySearch,
} from "../memory/memoryCandidates.ts";
import { readEntries } from "../memory/memoryStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { packRows } from "../paging/packedRows.ts";
import { isMatch, type ParsedQuery, parseQuery } from "../ranking/query.ts";
import { type Candidate, rank, type Ranked } from "../ranking/rank.ts";
import { passageStart } from "./passage.ts";
import {
  type NewestSearch,
  thenNewestFacts,
  thenNewestMemories,
} from "./newest.ts";
import type { RecallItem, RecallQuestion, RecallResult } from "./recallArgs.ts";
import { checkLimit } from "../ranking/searchLimit.ts";
import type { Scope } from "../scope.ts";
import {
  type FactRecord,
  type MemoryEntry,
  packMessages,
  toConversation,
  toFactRecord,
  toMessage,
} from "../shapes.ts";
import { bytesRead, sizeOf } from "../size.ts";
import type { VectorHit } from "../ranking/vectorSearch.ts";
import { forFinding, searchBudget } from "../paging/searchBudget.ts";
import type { StepBudget } from "../paging/walk.ts";

/** Most facts whose memory is read although its own words did not match. */
const MAX_LINKED_FACTS = 16;
/** Longest list of direct hits, as a multiple of the limit. */
const DIRECT_HITS_PER_ITEM = 4;
const MAX_DIRECT_HITS = 1000;
/** Most memories whose passage is found: no context quotes more, and each takes as long as reading its text. */
const MAX_PASSAGES = 16;
/** Most messages of conversations in one answer: Convex reads at most 32,000 rows and 16 MiB in a query. */
const MAX_MESSAGES = 4000;
const MAX_MESSAGE_BYTES = 3 * 1024 * 1024;
/** Most index ranges of conversations and their messages in one answer; a query reads 4,096. */
const MAX_RANGES = 2400;
const RANGES_PER_CONVERSATION = 2;

/** Hits of a recall's vector searches. */
export interface VectorHits {
  /** Hits among memories. */
  readonly memories: readonly VectorHit<"memories">[];
  /** Hits among facts. */
  readonly facts: readonly VectorHit<"facts">[];
}

/** Hits of a recall without vector search. */
export const NO_HITS: VectorHits = { memories: [], facts: [] };

/**
 * Finds candidates, ranks them, applies the limit and completes the items.
 *
 * @param whole What may be read; by default 13 MiB.
 * @throws {ConvexError} `INVALID_LIMIT`.
 */
export async function recallRanked(
  ctx: QueryCtx,
  scope: Scope,
  args: RecallQuestion,
  hits: VectorHits,
  whole: StepBudget = searchBudget(),
): Promise<RecallResult> {
  const limit = checkLimit(args.limit);
  const budget = forFinding(whole);
  const query = parseQuery(args.query, scope.now);
  const wanted = { query, wanted: limit, budget };
  const { facts, memories } = await find(ctx, scope, args, hits, wanted);
  const direct = Math.min(MAX_DIRECT_HITS, limit * DIRECT_HITS_PER_ITEM);
  const vector = await readEntries(
    ctx,
    memories.slice(0, direct).map((hit) => hit.candidate.row),
    false,
    budget,
  );
  const records = facts.slice(0, direct)
    .map((hit) => toFactRecord(hit.candidate.row));
  const items = merge(memories, vector, facts, records).slice(0, limit);
  addPassages(query, items, memories);
  const conversations = new ShownConversations(
    ctx,
    scope,
    args.memorySpaceId,
    whole,
  );
  if (args.includeConversation) {
    await addSources(ctx, conversations, items, vector, whole);
  }
  return {
    items,
    vector: packRows(vector),
    facts: records,
    conversations: conversations.all,
    totalResults: vector.length + records.length,
  };
}

/** Facts and memories from the requested sources, each best first. */
async function find(
  ctx: QueryCtx,
  scope: Scope,
  args: RecallQuestion,
  hits: VectorHits,
  wanted: Pick<NewestSearch, "query" | "wanted" | "budget">,
): Promise<{
  facts: Ranked<FactCandidate>[];
  memories: Ranked<MemoryCandidate>[];
}> {
  const { memorySpaceId, explain, sources } = args;
  const { userId, tags, createdAfter, createdBefore } = args;
  const common = { userId, tags, createdAfter, createdBefore };
  const search = { ...wanted, memorySpaceId, explain };
  let facts: Ranked<FactCandidate>[] = [];
  if (sources.facts) {
    const filter = { ...common, minConfidence: args.minConfidence };
    facts = await thenNewestFacts(
      ctx,
      scope,
      search,
      filter,
      await rankFacts(ctx, scope, { ...search, hits: hits.facts, filter }),
    );
  }
  if (!sources.vector) return { facts, memories: [] };
  const filter = { ...common, minImportance: args.minImportance };
  const found = await rankMemories(
    ctx,
    scope,
    { ...search, hits: hits.memories, filter, looksNear: true },
    facts,
  );
  const memories = await thenNewestMemories(ctx, scope, search, filter, found);
  return { facts, memories };
}

/** The memories that answer, best first: those found, and those that the best facts were drawn from. */
async function rankMemories(
  ctx: QueryCtx,
  scope: Scope,
  search: MemorySearch & NewestSearch,
  facts: readonly Ranked<FactCandidate>[],
): Promise<Ranked<MemoryCandidate>[]> {
  const candidates = await memoryCandidates(ctx, scope, search);
  const { memorySpaceId, query, filter, budget, explain = false } = search;
  const known = new Set(candidates.map((candidate) => candidate.row.memoryId));
  for (const { candidate: { row } } of facts.slice(0, MAX_LINKED_FACTS)) {
    const memoryId = row.sourceRef?.memoryId;
    if (memoryId === undefined || known.has(memoryId)) continue;
    if (budget.isSpent) break;
    known.add(memoryId);
    const linked = await memoryCandidate(
      ctx,
      scope,
      memorySpaceId,
      memoryId,
      filter,
    );
    if (linked === undefined) continue;
    budget.take(bytesRead(linked.row));
    candidates.push(linked);
  }
  const scores = factScores(facts);
  const scored = scores.size === 0
    ? candidates
    : candidates.map((candidate) => {
      const factScore = factScoreOf(candidate.row, scores);
      return factScore === 0 ? candidate : { ...candidate, factScore };
    });
  return rank(query, scored, { now: scope.now, explain })
    .filter((ranked) => isMatch(query, ranked));
}

/** Best score of the facts drawn from a memory (by its id) or from a message (by conversation and id). */
function factScores(
  facts: readonly Ranked<FactCandidate>[],
): Map<string, number> {
  const scores = new Map<string, number>();
  const add = (key: string, score: number) =>
    scores.set(key, Math.max(score, scores.get(key) ?? 0));
  for (const { candidate: { row }, score } of facts) {
    const { memoryId, conversationId, messageIds } = row.sourceRef ?? {};
    if (memoryId !== undefined) add(memoryId, score);
    if (conversationId === undefined) continue;
    for (const id of messageIds ?? []) {
      add(`${conversationId}\u0000${id}`, score);
    }
  }
  return scores;
}

function factScoreOf(
  row: Doc<"memories">,
  scores: ReadonlyMap<string, number>,
): number {
  let best = scores.get(row.memoryId) ?? 0;
  for (const id of row.conversationRef?.messageIds ?? []) {
    const key = `${row.conversationRef!.conversationId}\u0000${id}`;
    best = Math.max(best, scores.get(key) ?? 0);
  }
  return best;
}

/**
 * Merges both kinds, best first. At equal scores the fact comes first, because it is the shorter answer; where nothing
 * shows that they answer, they alternate, so that neither kind takes the place of the other.
 */
function merge(
  memories: readonly Ranked<MemoryCandidate>[],
  entries: readonly MemoryEntry[],
  facts: readonly Ranked<FactCandidate>[],
  records: readonly FactRecord[],
): RecallItem[] {
  const told = entries.map(({ memoryId: id }, at): RecallItem => ({
    type: "memory",
    id,
    source: "vector",
    ...scoreOf(memories[at]!),
  }));
  const known = records.map(({ factId: id }, at): RecallItem => ({
    type: "fact",
    id,
    source: "facts",
    ...scoreOf(facts[at]!),
  }));
  const items: RecallItem[] = [];
  let [memory, fact] = [0, 0];
  while (memory < told.length || fact < known.length) {
    const score = known[fact]?.score ?? -1;
    const lead = score - (told[memory]?.score ?? -1);
    const isFact = lead > 0 || lead === 0 && (score > 0 || fact <= memory);
    items.push(isFact ? known[fact++]! : told[memory++]!);
  }
  return items;
}

function scoreOf(
  { score, explanation }: Ranked<Candidate>,
): Pick<RecallItem, "score" | "explanation"> {
  return { score, ...(explanation !== undefined && { explanation }) };
}

/** Sets where the passages of the first long memories begin. */
function addPassages(
  query: ParsedQuery,
  items: readonly RecallItem[],
  memories: readonly Ranked<MemoryCandidate>[],
): void {
  let next = 0;
  let found = 0;
  for (const item of items) {
    if (item.type !== "memory") continue;
    const { row } = memories[next++]!.candidate;
    const start = passageStart(query, row.content, row.searchText);
    if (start === undefined) continue;
    item.passageStart = start;
    if (++found === MAX_PASSAGES) break;
  }
}

/** The conversations of one answer: each is read once, and all share a budget. */
class ShownConversations {
  readonly all: RecallResult["conversations"] = [];
  readonly #read = new Map<string, FoundConversation | undefined>();
  readonly #ctx: QueryCtx;
  readonly #scope: Scope;
  readonly #memorySpaceId: string;
  readonly #budget: StepBudget;
  #messagesLeft = MAX_MESSAGES;
  #bytesLeft = MAX_MESSAGE_BYTES;

  constructor(
    ctx: QueryCtx,
    scope: Scope,
    memorySpaceId: string,
    budget: StepBudget,
  ) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#memorySpaceId = memorySpaceId;
    this.#budget = budget;
  }

  /** How many conversations it has looked for. */
  get looked(): number {
    return this.#read.size;
  }

  /** Reads a conversation with its latest messages; undefined if it is gone, or in another memory space. */
  async get(conversationId: string): Promise<FoundConversation | undefined> {
    if (!this.#read.has(conversationId)) {
      const shown = await this.#show(conversationId);
      const place = this.all.length - 1;
      this.#read.set(conversationId, shown && { ...shown, place });
    }
    return this.#read.get(conversationId);
  }

  async #show(conversationId: string): Promise<ShownConversation | undefined> {
    const shown = await shownConversation(
      this.#ctx,
      this.#scope,
      { memorySpaceId: this.#memorySpaceId, conversationId },
      this.#messagesLeft,
      Math.min(this.#bytesLeft, this.#budget.bytes),
    );
    if (shown === undefined) return undefined;
    this.#budget.take(sizeOf(shown.row) + shown.bytesRead);
    this.#messagesLeft -= shown.messages.length;
    this.#bytesLeft = shown.isCut
      ? 0
      : Math.max(0, this.#bytesLeft - shown.bytes);
    this.all.push({
      ...toConversation(shown.row),
      messages: packMessages(shown.messages),
    });
    return shown;
  }
}

/** A conversation with its index in the answer. */
type FoundConversation = ShownConversation & { place: number };

/**
 * Adds to memory items their conversation, and the messages that they were made from. Items beyond the budget, or beyond
 * 2,400 index ranges, get neither, and the one with which the budget ends the first of its messages.
 */
async function addSources(
  ctx: QueryCtx,
  conversations: ShownConversations,
  items: readonly RecallItem[],
  memories: readonly MemoryEntry[],
  budget: StepBudget,
): Promise<void> {
  let next = 0;
  let named = 0;
  for (const item of items) {
    if (item.type !== "memory") continue;
    const memory = memories[next++]!;
    const ref = memory.conversationRef;
    if (ref === undefined) continue;
    const ranges = named + RANGES_PER_CONVERSATION * conversations.looked;
    if (budget.isSpent || ranges > MAX_RANGES) break;
    const found = await conversations.get(ref.conversationId);
    if (found === undefined) continue;
    const ids = new Set(ref.messageIds);
    const shown = found.messages.filter(({ id }) => ids.has(id)).length;
    let sources: Doc<"messages">[] | undefined;
    if (shown < ids.size) {
      named += Math.min(ids.size, MAX_NAMED);
      sources = await sourcesOf(ctx, found, ref.messageIds, budget);
    }
    const isOwn = shown > 0 || sources?.length || canBeOf(memory, found.row);
    if (!isOwn) continue;
    item.conversation = found.place;
    if (sources) item.sourceMessages = sources.map(toMessage);
  }
}
