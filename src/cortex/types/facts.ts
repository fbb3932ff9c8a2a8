/** Facts, as `remember`, `recall` and `store` take and return them. */

/** The kind of statement a fact makes. */
export type FactType =
  | "preference"
  | "identity"
  | "knowledge"
  | "relationship"
  | "event"
  | "observation"
  | "custom";

/** Where a fact comes from. */
export type FactSourceType =
  | "conversation"
  | "system"
  | "tool"
  | "manual"
  | "a2a";

/** The messages and the memory a fact was drawn from. */
export interface FactSourceRef {
  /** The conversation. */
  conversationId?: string | undefined;
  /** Its messages. */
  messageIds?: string[] | undefined;
  /** The memory. */
  memoryId?: string | undefined;
}

/** An entity named in a fact. */
export interface EnrichedEntity {
  /** Its name. */
  name: string;
  /** Its kind. */
  type: string;
  /** Its full form. */
  fullValue?: string | undefined;
}

/** A relation stated in a fact. */
export interface EnrichedRelation {
  /** Who or what. */
  subject: string;
  /** The relation to the object. */
  predicate: string;
  /** Whom or what the subject relates to. */
  object: string;
}

/** What describes a fact beyond its statement. */
export interface FactDescription {
  /** Any further data. */
  metadata?: Record<string, unknown> | undefined;
  /** A category. */
  category?: string | undefined;
  /** Further words by which search finds it. */
  searchAliases?: string[] | undefined;
  /** When it matters; searched as well. */
  semanticContext?: string | undefined;
  /** Entities it names. */
  entities?: EnrichedEntity[] | undefined;
  /** Relations it states. */
  relations?: EnrichedRelation[] | undefined;
}

/** What a fact states and about whom, where it comes from, and when it is valid. */
export interface FactStatement extends FactDescription {
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant it belongs to, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The participant (tool, agent) that stored it. */
  participantId?: string | undefined;
  /** The user it is about. */
  userId?: string | undefined;
  /** The statement, not blank. */
  fact: string;
  /** Its kind. */
  factType: FactType;
  /** Who or what it is about. */
  subject?: string | undefined;
  /** The relation to the object. */
  predicate?: string | undefined;
  /** Whom or what the subject relates to. */
  object?: string | undefined;
  /** Confidence, 0 to 100. */
  confidence: number;
  /** Where it comes from. */
  sourceType: FactSourceType;
  /** What it was drawn from. */
  sourceRef?: FactSourceRef | undefined;
  /** Start of validity, in ms since the Unix epoch, inclusive. */
  validFrom?: number | undefined;
  /** End of validity, in ms since the Unix epoch, exclusive. Absent: no end. */
  validUntil?: number | undefined;
}

/** A stored fact. */
export interface FactRecord extends FactStatement {
  /** The row's id. */
  _id: string;
  /** `fact-…`. */
  factId: string;
  /** Labels. */
  tags: string[];
  /** Version number, from 1. */
  version: number;
  /** The fact that superseded it. */
  supersededBy?: string;
  /** The fact it superseded. */
  supersedes?: string;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** A fact as an extractor returns it. */
export interface ExtractedFact {
  /** The statement. */
  fact: string;
  /** Its kind; an unknown kind is stored as `custom`. */
  factType: FactType;
  /** Who or what it is about. Default: the user, or in `remember` without one, the agent. */
  subject?: string | null | undefined;
  /** The relation to the object. */
  predicate?: string | null | undefined;
  /** Whom or what the subject relates to. */
  object?: string | null | undefined;
  /** Confidence, 0 to 100. A value above 0 and up to 1 is read as a fraction; one that is not a number counts as 70. */
  confidence: number;
  /** Labels. Default: the memory's. */
  tags?: readonly string[] | null | undefined;
}

/** Finds the facts in an exchange. */
export type ExtractFactsFn = (
  userMessage: string,
  agentResponse: string,
) => Promise<ExtractedFact[] | null>;

/** Finds the facts in one text. */
export type ExtractMemoryFactsFn = (
  content: string,
) => Promise<ExtractedFact[] | null>;

/** A fact that was not stored, and why. */
export interface RefusedFact {
  /** The statement, cut off at 80 characters. */
  fact: string;
  /** Stable identifier of the reason, such as `INVALID_CONFIDENCE`. */
  code: string;
  /** The reason. */
  message: string;
}

/** What belief revision did with a fact. */
export type RevisionAction = "ADD" | "UPDATE" | "SUPERSEDE" | "NONE";

/** What belief revision did with one fact. */
export interface FactRevision {
  /**
   * Whether the fact was added, merged into a known one, stored in place of another, or dropped because it was known.
   */
  action: RevisionAction;
  /** The fact as it is now. */
  fact: FactRecord;
  /** Facts it superseded. */
  superseded?: FactRecord[];
  /** Why. */
  reason?: string;
}
