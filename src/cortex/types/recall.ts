/** Inputs and results of `cortex.memory.recall`. */
import type { Conversation, Message } from "./conversations.ts";
import type { FactRecord } from "./facts.ts";
import type { Embedding, MemoryEntry } from "./vector.ts";

/** A question to the memory. */
export interface RecallParams {
  /** The space to search. */
  memorySpaceId: string;
  /** The question. */
  query: string;
  /**
   * The question's vector. Default: made by the `embedder`, if there is one. Stored vectors of another length are
   * ignored; if the space has no others, a warning says that only words were searched.
   */
  embedding?: Embedding | undefined;
  /**
   * Only memories and facts by or about this user. Questions whose words are in no answer, such as "Who am I?" or "What
   * did I tell you?", also return the newest ones of this user, with a score of 0.
   */
  userId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** What to search. Default: everything; the graph only with an adapter. */
  sources?: {
    vector?: boolean | undefined;
    facts?: boolean | undefined;
    graph?: boolean | undefined;
  } | undefined;
  /** How far to follow the graph. No effect without a graph adapter. */
  graphExpansion?: {
    /** Default: true. */
    enabled?: boolean | undefined;
    /** 1 to 5. Default: 2. */
    maxDepth?: number | undefined;
    /** Kinds of relation to follow. Default: all. */
    relationshipTypes?: readonly string[] | undefined;
    /** Whether to start from facts. Default: true. */
    expandFromFacts?: boolean | undefined;
    /** Whether to start from memories. Default: true. */
    expandFromMemories?: boolean | undefined;
  } | undefined;
  /** Least importance, 0 to 100, inclusive; applies to memories only. */
  minImportance?: number | undefined;
  /** Least confidence, 0 to 100, inclusive; applies to facts only. */
  minConfidence?: number | undefined;
  /** Only items with at least one of these labels. */
  tags?: readonly string[] | undefined;
  /** Earliest time of storing, inclusive; the `timestamp` given to `remember` does not count. */
  createdAfter?: Date | undefined;
  /** Latest time of storing, inclusive. */
  createdBefore?: Date | undefined;
  /**
   * Most items; above 1,000 counts as 1,000. Default: 20; with a larger `maxTokens`, as many as may fit, at most 200.
   * With a small one, `context` holds only the first of the items.
   */
  limit?: number | undefined;
  /** Adds the conversation and messages to each memory. Default: true. */
  includeConversation?: boolean | undefined;
  /** Builds `context`. Default: true. */
  formatForLLM?: boolean | undefined;
  /**
   * Most tokens of `context`, by an estimate: one token for four ASCII characters, of which a digit counts as three, or
   * for one other character. For English prose, this is within an eighth of what the encodings of today's models count.
   * A text over a quarter longer than both a sixth of the limit and 250 tokens is shortened to the passage that best
   * matches the question. Default: no limit.
   */
  maxTokens?: number | undefined;
  /**
   * What each line of `context` ends with, for citations: the item's id, or its number in `items`, counted from 1, which
   * is a sixth of the tokens. Default: `"id"`.
   */
  citeBy?: CiteBy | undefined;
  /** Adds `explanation` to each item. Default: false. */
  explain?: boolean | undefined;
}

/** How a context names its items: by their ids, or by their numbers, counted from 1. */
export type CiteBy = "id" | "number";

/**
 * How a score is computed: `score = scale × prior × ((words + session + phrase + coverage + date + when + length) ×
 * speaker × question × reply + vector + facts)`. The part from the text is 1 for the item whose text answers best;
 * `vector` is at most 0.4, `facts` at most 0.4.
 */
