/** Stores the facts of an exchange, one after another. */
import { ComparedEmbeddings } from "../facts/comparedEmbeddings.ts";
import { storeUnlessDuplicate } from "../facts/factDuplicates.ts";
import { keepEmbeddings } from "../facts/factEmbed.ts";
import { DUPLICATE_SIMILARITY } from "../facts/factMatch.ts";
import { reviseFact, type Revision } from "../facts/factRevise.ts";
import { findFact, insertFact } from "../facts/factStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { storeFound, type UncheckedFact } from "./refusedFact.ts";
import type { RememberArgs, RememberResult } from "./rememberArgs.ts";
import type { Scope } from "../scope.ts";
import { pick, toFactRecord } from "../shapes.ts";

type FactOutcome = Pick<
  RememberResult,
  "facts" | "factRevisions" | "refusedFacts"
>;

/**
 * Stores facts one after another, so that each is compared with those before it. A refused fact writes nothing.
 *
 * @param memoryId The memory that they are drawn from.
 */
export async function storeFacts(
  ctx: MutationCtx,
  scope: Scope,
  args: RememberArgs,
  keepsMessages: boolean,
  memoryId: string | undefined,
): Promise<FactOutcome> {
  const facts: Doc<"facts">[] = [];
  const revisions: Revision[] = [];
  // Rows as they are after the last fact: it may change what an earlier one of the same exchange stored.
  const latest = new Map<string, Doc<"facts">>();
  const compared = new ComparedEmbeddings();
  await keepEmbeddings(ctx, scope, args.memorySpaceId, args.embeddings);
  const made = (given: GivenFact) =>
    newFact(args, given, keepsMessages, memoryId);
  const refusals = await storeFound(args.facts, made, async (fact, given) => {
    const known = await findFact(ctx, scope, args.memorySpaceId, fact.factId);
    if (known !== null) {
      facts.push(known);
    } else if (args.factMode === "revise") {
      const revision = await reviseFact(
        ctx,
        scope,
        fact,
        { ...args.revision, compared },
        given.decision,
      );
      revisions.push(revision);
      for (const row of [revision.fact, ...revision.superseded]) {
        latest.set(row._id, row);
      }
      if (revision.action !== "NONE") facts.push(revision.fact);
    } else if (args.factMode === "plain") {
      facts.push(await insertFact(ctx, scope, fact));
    } else {
      const mode = args.factMode;
      const alike = { threshold: DUPLICATE_SIMILARITY, compared };
      const { fact: stored, wasUpdated } = await storeUnlessDuplicate(
        ctx,
        scope,
        fact,
        mode,
        alike,
      );
      const before = wasUpdated &&
        facts.find(({ factId }) => factId === stored.supersedes);
      if (before) {
        latest.set(before._id, await ctx.db.get(before._id) ?? before);
      }
      facts.push(stored);
    }
  });
  const asTheyAre = (row: Doc<"facts">) =>
    toFactRecord(latest.get(row._id) ?? row);
  return {
    facts: facts.map(asTheyAre),
    ...(revisions.length > 0 && {
      factRevisions: revisions.map((revision) => ({
        ...toRevision(revision),
        fact: asTheyAre(revision.fact),
      })),
    }),
    ...refusals,
  };
}

type GivenFact = RememberArgs["facts"][number];

function newFact(
  args: RememberArgs,
  given: GivenFact,
  keepsMessages: boolean,
  memoryId: string | undefined,
): UncheckedFact {
  const { userId, agentId } = args;
  const { decision: _, ...statement } = given;
  const subject = given.subject ?? userId ?? agentId;
  return {
    ...statement,
    memorySpaceId: args.memorySpaceId,
    sourceType: "conversation",
    sourceRef: {
      conversationId: args.conversationId,
      ...(keepsMessages && {
        messageIds: [args.userMessage.id, args.agentMessage.id],
      }),
      ...(memoryId !== undefined && { memoryId }),
    },
    ...(subject !== undefined && { subject }),
    ...pick(args, ["userId", "participantId"]),
  };
}

function toRevision(
  { action, fact, superseded, reason }: Revision,
): NonNullable<RememberResult["factRevisions"]>[number] {
  return {
    action,
    fact: toFactRecord(fact),
    ...(superseded.length > 0 && { superseded: superseded.map(toFactRecord) }),
    reason,
  };
}
