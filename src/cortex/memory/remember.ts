/** `memory.remember`: callbacks side by side, then one mutation that writes every layer or none. */
import { unlessAborted } from "../../at_once.ts";
import { pick } from "../calls/pick.ts";
import { checkAnswer } from "./answer.ts";
import { type ApiContext, compact } from "../calls/api_context.ts";
import { type Calls, refuseDryRun } from "../calls/calls.ts";
import type {
  BeliefRevisionService,
  RevisionArgs,
} from "../facts/belief_revision.ts";
import { rememberCost } from "../calls/call_costs.ts";
import { within } from "../calls/deadline.ts";
import {
  extract,
  type FactInput,
  type PreparedFacts,
  prepareFacts,
  reportRefused,
} from "../facts/extracted_facts.ts";
import { createId } from "../calls/ids.ts";
import { isText } from "../rules/rules.ts";
import { RememberRun } from "./remember_run.ts";
import {
  needsPreparation,
  planRemember,
  type RememberPlan,
} from "./remember_plan.ts";
import type { RefusedFact } from "../types/facts.ts";
import type {
  RememberOptions,
  RememberParams,
  RememberResult,
} from "../types/memory.ts";
import type { ContentType } from "../types/vector.ts";

const REMEMBER = "memory:remember";

/** The results of the callbacks. */
interface Prepared extends PreparedFacts {
  memories: MemoryInput[];
  /** What the extractor of facts threw. */
  factsError?: unknown;
  /** Arguments for belief revision, and vectors of facts that had none. */
  revision?: Partial<RevisionArgs>;
}

/** A memory on its way to the backend. */
interface MemoryInput {
  memoryId: string;
  messageRole: "user" | "agent";
  content: string;
  contentType: ContentType;
  sourceTimestamp: number;
  embedding?: number[];
}

/** Remembers an exchange. Without callbacks the mutation is issued in the tick of the call. */
export function remember(
  calls: Calls,
  beliefs: BeliefRevisionService,
  params: RememberParams,
  options: RememberOptions,
): Promise<RememberResult> {
  const { context } = calls;
  context.assertOpen();
  refuseDryRun(options as { dryRun?: unknown });
  return within(options, (signal) => {
    const plan = planRemember(context, params, options);
    const run = new RememberRun(params.observer, context.logger);
    const { tenantId, conversationId } = plan.args;
    const orderKey = context.orderKey(tenantId, conversationId);
    const prepared = needsPreparation(plan)
      ? unlessAborted(prepare(context, beliefs, plan, signal), signal)
      : withoutCallbacks(plan);
    if (prepared instanceof Promise) {
      prepared.catch((error) => run.failed("vector", error));
    }
    return context.order.run(orderKey, prepared, async (prepared) => {
      const { facts, memories, revision } = prepared;
      let stored: RememberResult;
      try {
        stored = checkAnswer(
          REMEMBER,
          await calls.batched<RememberResult>(
            REMEMBER,
            {
              ...plan.args,
              memories: memories.map(compact),
              facts: facts.map(compact),
              ...revision,
            },
            { signal },
            { orderKey, cost: rememberCost(facts.length, plan.args) },
          ),
          ["memories", "facts"],
        );
      } catch (error) {
        run.rejected(plan, error);
        throw error;
      }
      const refused = [...prepared.refused, ...stored.refusedFacts ?? []];
      reportRefused(context.logger, refused);
      const result = toResult(stored, refused);
      run.committed(plan, result, prepared.factsError);
      return result;
    });
  });
}

/** The result for the caller, without members that say nothing. */
function toResult(
  stored: RememberResult,
  refused: RefusedFact[],
): RememberResult {
  return compact({
    ...pick(stored, "conversation", "memories", "facts", "factRevisions"),
    refusedFacts: refused.length ? refused : undefined,
    repeated: stored.repeated || undefined,
  });
}

function withoutCallbacks(plan: RememberPlan): Prepared {
  return {
    memories: toMemories(plan, null, []),
    facts: [],
    refused: [],
  };
}

/** Runs the callbacks, those that do not need each other's results at once. */
async function prepare(
  context: ApiContext,
  beliefs: BeliefRevisionService,
  plan: RememberPlan,
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  const [memories, facts] = await Promise.all([
    prepareMemories(plan, signal),
    prepareFactsOf(context, beliefs, plan, signal),
  ]);
  return { memories, ...facts };
}

