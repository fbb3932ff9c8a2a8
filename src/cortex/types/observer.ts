/** What an observer of `remember` receives. */
import type { RevisionAction } from "./facts.ts";

/** A layer that `remember` writes. */
export type MemoryLayer =
  | "memorySpace"
  | "user"
  | "agent"
  | "conversation"
  | "vector"
  | "facts"
  | "graph";

/** The status of a layer. */
export type LayerStatus =
  | "pending"
  | "in_progress"
  | "complete"
  | "error"
  | "skipped";

/** A layer changed its status. */
export interface LayerEvent {
  /** The layer. */
  layer: MemoryLayer;
  /** Its new status. */
  status: LayerStatus;
  /** When, in ms since the Unix epoch. */
  timestamp: number;
  /** Time since the start of the run, in ms. */
  latencyMs?: number;
  /** What was written. */
  data?: {
    /** Id of the (first) record. */
    id?: string;
    /** Its first words, for display. */
    preview?: string;
    /** Further ids. */
    metadata?: Record<string, unknown>;
  };
  /** What went wrong. */
  error?: { message: string; code?: string };
  /** What belief revision did with the last fact. */
  revisionAction?: RevisionAction;
  /** Ids of the facts that the last one superseded. */
  supersededFacts?: string[];
}

/** Summary of a finished `remember`. */
export interface OrchestrationSummary {
  /** `orch-…`, as given to `onOrchestrationStart`. */
  orchestrationId: string;
  /** Time of the whole run, in ms. */
  totalLatencyMs: number;
  /** The last event of each layer. */
  layers: Record<MemoryLayer, LayerEvent>;
  /** What was written. */
  createdIds: {
    /** The conversation. */
    conversationId?: string;
    /** The memories. */
    memoryIds?: string[];
    /** The facts. */
    factIds?: string[];
  };
}

/** Receives each step of a `remember`. Not awaited; errors it throws are logged. */
export interface OrchestrationObserver {
  /** Called once, at the start. */
  onOrchestrationStart?:
    | ((orchestrationId: string) => void | Promise<void>)
    | undefined;
  /** Called for each layer: `in_progress` and `complete` or `error`, or `skipped` alone. */
  onLayerUpdate?: ((event: LayerEvent) => void | Promise<void>) | undefined;
  /** Called once, at the end, unless the call rejects. */
  onOrchestrationComplete?:
    | ((summary: OrchestrationSummary) => void | Promise<void>)
    | undefined;
}