export interface RecallExplanation {
  /** The question's words in the text and its neighbours; rarer words count more (BM25). */
  words: number;
  /** The same for the conversation as a whole. */
  session: number;
  /** Words that are adjacent, as in the question. */
  phrase: number;
  /** Share of the question's words that the text has. */
  coverage: number;
  /** The text is from the day or month that the question names. */
  date: number;
  /** The text mentions a day, and the question asks for a time. */
  when: number;
  /** Length of the text, up to twelve meaningful words. */
  length: number;
  /** Factor: above 1 if the question names the speaker, below 1 if it names someone else. */
  speaker: number;
  /** Factor: below 1 if the text is itself a question, above 1 if it answers one. */
  question: number;
  /** Factor, at most 1: lower for an agent's long answer. */
  reply: number;
  /**
   * Similarity of the embedding and, with less weight, of its neighbours' in the conversation. An item without an
   * embedding gets the mean of all, if at least eight items were found by theirs.
   */
  vector: number;
  /** Score of the best fact drawn from the memory. */
  facts: number;
  /** Factor, 0.85 to 1.15: recency, importance and confidence together. */
  prior: number;
  /** Factor shared by all items of one kind; it makes the best score reflect how certain the answer is. */
  scale: number;
}

/** What recalled memories and facts have in common. */
export interface RecalledItem {
  /** The memory's or the fact's id. */
  id: string;
  /** The text. */
  content: string;
  /**
   * Where in `content` to quote from, in UTF-16 code units: the start of a sentence, or of a part of a long one, up to
   * 250 characters before the passage that best matches the question. Only for the first 16 memories of at least 800
   * characters that contain a word of the question.
   */
  passageStart?: number;
  /**
   * Score, 0 to 1. It ranks the items of one call; between questions it is not comparable, so no threshold fits all. To
   * judge a single item, see its `explanation`.
   */
  score: number;
  /** How the score was computed; with `explain: true`. */
  explanation?: RecallExplanation;
  /** Where it was found: `vector` is among memories, also by words alone; `facts` is among facts. */
  source: "vector" | "facts" | "graph-expanded";
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The user it is about. */
  userId?: string;
  /** What it is connected to. */
  graphContext?: { connectedEntities: string[]; relationshipPath?: string };
  /** The conversation the memory was made from; items of one conversation share the object. */
  conversation?: Conversation;
  /** The messages the memory was made from; the first of them, if all are more than one answer holds. */
  sourceMessages?: Message[];
}

/** A recalled memory or fact. `type` says which, and `memory` or `fact` holds the full record. */
export type RecallItem =
  & RecalledItem
  & (
    | { type: "memory"; memory: MemoryEntry; fact?: never }
    | { type: "fact"; fact: FactRecord; memory?: never }
  );

/** The hits of each search, before merging: up to four times the limit of each kind, at most 1,000. */
export interface RecallSourceBreakdown {
  /** Memories. */
  vector: { count: number; items: MemoryEntry[] };
  /** Facts. */
  facts: { count: number; items: FactRecord[] };
  /** Entities found through the graph. */
  graph: { count: number; expandedEntities: string[] };
}

/** The answer to a `recall`. */
export interface RecallResult {
  /** Best first, without duplicates. */
  items: RecallItem[];
  /** The hits of each search, before merging. */
  sources: RecallSourceBreakdown;
  /**
   * The items as text for a language model, within `maxTokens`: each fact with its confidence, each memory with the day
   * it was said (UTC) and, where several users or several agents speak, with who said it, and either with its id or
   * number in brackets for citation. Empty if nothing was found; absent with `formatForLLM: false`.
   */
  context?: string;
  /** Number of hits in `sources`. */
  totalResults: number;
  /** Duration of the call, in ms. */
  queryTimeMs: number;
  /** Whether the graph contributed anything. */
  graphExpansionApplied: boolean;
}

/** Kept for programs that name this type; no method takes it. */
export interface RecallOptions {
  /** Has no effect. */
  syncToGraph?: boolean | undefined;
  /** Has no effect. */
  enrichWithGraph?: boolean | undefined;
  /** Has no effect. */
  maxEnrichmentDepth?: number | undefined;
  /** Has no effect. */
  includeConversation?: boolean | undefined;
}
