/** What happened to facts. */

/** A kind of change. */
export type FactChangeAction = "CREATE" | "UPDATE" | "SUPERSEDE" | "DELETE";

/** Stages of belief revision that led to a change. */
export interface FactChangePipeline {
  /** Found in the same slot. */
  slotMatching?: boolean | undefined;
  /** Found by similarity. */
  semanticMatching?: boolean | undefined;
  /** Found by subject and type. */
  subjectTypeMatching?: boolean | undefined;
  /** Decided by a language model. */
  llmResolution?: boolean | undefined;
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
  /** Its text afterwards, or its successor's. */
  newValue?: string;
  /** The fact that superseded it. */
  supersededBy?: string;
  /** The fact that was superseded. */
  supersedes?: string;
  /** Why. */
  reason?: string;
  /** Confidence afterwards, 0 to 100. */
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

/** An event of your own. */
export type LogEventParams = Omit<FactChangeEvent, "eventId" | "timestamp">;

/** Which events to list. */
export interface ChangeFilter {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Earliest time, inclusive. */
  after?: Date | undefined;
  /** Latest time, inclusive. */
  before?: Date | undefined;
  /** What happened. */
  action?: FactChangeAction | undefined;
  /** Most events. Default: 100. */
  limit?: number | undefined;
  /** Events to skip. Default: 0. */
  offset?: number | undefined;
}

/** Number of events by action. */
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

/** Recent activity in a space. */
export interface ActivitySummary {
  /** The time it covers, as ISO dates. */
  timeRange: { hours: number; since: string; until: string };
  /** Events in that time. */
  totalEvents: number;
  /** The same by action. */
  actionCounts: ActionCounts;
  /** Number of different facts among them. */
  uniqueFactsModified: number;
  /** Number of different participants and users among them. */
  activeParticipants: number;
}

/** A fact in a chain of facts that superseded one another. */
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
