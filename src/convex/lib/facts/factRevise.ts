/**
 * Belief revision: a new fact is stored, merged with one that says the same, stored in place of outdated ones, or
 * dropped. Without a language model, slots, duplicates and word overlap decide.
 *
 * @module
 */
import {
  decideByOverlap,
  decision,
  type FactDecision,
  sameAs,
} from "./factDecision.ts";
import type { ComparedEmbeddings } from "./comparedEmbeddings.ts";
import { united } from "./factDuplicates.ts";
import type { Cause, Pipeline } from "./factEvents.ts";
import { plainText } from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";
import {
  CANDIDATE_SIMILARITY,
  ofSubject,
  sameStructure,
  sameText,
  similarFacts,
  type SimilarityOptions,
  type SoughtFact,
  type Strategy,
} from "./factMatch.ts";
import { findFact, insertFact, type NewFact } from "./factStore.ts";
import { changeInPlace, supersedeFacts } from "./factVersions.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type PredicateClasses, type Slot, slotOf } from "./slots.ts";

/** Most facts of one subject and type that are compared. */
const MAX_OF_TYPE = 20;
/** Most similar facts that are candidates, unless the options say otherwise. */
const MAX_SIMILAR = 10;
/** Confidence of a decision by slots. */
const SLOT_CONFIDENCE = 90;

/** Options of belief revision. */
export interface RevisionOptions {
  /** Default: true. */
  slotMatching?: boolean;
  /** Further classes of predicates. */
  predicateClasses?: PredicateClasses;
  /** Default: true. */
  semanticMatching?: boolean;
  /** Least cosine similarity of a candidate; default 0.7. */
  threshold?: number;
  /** Most candidates by similarity; default 10. */
  limit?: number;
  /** Default: true. Needs a subject in any case. */
  subjectTypeMatching?: boolean;
  /** Whether to log an event. Default: true. */
  history?: boolean;
  /** How the semantic stage finds facts; default: by text, parts and embedding. */
  strategy?: Strategy;
  /** Stored embeddings, for several facts of one call. */
  compared?: ComparedEmbeddings;
}

/** A stage of belief revision, and what it found. */
export interface Stage {
  executed: boolean;
  matched: boolean;
  factIds?: string[];
}

/** The outcome for a new fact. */
export interface Revision {
  action: FactDecision["action"];
  /** The stored, changed or found row. */
  fact: Doc<"facts">;
  /** Rows that it replaced. */
  superseded: Doc<"facts">[];
  reason: string;
  /** Confidence of the decision, 0 to 100. */
  confidence: number;
  stages: Stages;
}

/** The stages that look for candidates. */
export interface Stages {
  slotMatching: Stage;
  semanticMatching: Stage;
  subjectTypeMatching: Stage;
}

/** Known facts that a new one may repeat or contradict, by the stage that found them. */
export interface Candidates {
  slot: Slot | undefined;
  inSlot: Doc<"facts">[];
  similar: { row: Doc<"facts">; score: number }[];
  ofType: Doc<"facts">[];
  stages: Stages;
}

/**
 * Stores a fact by belief revision. Each stage reads a bounded number of rows.
 *
 * @param given A decision made elsewhere. One whose target is no longer there becomes `ADD`, unless another value has
 * taken a slot that holds one.
 */
export async function reviseFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: NewFact,
  options: RevisionOptions = {},
  given?: FactDecision,
): Promise<Revision> {
  const found = await findCandidates(ctx, scope, fact, options);
  const named = given === undefined
    ? []
    : await currentTarget(ctx, scope, fact.memorySpaceId, given);
  const chosen = named.length > 0 || !isLate(given, found) ? given : undefined;
  const decided = chosen ?? decide(fact, found);
  const targets = chosen === undefined
    ? targetsOf(fact, decided, found)
    : named;
  const target = targets[0];
  const isAdded = decided.action === "ADD" || target === undefined;
  const { reason, confidence } = decided;
  const outcome = { reason, confidence, stages: found.stages };
  const pipeline = pipelineOf(found.stages, chosen !== undefined);
  const cause: Cause = {
    reason,
    by: fact,
    ...(pipeline !== undefined && { pipeline }),
    ...(options.history === false && { history: false }),
  };
  if (isAdded) {
    const stored = await insertFact(ctx, scope, fact, cause);
    return { action: "ADD", fact: stored, superseded: [], ...outcome };
  }
  if (decided.action === "NONE") {
    return { action: "NONE", fact: target, superseded: [], ...outcome };
  }
  if (decided.action === "UPDATE") {
    const changed = await changeInPlace(ctx, scope, target, {
      changes: {
        fact: decided.mergedFact ?? fact.fact,
        confidence: fact.confidence,
        tags: united(target.tags, fact.tags),
      },
      cause,
      embedding: decided.mergedFact === fact.fact ? fact.embedding : undefined,
    });
    return { action: "UPDATE", fact: changed, superseded: [], ...outcome };
  }
  const done = await supersedeFacts(ctx, scope, targets, fact, cause);
  return { action: "SUPERSEDE", ...done, ...outcome };
}

