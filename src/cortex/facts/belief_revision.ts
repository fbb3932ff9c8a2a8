/**
 * Belief revision: what to do with a new fact given the known ones, decided by slots, similarity or a language model.
 */
import { DECISION_TIMEOUT_MS, MAX_ASKED_FACTS } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { pick } from "../calls/pick.ts";
import { compact } from "../calls/api_context.ts";
import type { CallArgs } from "../calls/calls.ts";
import { decisionFault, parseConflictDecision } from "./conflict_decision.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import type { ConflictQuestion } from "../../convex/lib/facts/conflictPrompts.ts";
import { asOne, within } from "../calls/deadline.ts";
import type { EmbedTexts } from "../calls/embedding.ts";
import { FactEmbeddings, type LateEmbedding } from "./fact_embeddings.ts";
import { createId } from "../calls/ids.ts";
import { sourceRefArgs } from "./source_ref_args.ts";
import type { CallControls, WriteControls } from "../types/common.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
  ConflictCandidate,
  ConflictCheckResult,
  ConflictDecision,
  ReviseParams,
  ReviseResult,
} from "../types/fact_belief.ts";

/** The prompts for the model: one per new fact, or null if no known fact concerns it. */
interface Questions {
  system: string;
  questions: (ConflictQuestion | null)[];
}

/** A space, and the user whose facts are compared. */
export interface BeliefScope {
  memorySpaceId: string;
  tenantId?: string | undefined;
  userId?: string | undefined;
}

/** Settings of one call that override the configuration. */
export interface BeliefOverrides {
  slotMatching?: boolean | undefined;
  llmResolution?: boolean | undefined;
  /** How facts with the same meaning are found. */
  strategy?: "exact" | "structural" | "semantic" | undefined;
  /** Makes the vectors instead of the configured embedder; null: do not use the facade's either. */
  embed?: EmbedTexts | null | undefined;
  /** False where the fact's type is unknown. */
  subjectTypeMatching?: boolean;
  /** Shows the model what every stage finds, not only the first one that finds something. */
  all?: boolean;
}

/** What is sent to the backend along with the facts. */
export interface RevisionArgs {
  revision: CallArgs;
  embeddings: LateEmbedding[];
}

/** What is added to a new fact before the backend sees it. */
export interface PreparedFact {
  embedding?: number[];
  decision?: ConflictDecision;
}

/**
 * Decides what to do with new facts, over a client or the context of a `Cortex`. `cortex.facts` and `cortex.memory`
 * share one instance, and check its arguments.
 */
export class BeliefRevisionService extends ApiModule {
  /**
   * Makes and keeps the vectors.
   *
   * @internal
   */
  readonly embeddings: FactEmbeddings;
  /** The model given to the constructor. */
  readonly #firstClient: BeliefRevisionLLMClient | null | undefined;
  #llmClient: BeliefRevisionLLMClient | null | undefined;
  #config: BeliefRevisionConfig;

  /** Does no I/O. A graph adapter is accepted, but has no effect yet. */
  constructor(
    client: ContextSource,
    llmClient?: BeliefRevisionLLMClient | null,
    graphAdapter?: object | null,
    config?: BeliefRevisionConfig | null,
  ) {
    super(contextOf(client, { graph: graphAdapter }));
    this.embeddings = new FactEmbeddings(this.calls.context);
    this.#firstClient = this.#llmClient = llmClient;
    this.#config = config ?? {};
  }