async function prepareMemories(
  plan: RememberPlan,
  signal: AbortSignal | undefined,
): Promise<MemoryInput[]> {
  if (plan.skipped.has("vector")) return [];
  const user = plan.args.userMessage.content;
  const agent = plan.args.agentMessage.content;
  const replies = plan.storeReply ? [agent] : [];
  const embed = async (texts: string[]) =>
    await plan.embed?.(texts, signal) ?? [];
  if (!plan.extractContent) {
    return toMemories(plan, null, await embed([user, ...replies]));
  }
  const content = (async () => await plan.extractContent!(user, agent))();
  const [ofUser, ofReply] = await Promise.all([
    content.then((content) => embed([isText(content) ? content : user])),
    embed(replies),
  ]);
  return toMemories(plan, await content, [ofUser[0], ofReply[0]]);
}

function toMemories(
  plan: RememberPlan,
  content: string | null,
  embeddings: readonly (number[] | undefined)[],
): MemoryInput[] {
  if (plan.skipped.has("vector")) return [];
  const summarized = isText(content);
  const memories: MemoryInput[] = [{
    memoryId: createId("mem"),
    messageRole: "user",
    content: summarized ? content : plan.args.userMessage.content,
    contentType: summarized ? "summarized" : "raw",
    sourceTimestamp: plan.args.userMessage.timestamp,
    embedding: embeddings[0],
  }];
  if (plan.storeReply) {
    memories.push({
      memoryId: createId("mem"),
      messageRole: "agent",
      content: plan.args.agentMessage.content,
      contentType: "raw",
      sourceTimestamp: plan.args.agentMessage.timestamp,
      embedding: embeddings[1],
    });
  }
  return memories;
}

/**
 * Finds the facts and, where wanted, their vectors and what a language model decides about them. If these cannot be
 * obtained, the exchange is stored without them.
 */
async function prepareFactsOf(
  { logger }: ApiContext,
  beliefs: BeliefRevisionService,
  plan: RememberPlan,
  signal: AbortSignal | undefined,
): Promise<Omit<Prepared, "memories">> {
  const { args } = plan;
  const { found, error } = await extract(
    logger,
    () =>
      plan.extractFacts?.(args.userMessage.content, args.agentMessage.content),
  );
  const prepared: Omit<Prepared, "memories"> = {
    ...prepareFacts(found, {
      subject: args.userId ?? args.agentId,
      tags: args.tags,
    }),
    factsError: error,
  };
  const { facts } = prepared;
  if (facts.length === 0) return prepared;
  try {
    prepared.revision = await addKnowledge(beliefs, plan, facts, signal);
  } catch (error) {
    signal?.throwIfAborted();
    logger.error(
      "Facts are stored without vectors and without a model's decisions",
      error,
    );
    if (args.factMode === "revise") {
      prepared.revision = { revision: beliefs.revisionArgs(plan.beliefs) };
    }
  }
  return prepared;
}

/** Adds vectors and a model's decisions to the facts themselves, and returns what else the backend needs. */
async function addKnowledge(
  beliefs: BeliefRevisionService,
  plan: RememberPlan,
  facts: FactInput[],
  signal: AbortSignal | undefined,
): Promise<Partial<RevisionArgs>> {
  if (plan.args.factMode === "revise") {
    const { facts: prepared, ...revision } = await beliefs.prepare(
      plan.args,
      facts,
      plan.beliefs,
      signal,
    );
    facts.forEach((fact, at) => Object.assign(fact, prepared[at]));
    return revision;
  }
  const { embedFacts, args: { factMode } } = plan;
  const factTypes = facts.map(({ factType }) => factType);
  const [vectors, embeddings] = await Promise.all([
    embedFacts?.(facts.map(({ fact }) => fact), signal),
    beliefs.embeddings.late(
      { ...plan.args, factTypes },
      factMode === "semantic" ? embedFacts : undefined,
      signal,
    ),
  ]);
  facts.forEach((fact, at) =>
    Object.assign(fact, { embedding: vectors?.[at] })
  );
  return { embeddings };
}
