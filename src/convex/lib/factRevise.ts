/**
 * What becomes of a new fact: stored, merged with one that says the same, put in the place of outdated ones, or dropped.
 * Without a language model: by slots, duplicates and word overlap.
 *
 * @module
 */
import { normalise, wordOverlap } from "./factKeys.ts";
import {
  CANDIDATE_SIMILARITY,
  findDuplicate,
  ofSubject,
  sameStructure,
  sameText,
  similar,
  type Strategy,
} from "./factMatch.ts";
import {
  type Cause,
  insertFact,
  type NewFact,
  replaceVersion,
  supersedeFacts,
  updateFact,
} from "./factStore.ts";
import type { Doc, MutationCtx, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { slotOf } from "./slots.ts";

/** Most facts of one subject and type that belief revision compares with. */
const MAX_OF_TYPE = 20;
const SAME = 0.8;
const RELATED = 0.5;

/** What was done with a new fact. */
export interface Revision {
  action: "ADD" | "UPDATE" | "SUPERSEDE" | "NONE";
  /** The stored, changed or found row. */
  fact: Doc<"facts">;
  /** Rows that it replaced. */
  superseded: Doc<"facts">[];
  reason: string;
}

/** Stores a fact unless it is a duplicate; a duplicate gets the higher confidence and the tags of both. */
export async function storeUnlessDuplicate(
  ctx: MutationCtx,
  scope: Scope,
  fact: NewFact,
  strategy: Strategy,
): Promise<Doc<"facts">> {
  const found = await findDuplicate(ctx, scope, fact, strategy);
  if (found === undefined) return await insertFact(ctx, scope, fact);
  if (fact.confidence <= found.confidence) return found;
  return await replaceVersion(ctx, scope, found, fact);
}

/**
 * Stores a fact by belief revision. Reads at most 3 ranges and 180 rows, and one range for each fact that it replaces;
 * writes at most 3 rows, and 3 for each fact that it replaces.
 */
export async function reviseFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: NewFact,
): Promise<Revision> {
  const { decision, targets, cause } = await decide(ctx, scope, fact);
  const reason = cause.reason ?? "";
  const target = targets[0];
  if (target !== undefined && decision === "NONE") {
    return { action: "NONE", fact: target, superseded: [], reason };
  }
  if (target !== undefined && decision === "UPDATE") {
    const changed = await updateFact(ctx, scope, target, fact, cause);
    return { action: "UPDATE", fact: changed, superseded: [], reason };
  }
  if (target !== undefined && decision === "SUPERSEDE") {
    const done = await supersedeFacts(ctx, scope, targets, fact, cause);
    return { action: "SUPERSEDE", ...done, reason };
  }
  const stored = await insertFact(ctx, scope, fact, cause);
  return { action: "ADD", fact: stored, superseded: [], reason };
}

interface Decision {
  decision: Revision["action"];
  /** Facts that it is about; the first one is the target. */
  targets: Doc<"facts">[];
  cause: Cause;
}

async function decide(
  ctx: QueryCtx,
  scope: Scope,
  fact: NewFact,
): Promise<Decision> {
  const subjects = await ofSubject(ctx, scope, fact);
  const slot = slotOf(fact.predicate);
  const inSlot = slot === undefined
    ? []
    : subjects.filter((row) => slotOf(row.predicate)?.name === slot.name);
  const object = normalise(fact.object);
  if (slot !== undefined && inSlot.length > 0) {
    const pipeline = { slotMatching: true };
    const same = inSlot.find((row) =>
      object !== "" && normalise(row.object) === object
    );
    if (same !== undefined) {
      return repeated(same, fact, {
        reason: `Says the same of ${slot.name}`,
        pipeline,
      });
    }
    if (object !== "" && slot.values === "one") {
      return {
        decision: "SUPERSEDE",
        targets: inSlot,
        cause: { reason: `Newer value of ${slot.name}`, pipeline },
      };
    }
    if (object !== "") {
      return add({ reason: `${slot.name} may hold several values`, pipeline });
    }
    return byOverlap(fact, inSlot, pipeline);
  }
  const known = await sameText(ctx, scope, fact);
  if (known !== undefined) {
    return repeated(known, fact, {
      reason: "Says the same in the same words",
      pipeline: { semanticMatching: true },
    });
  }
  const duplicate = sameStructure(subjects, fact) ??
    await similar(ctx, scope, fact, CANDIDATE_SIMILARITY);
  if (duplicate !== undefined) {
    return byOverlap(fact, [duplicate], { semanticMatching: true });
  }
  const ofType = subjects.filter((row) => row.factType === fact.factType)
    .slice(0, MAX_OF_TYPE);
  if (ofType.length > 0) {
    return byOverlap(fact, ofType, { subjectTypeMatching: true });
  }
  return add({ reason: "No conflicts found" });
}

/** Judges by shared words, the best candidate counting. */
function byOverlap(
  fact: NewFact,
  candidates: readonly Doc<"facts">[],
  pipeline: NonNullable<Cause["pipeline"]>,
): Decision {
  const [best] = candidates
    .map((row) => ({ row, overlap: wordOverlap(row.fact, fact.fact) }))
    .sort((a, b) => b.overlap - a.overlap);
  if (best === undefined) return add({ reason: "No conflicts found" });
  const percent = `${Math.round(best.overlap * 100)} % of the words`;
  if (best.overlap > SAME) {
    return repeated(best.row, fact, {
      reason: `Shares ${percent} with a known fact`,
      pipeline,
    });
  }
  const subject = normalise(fact.subject);
  const sameSubject = subject !== "" && normalise(best.row.subject) === subject;
  if (best.overlap > RELATED && sameSubject) {
    return {
      decision: "SUPERSEDE",
      targets: [best.row],
      cause: {
        reason: `Shares ${percent} with an older fact of the same subject`,
        pipeline,
      },
    };
  }
  return add({ reason: "Differs from what is known", pipeline });
}

function repeated(
  known: Doc<"facts">,
  fact: NewFact,
  cause: Cause,
): Decision {
  return {
    decision: fact.confidence > known.confidence ? "UPDATE" : "NONE",
    targets: [known],
    cause,
  };
}

function add(cause: Cause): Decision {
  return { decision: "ADD", targets: [], cause };
}
