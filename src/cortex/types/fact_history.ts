/** What happened to facts. */

/** A kind of change. */
export type FactChangeAction = "CREATE" | "UPDATE" | "SUPERSEDE" | "DELETE";

/** Stages of belief revision that led to a change. */
export interface FactChangePipeline {
  /** Found in the same slot. */
  slotMatching?: boolean;
  /** Found by similarity. */
  semanticMatching?: boolean;
  /** Found by subject and type. */
  subjectTypeMatching?: boolean;
  /** Decided by a language model. */
  llmResolution?: boolean;
}

/** A change of a fact. */
export interface FactChangeEvent {
  /** `fh-…`. */
  eventId: string;
  /** The fact. */
  factId: string;
  /** Its space. */
  memorySpaceId: string;
  /** What happened. */
  action: FactChangeAction;
  /** Its text before. */
  oldValue?: string;
  /** Its text, or its successor's, after. */
  newValue?: string;
  /** The fact that took its place. */
  supersededBy?: string;
  /** The fact whose place was taken. */
  supersedes?: string;
  /** Why. */
  reason?: string;
  /** Confidence after, 0 to 100. */
  confidence?: number;
  /** What led to it. */
  pipeline?: FactChangePipeline;
  /** The user it is about. */
  userId?: string;
  /** Who stored it. */
  participantId?: string;
  /** What it was drawn from. */
  conversationId?: string;
  /** When, in ms since the Unix epoch. */
  timestamp: number;
}

/** An event of the caller's own. */
export type LogEventParams = Omit<FactChangeEvent, "eventId" | "timestamp">;

/** Which events. */
export interface ChangeFilter {
  /** The space. */
  memorySpaceId: string;
  /** Earliest time, inclusive. */
  after?: Date;
  /** Latest time, inclusive. */
  before?: Date;
  /** What happened. */
  action?: FactChangeAction;
  /** Most events. Default: 100. */
  limit?: number;
  /** Events to pass over. Default: 0. */
  offset?: number;
}

/** Events by what happened. */
export interface ActionCounts {
  /** Facts stored. */
  CREATE: number;
  /** Facts changed. */
  UPDATE: number;
  /** Facts replaced. */
  SUPERSEDE: number;
  /** Facts deleted. */
  DELETE: number;
}

/** What happened in a space of late. */
export interface ActivitySummary {
  /** The time that it covers, in ISO form. */
  timeRange: { hours: number; since: string; until: string };
  /** Events in that time. */
  totalEvents: number;
  /** Likewise by what happened. */
  actionCounts: ActionCounts;
  /** Different facts among them. */
  uniqueFactsModified: number;
  /** Different participants and users among them. */
  activeParticipants: number;
}

/** A fact in a chain of successors. */
export interface SupersessionChainEntry {
  /** The fact. */
  factId: string;
  /** The next one; null for the last. */
  supersededBy: string | null;
  /** When it was replaced, or the last one stored, in ms since the Unix epoch. */
  timestamp: number;
  /** Why it was replaced. */
  reason?: string;
}
