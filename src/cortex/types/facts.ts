/** Facts, as `remember`, `recall` and `store` take and give them. */

/** What kind of statement a fact is. */
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
  conversationId?: string;
  /** Its messages. */
  messageIds?: string[];
  /** The memory. */
  memoryId?: string;
}

/** An entity named in a fact. */
export interface EnrichedEntity {
  /** As it is named. */
  name: string;
  /** Its kind. */
  type: string;
  /** Its full form. */
  fullValue?: string;
}

/** A relation stated in a fact. */
export interface EnrichedRelation {
  /** Who or what. */
  subject: string;
  /** Stands how. */
  predicate: string;
  /** To whom or what. */
  object: string;
}

/** What describes a fact beyond its statement. */
export interface FactDescription {
  /** Anything else. */
  metadata?: Record<string, unknown>;
  /** A category. */
  category?: string;
  /** Other words under which it is found. */
  searchAliases?: string[];
  /** When it matters; searched, too. */
  semanticContext?: string;
  /** Entities it names. */
  entities?: EnrichedEntity[];
  /** Relations it states. */
  relations?: EnrichedRelation[];
}

/** What a fact states, of whom, where it comes from and when it holds. */
export interface FactStatement extends FactDescription {
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant it belongs to, where `auth` names none. */
  tenantId?: string;
  /** The participant (tool, agent) that stored it. */
  participantId?: string;
  /** The user it is about. */
  userId?: string;
  /** The statement, not blank. */
  fact: string;
  /** Its kind. */
  factType: FactType;
  /** Who or what it is about. */
  subject?: string;
  /** Stands how. */
  predicate?: string;
  /** To whom or what. */
  object?: string;
  /** 0 to 100. */
  confidence: number;
  /** Where it comes from. */
  sourceType: FactSourceType;
  /** What it was drawn from. */
  sourceRef?: FactSourceRef;
  /** Holds from, in ms since the Unix epoch, inclusive. */
  validFrom?: number;
  /** Holds until, in ms since the Unix epoch, exclusive. Absent: for ever. */
  validUntil?: number;
}

/** A stored fact. */
export interface FactRecord extends FactStatement {
  /** The row's id. */
  _id: string;
  /** `fact-…`. */
  factId: string;
  /** Labels. */
  tags: string[];
  /** 1 is the first. */
  version: number;
  /** The fact that took its place. */
  supersededBy?: string;
  /** The fact whose place it took. */
  supersedes?: string;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** A fact as an extractor finds it. */
export interface ExtractedFact {
  /** The statement. */
  fact: string;
  /** Its kind; an unknown kind is stored as `custom`. */
  factType: FactType;
  /** Who or what it is about. Default: the user, or the agent. */
  subject?: string;
  /** Stands how. */
  predicate?: string;
  /** To whom or what. */
  object?: string;
  /** 0 to 100; over 0 and at most 1 is read as a fraction. Not a number: 70. */
  confidence: number;
  /** Labels. Default: the memory's. */
  tags?: string[];
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
  /** The statement, cut at 80 characters. */
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
  /** Added, merged, put in another's place, or left out because it was known. */
  action: RevisionAction;
  /** The fact as it now stands. */
  fact: FactRecord;
  /** Facts whose place it took. */
  superseded?: FactRecord[];
  /** Why. */
  reason?: string;
}
