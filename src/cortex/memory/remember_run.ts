/**
 * Reports the progress of a `remember` to its observer. Everything is written in one transaction, so layers are
 * reported after the commit.
 */
import { compact } from "../calls/api_context.ts";
import { createId } from "../calls/ids.ts";
import type { RememberPlan } from "./remember_plan.ts";
import { cut } from "../rules/rules.ts";
import type { Logger } from "../types/config.ts";
import type { RememberResult } from "../types/memory.ts";
import type {
  LayerEvent,
  LayerStatus,
  MemoryLayer,
  OrchestrationObserver,
} from "../types/observer.ts";

type Details = Omit<LayerEvent, "layer" | "status" | "timestamp" | "latencyMs">;

/** One run of `remember`, as its observer sees it. Without an observer every method does nothing. */
export class RememberRun {
  readonly #observer: OrchestrationObserver | undefined;
  readonly #logger: Logger;
  readonly #startMs = Date.now();
  readonly #id: string = "";
  readonly #layers = {} as Record<MemoryLayer, LayerEvent>;

  /** Tells the observer that the run starts. */
  constructor(observer: OrchestrationObserver | undefined, logger: Logger) {
    this.#observer = observer;
    this.#logger = logger;
    if (!observer) return;
    this.#id = createId("orch", this.#startMs);
    this.#tell(() => observer.onOrchestrationStart?.(this.#id));
  }

  /** A layer that failed before anything was written. */
  failed(layer: MemoryLayer, error: unknown): void {
    if (!this.#observer) return;
    const { message, code } = Object(error) as Record<string, unknown>;
    this.#emit(layer, "in_progress");
    this.#emit(layer, "error", {
      error: {
        message: String(message ?? error),
        ...typeof code === "string" ? { code } : {},
      },
    });
  }

  /** The transaction was refused: nothing was written. */
  rejected(plan: RememberPlan, error: unknown): void {
    const code = String((error as { code?: unknown } | null)?.code);
    this.failed(
      code.startsWith("MEMORYSPACE_")
        ? "memorySpace"
        : plan.skipped.has("conversations")
        ? "vector"
        : "conversation",
      error,
    );
  }

  /** After the commit: reports each layer in order, then that the run is complete. */
  committed(
    plan: RememberPlan,
    result: RememberResult,
    factsError: unknown,
  ): void {
    const observer = this.#observer;
    if (!observer) return;
    const { skipped, args } = plan;
    this.#layer("memorySpace", true, stored(args.memorySpaceId));
    this.#layer(
      "user",
      !skipped.has("users") && args.userId !== undefined,
      stored(args.userId, args.userName),
    );
    this.#layer("agent", !skipped.has("agents"), stored(args.agentId));
    const [userMsgId, agentMsgId] = result.conversation.messageIds;
    this.#layer(
      "conversation",
      !skipped.has("conversations"),
      stored(args.conversationId, args.userMessage.content, {
        userMsgId,
        agentMsgId,
      }),
    );
    const memoryIds = result.memories.map(({ memoryId }) => memoryId);
    this.#layer(
      "vector",
      !skipped.has("vector"),
      stored(memoryIds[0], result.memories[0]?.content, { memoryIds }),
    );
    const factIds = result.facts.map(({ factId }) => factId);
    if (factsError === undefined) {
      const last = result.factRevisions?.at(-1);
      this.#layer("facts", plan.extractFacts !== undefined, {
        ...stored(factIds[0], result.facts[0]?.fact, { factIds }),
        revisionAction: last?.action,
        supersededFacts: last?.superseded?.map(({ factId }) => factId),
      });
    } else this.failed("facts", factsError);
    this.#layer("graph", false);
    this.#tell(() =>
      observer.onOrchestrationComplete?.({
        orchestrationId: this.#id,
        totalLatencyMs: Date.now() - this.#startMs,
        layers: this.#layers,
        createdIds: {
          conversationId: result.conversation.conversationId,
          memoryIds,
          factIds,
        },
      })
    );
  }

  #layer(layer: MemoryLayer, active: boolean, details: Details = {}): void {
    if (!active) return this.#emit(layer, "skipped");
    this.#emit(layer, "in_progress");
    this.#emit(layer, "complete", details);
  }

  #emit(layer: MemoryLayer, status: LayerStatus, details: Details = {}): void {
    const timestamp = Date.now();
    const event: LayerEvent = {
      layer,
      status,
      timestamp,
      latencyMs: timestamp - this.#startMs,
      ...details,
    };
    this.#layers[layer] = event;
    this.#tell(() => this.#observer?.onLayerUpdate?.(event));
  }

  /** An observer is not awaited, and an error that it throws is only logged. */
  async #tell(call: () => void | Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#logger.warn("An observer of remember failed", error);
    }
  }
}

/** What a layer stored: its id, the beginning of its text, and further ids. */
function stored(
  id: string | undefined,
  preview: string | undefined = id,
  metadata?: Record<string, unknown>,
): Details {
  return {
    data: compact({ id, preview: preview && cut(preview), metadata }),
  };
}
