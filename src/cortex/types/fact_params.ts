/** Inputs and results of `cortex.facts`, except belief revision and history. */
import type { GraphSyncOption, WriteControls } from "./common.ts";
import type {
  FactDescription,
  FactSourceType,
  FactStatement,
  FactType,
} from "./facts.ts";

/** A fact to store. Default of `validFrom`: now. */
export interface StoreFactParams extends FactStatement {
  /** Labels. Default: none. */
  tags?: readonly string[] | undefined;
}

/** Options of `facts.store`. */
export type StoreFactOptions = GraphSyncOption & WriteControls;
/** Options of `facts.update`. */
export type UpdateFactOptions = GraphSyncOption & WriteControls;
/** Options of `facts.delete`. */
export type DeleteFactOptions = GraphSyncOption & WriteControls;

/** Conditions of a fact; all that are given must match. Bounds are inclusive. */
export interface UniversalFactFilter {
  /** Its kind. */
  factType?: FactType | undefined;
  /** Its subject, matched exactly. */
  subject?: string | undefined;
  /** Its predicate, matched exactly. */
  predicate?: string | undefined;
  /** Its object, matched exactly. */
  object?: string | undefined;
  /** Least confidence, 0 to 100. */
  minConfidence?: number | undefined;
  /** Its exact confidence, 0 to 100. */
  confidence?: number | undefined;
  /** The user it is about. */
  userId?: string | undefined;
  /** The participant that stored it. */
  participantId?: string | undefined;
  /** Labels it must have. */
  tags?: readonly string[] | undefined;
  /** Whether any or all of `tags` must match. Default: `any`. */
  tagMatch?: "any" | "all" | undefined;
  /** Where it comes from. */
  sourceType?: FactSourceType | undefined;
  /** Latest creation. */
  createdBefore?: Date | undefined;
  /** Earliest creation. */
  createdAfter?: Date | undefined;
  /** Latest change. */
  updatedBefore?: Date | undefined;
  /** Earliest change. */
  updatedAfter?: Date | undefined;
  /** Its version. */
  version?: number | undefined;
  /** Includes superseded, deleted and archived facts. Default: false. */
  includeSuperseded?: boolean | undefined;
  /** Valid at this time. */
  validAt?: Date | undefined;
  /** Each given key must have exactly this string, number, boolean or null in its metadata; objects never match. */
  metadata?: Record<string, unknown> | undefined;
}

/** Limit, offset and order of the matching facts. */
export interface FactPaging {
  /** Most facts; 0 returns none. Default: 10,000; for a search, all that it found. */
  limit?: number | undefined;
  /** Facts to skip. Default: 0. */
  offset?: number | undefined;
  /** Default: by creation, oldest first; for a search, by relevance. */
  sortBy?: "createdAt" | "updatedAt" | "confidence" | "version" | undefined;
  /** Only with `sortBy` in a search. Default with `sortBy`: `desc`, otherwise `asc`. */
  sortOrder?: "asc" | "desc" | undefined;
}

/** The space and the tenant of a filter. */
export interface FactSpace {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** Filter of `facts.list`. */
export interface ListFactsFilter
  extends UniversalFactFilter, FactPaging, FactSpace {}

/** Filter of `facts.count`. */
export interface CountFactsFilter extends UniversalFactFilter, FactSpace {}

/** Options of `facts.search`. */
export interface SearchFactsOptions extends UniversalFactFilter, FactPaging {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** Filter of `facts.queryBySubject`. */
export interface QueryBySubjectFilter
  extends UniversalFactFilter, FactPaging, FactSpace {
  /** The subject. */
  subject: string;
}

/** Filter of `facts.queryByRelationship`. */
export interface QueryByRelationshipFilter extends QueryBySubjectFilter {
  /** The predicate. */
  predicate: string;
}

/** What `facts.update` changes; at least one member is required. */
export interface UpdateFactInput extends FactDescription {
  /** The new statement. */
  fact?: string | undefined;
  /** The new confidence, 0 to 100. */
  confidence?: number | undefined;
  /** The new labels, replacing the old ones. */
  tags?: readonly string[] | undefined;
  /** The new end of validity, in ms since the Unix epoch. */
  validUntil?: number | undefined;
}

/** Which facts `facts.deleteMany` removes. */
export interface DeleteManyFactsParams {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Only facts about this user. */
  userId?: string | undefined;
  /** Only facts of this kind. */
  factType?: FactType | undefined;
}

/** What `facts.deleteMany` removed. */
export interface DeleteManyFactsResult {
  /** Rows deleted, counting every version. */
  deleted: number;
  /** The space. */
  memorySpaceId: string;
}

/** What `facts.export` exports. */
export interface ExportFactsParams {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** JSON, JSON-LD of schema.org, or CSV. */
  format: "json" | "jsonld" | "csv";
  /** Only facts of this kind. */
  factType?: FactType | undefined;
}

/** An export of facts. */
export interface FactExport {
  /** Its format. */
  format: string;
  /** The text. */
  data: string;
  /** Facts in it. */
  count: number;
  /** When the export started, in ms since the Unix epoch. */
  exportedAt: number;
}

/** Which facts `facts.consolidate` merges into one. */
export interface ConsolidateFactsParams {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Facts that say the same, 2 to 200. */
  factIds: readonly string[];
  /** The one to keep. */
  keepFactId: string;
}

/** What `facts.consolidate` did. */
export interface ConsolidateFactsResult {
  /** Always true. */
  consolidated: boolean;
  /** The kept fact. */
  keptFactId: string;
  /** Number of the other facts given. */
  mergedCount: number;
}

/** Which fact supersedes which, for `facts.supersede`. */
export interface SupersedeFactParams {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The outdated fact. */
  oldFactId: string;
  /** The current fact. */
  newFactId: string;
  /** Why. Default: `Manual supersession`. */
  reason?: string | undefined;
}

/** What `facts.supersede` did. */
export interface SupersedeFactResult {
  /** Always true. */
  superseded: boolean;
  /** The outdated fact. */
  oldFactId: string;
  /** The current fact. */
  newFactId: string;
}