/**
 * Finds the known facts that a new one may repeat or contradict: in its slot, then similar ones, then of its subject
 * and type. The first stage that finds something is the last one that runs, unless `isExhaustive` is set.
 */
export async function findCandidates(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  options: RevisionOptions,
  { similarity, isExhaustive = false }: {
    similarity?: Partial<SimilarityOptions>;
    isExhaustive?: boolean;
  } = {},
): Promise<Candidates> {
  const { slotMatching = true, semanticMatching = true } = options;
  const subjects = await ofSubject(ctx, scope, fact);
  const { slot, inSlot } = slotMatching
    ? ofSlot(subjects, fact, options.predicateClasses)
    : { slot: undefined, inSlot: [] };
  const seeksSimilar = semanticMatching &&
    (isExhaustive || inSlot.length === 0);
  const similar = seeksSimilar
    ? await similarTo(ctx, scope, fact, subjects, {
      strategy: options.strategy,
      threshold: options.threshold ?? CANDIDATE_SIMILARITY,
      limit: options.limit ?? MAX_SIMILAR,
      compared: options.compared,
      ...similarity,
    })
    : [];
  const seeksType = options.subjectTypeMatching !== false &&
    normalise(fact.subject) !== "" &&
    (isExhaustive || inSlot.length + similar.length === 0);
  const ofType = seeksType
    ? subjects.filter((row) => row.factType === fact.factType)
      .slice(0, MAX_OF_TYPE)
    : [];
  return {
    slot,
    inSlot,
    similar,
    ofType,
    stages: {
      slotMatching: stage(slotMatching, inSlot),
      semanticMatching: stage(seeksSimilar, similar.map(({ row }) => row)),
      subjectTypeMatching: stage(seeksType, ofType),
    },
  };
}

/** The slot of a fact, and the facts of its subject in that slot; neither for a fact without a predicate. */
function ofSlot(
  subjects: readonly Doc<"facts">[],
  fact: SoughtFact,
  classes: PredicateClasses | undefined,
): Pick<Candidates, "slot" | "inSlot"> {
  const slot = slotOf(fact.predicate, classes);
  const inSlot = slot === undefined
    ? []
    : subjects.filter((row) =>
      slotOf(row.predicate, classes)?.name === slot.name
    );
  return { slot, inSlot };
}

/** Decides without a language model. */
export function decide(
  fact: SoughtFact,
  { slot, inSlot, similar, ofType }: Candidates,
): FactDecision {
  const object = normalise(fact.object);
  if (slot !== undefined && inSlot.length > 0) {
    const same = withObject(inSlot, object);
    if (same !== undefined) {
      return sameAs(
        same,
        fact,
        `Says the same of ${slot.name}`,
        SLOT_CONFIDENCE,
      );
    }
    if (slot.values === "one" && object !== "") {
      return decision(
        "SUPERSEDE",
        inSlot[0]!.factId,
        `Newer value of ${slot.name}`,
        SLOT_CONFIDENCE,
      );
    }
    // Facts with different objects are different, however similar their words.
    const alike = object === "" ? inSlot : withoutObject(inSlot);
    const judged = decideByWords(fact, alike);
    return slot.values === "one" || judged.action !== "SUPERSEDE" &&
        judged.action !== "ADD"
      ? judged
      : decision(
        "ADD",
        null,
        `${slot.name} may hold several values`,
        SLOT_CONFIDENCE,
      );
  }
  return decideByWords(
    fact,
    similar.length > 0 ? similar.map(({ row }) => row) : ofType,
  );
}