  /** Returns a copy of the configuration. */
  getConfig(): BeliefRevisionConfig {
    return { ...this.#config };
  }

  /** Replaces the given parts of the configuration. */
  updateConfig(config: BeliefRevisionConfig): void {
    this.#config = { ...this.#config, ...config };
  }

  /** Replaces the whole configuration. Without a model, the one given to the constructor decides. */
  configure(
    llmClient?: BeliefRevisionLLMClient | null,
    config?: BeliefRevisionConfig | null,
  ): void {
    this.#llmClient = llmClient ?? this.#firstClient;
    this.#config = { ...config };
  }

  /** Stores a fact by belief revision. */
  async revise(
    params: ReviseParams,
    controls?: WriteControls,
  ): Promise<ReviseResult> {
    const { fact, memorySpaceId, tenantId, userId } = params;
    return await asOne(controls, async (each) => {
      const { facts: [prepared], ...revision } = await this.prepare(
        { memorySpaceId, tenantId, userId },
        [fact],
        ifUntyped(fact),
        each.signal,
      );
      const { pipeline, ...result } = await this.calls.mutation<ReviseResult>(
        "facts:revise",
        {
          memorySpaceId,
          tenantId,
          userId,
          participantId: params.participantId,
          ...candidateArgs(fact),
          factId: createId("fact"),
          tags: fact.tags ?? [],
          sourceType: params.sourceType ?? "conversation",
          ...sourceRefArgs(params.sourceRef),
          ...prepared,
          ...revision,
        },
        { ...each, asked: params },
      );
      return {
        ...result,
        pipeline: {
          ...pipeline,
          llmResolution: {
            executed: prepared?.decision !== undefined,
            decision: result.action,
          },
        },
      };
    });
  }

  /** Reports which facts a new one would conflict with; writes nothing. */
  async checkConflicts(
    params: ReviseParams,
    controls?: CallControls,
  ): Promise<ConflictCheckResult> {
    const { fact, memorySpaceId, tenantId, userId } = params;
    const scope = { memorySpaceId, tenantId, userId };
    return await within(controls, async (signal) => {
      const { facts: [prepared], ...revision } = await this.prepare(
        scope,
        [fact],
        { ...ifUntyped(fact), all: true },
        signal,
      );
      const found = await this.calls.query<ConflictCheckResult>(
        "facts:checkConflicts",
        {
          ...scope,
          fact: {
            ...candidateArgs(fact),
            ...compact({
              embedding: prepared?.embedding,
            }),
          },
          ...revision,
        },
        { signal },
      );
      const decided = prepared?.decision;
      return decided === undefined ? found : {
        ...found,
        recommendedAction: decided.action,
        reason: decided.reason,
      };
    });
  }

  /**
   * Makes vectors and asks the model, so that the backend can do the rest in one transaction. Without either it makes
   * no call; otherwise it costs one round trip, and another if stored facts had no vectors yet.
   *
   * @internal
   */
  async prepare(
    scope: BeliefScope,
    facts: readonly (ConflictCandidate & PreparedFact)[],
    overrides: BeliefOverrides,
    signal: AbortSignal | undefined,
  ): Promise<RevisionArgs & { facts: PreparedFact[] }> {
    const revision = this.revisionArgs(overrides);
    const embed = this.#embedder(overrides);
    const vectors = await embed?.(facts.map(({ fact }) => fact), signal) ?? [];
    const sought = facts.map((fact, at) => ({
      ...candidateArgs(fact),
      ...compact({ embedding: fact.embedding ?? vectors[at] }),
    }));
    const ask = async (embeddings: LateEmbedding[]) => {
      const { memorySpaceId, tenantId, userId } = scope;
      const { all } = overrides;
      const args = {
        memorySpaceId,
        tenantId,
        userId,
        embeddings,
        revision,
        all,
      };
      const asked = await Promise.all(
        chunksOf(sought, MAX_ASKED_FACTS).map((facts) =>
          this.#questions({ ...args, facts }, signal)
        ),
      );
      return asked.flat();
    };
    const asksModel = this.#asksModel(overrides) && facts.length > 0;
    const factTypes = facts.map(({ factType }) => factType ?? "custom");
    // Asked at once: usually every stored fact has its vector, and the questions are final.
    const [embeddings, first] = await Promise.all([
      this.embeddings.late(
        { ...scope, factTypes },
        this.#compares(overrides) ? embed : undefined,
        signal,
      ),
      asksModel ? ask([]) : [],
    ]);
    const questions = asksModel && embeddings.length > 0
      ? await ask(embeddings)
      : first;
    const decisions = await Promise.all(
      questions.map((question) =>
        question ? this.#decide(question, signal) : undefined
      ),
    );
    return {
      revision,
      embeddings,
      facts: sought.map(({ embedding }, at) =>
        compact({ embedding, decision: decisions[at] }) as PreparedFact
      ),
    };
  }

  /** The question on each new fact that the model decides, null for the others. */
  async #questions(args: CallArgs, signal: AbortSignal | undefined) {
    const { system, questions } = await this.calls.query<Questions>(
      "facts:candidates",
      args,
      { signal },
    );
    return questions.map((question) => question && { system, ...question });
  }

  /**
   * Returns the arguments that tell the backend how to revise.
   *
   * @internal
   */
  revisionArgs(overrides: BeliefOverrides): CallArgs {
    const { slotMatching, strategy, subjectTypeMatching } = overrides;
    const { slotMatching: slots, semanticMatching: near, history } =
      this.#config;
    return compact({
      slotMatching: slotMatching === false ? false : slots?.enabled,
      predicateClasses: slots?.predicateClasses,
      semanticMatching: near?.enabled,
      threshold: near?.threshold,
      limit: near?.limit,
      subjectTypeMatching,
      history: history?.enabled,
      strategy,
    });
  }

  #asksModel({ llmResolution = true }: BeliefOverrides): boolean {
    return this.#llmClient != null && llmResolution &&
      this.#config.llmResolution?.enabled !== false;
  }

  #embedder({ embed, ...overrides }: BeliefOverrides): EmbedTexts | undefined {
    if (embed) return embed;
    if (!this.#compares(overrides)) return undefined;
    const { generateEmbedding } = this.#config.semanticMatching ?? {};
    return embed === null && generateEmbedding === undefined
      ? undefined
      : this.embeddings.maker(generateEmbedding);
  }

  /** Returns whether facts are compared by meaning. */
  #compares({ strategy = "semantic" }: BeliefOverrides): boolean {
    return this.#config.semanticMatching?.enabled !== false &&
      strategy === "semantic";
  }

  async #decide(
    { system, prompt, factIds }: ConflictQuestion & { system: string },
    signal: AbortSignal | undefined,
  ): Promise<ConflictDecision | undefined> {
    try {
      const answer = await within(
        { timeoutMs: DECISION_TIMEOUT_MS, signal },
        async () =>
          await this.#llmClient!.complete({
            system,
            prompt,
            responseFormat: "json",
            ...compact({ model: this.#config.llmResolution?.model }),
          }),
      );
      const decision = parseConflictDecision(answer);
      const fault = decisionFault(decision, factIds);
      if (fault !== undefined) throw new RangeError(fault);
      return decision;
    } catch (error) {
      signal?.throwIfAborted();
      this.calls.context.logger.warn(
        "The model gave no decision: heuristics decide",
        error,
      );
    }
  }
}

/** For a fact of unknown type: that facts are not compared by type. */
function ifUntyped({ factType }: ConflictCandidate): BeliefOverrides {
  return factType === undefined ? { subjectTypeMatching: false } : {};
}

function candidateArgs(fact: ConflictCandidate) {
  return {
    ...pick(fact, "fact", "confidence"),
    factType: fact.factType ?? "custom",
    ...compact(pick(fact, "subject", "predicate", "object")),
  };
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from(
    { length: Math.ceil(items.length / size) },
    (_, at) => items.slice(at * size, (at + 1) * size),
  );
}