/** A fact with the same words takes precedence over one that shares some of them. */
function decideByWords(
  fact: SoughtFact,
  known: readonly Doc<"facts">[],
): FactDecision {
  const said = plainText(fact.fact);
  const same = known.find((row) => plainText(row.fact) === said);
  return same === undefined
    ? decideByOverlap(fact, known)
    : sameAs(same, fact, "Says the same in the same words", SLOT_CONFIDENCE);
}

/**
 * The facts in a slot that a new one contradicts: all if the slot holds one value, otherwise those that say the same.
 */
export function conflictsInSlot(
  fact: Pick<SoughtFact, "object">,
  { slot, inSlot }: Pick<Candidates, "slot" | "inSlot">,
): Doc<"facts">[] {
  if (slot?.values === "one") return inSlot;
  const object = normalise(fact.object);
  return inSlot.filter((row) =>
    object !== "" && normalise(row.object) === object
  );
}

/** Facts that say the same come first, at similarity 1. */
async function similarTo(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  subjects: readonly Doc<"facts">[],
  { strategy = "semantic", ...options }: SimilarityOptions & {
    strategy: Strategy | undefined;
  },
): Promise<{ row: Doc<"facts">; score: number }[]> {
  const said = strategy === "structural"
    ? undefined
    : await sameText(ctx, scope, fact);
  if (said !== undefined) return [{ row: said, score: 1 }];
  const known = strategy === "exact" ? [] : sameStructure(subjects, fact);
  if (known.length > 0) {
    return known.slice(0, options.limit).map((row) => ({ row, score: 1 }));
  }
  return strategy === "semantic"
    ? await similarFacts(ctx, scope, fact, options)
    : [];
}

/** The rows that a decision replaces, the target first. A new value of a slot replaces all facts in it. */
function targetsOf(
  fact: SoughtFact,
  { action, targetFactId }: FactDecision,
  { slot, inSlot, similar, ofType }: Candidates,
): Doc<"facts">[] {
  const known = [...inSlot, ...similar.map(({ row }) => row), ...ofType];
  const target = known.find(({ factId }) => factId === targetFactId);
  if (target === undefined) return [];
  const replacesSlot = action === "SUPERSEDE" && slot?.values === "one" &&
    normalise(fact.object) !== "" && inSlot[0] === target;
  return replacesSlot ? inSlot : [target];
}

/** The target of a decision made elsewhere, if it is still current. */
async function currentTarget(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  { targetFactId }: FactDecision,
): Promise<Doc<"facts">[]> {
  if (targetFactId === null) return [];
  const row = await findFact(ctx, scope, memorySpaceId, targetFactId);
  return row?.isCurrent ? [row] : [];
}

/** Whether a decision was made before the slot, which holds one value, got another one than its target. */
function isLate(
  given: FactDecision | undefined,
  { slot, inSlot }: Candidates,
): boolean {
  return given !== undefined && given.targetFactId !== null &&
    slot?.values === "one" && inSlot.length > 0;
}

function pipelineOf(stages: Stages, byModel: boolean): Pipeline {
  const pipeline = {
    ...(stages.slotMatching.matched && { slotMatching: true }),
    ...(stages.semanticMatching.matched && { semanticMatching: true }),
    ...(stages.subjectTypeMatching.matched && { subjectTypeMatching: true }),
    ...(byModel && { llmResolution: true }),
  };
  return Object.keys(pipeline).length > 0 ? pipeline : undefined;
}

function stage(executed: boolean, rows: readonly Doc<"facts">[]): Stage {
  return {
    executed,
    matched: rows.length > 0,
    ...(rows.length > 0 && { factIds: rows.map(({ factId }) => factId) }),
  };
}

function withoutObject(rows: readonly Doc<"facts">[]): Doc<"facts">[] {
  return rows.filter((row) => normalise(row.object) === "");
}

function withObject(
  rows: readonly Doc<"facts">[],
  object: string,
): Doc<"facts"> | undefined {
  return rows.find((row) => object !== "" && normalise(row.object) === object);
}
