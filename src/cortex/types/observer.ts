/** What an observer of `remember` is told. */
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

/** How far a layer is. */
export type LayerStatus =
  | "pending"
  | "in_progress"
  | "complete"
  | "error"
  | "skipped";

/** A layer's change of status. */
export interface LayerEvent {
  /** The layer. */
  layer: MemoryLayer;
  /** How far it is. */
  status: LayerStatus;
  /** When, in ms since the Unix epoch. */
  timestamp: number;
  /** Time since the start of the run, in ms. */
  latencyMs?: number;
  /** What was written. */
  data?: {
    /** Id of the (first) record. */
    id?: string;
    /** Its beginning, for people. */
    preview?: string;
    /** Further ids. */
    metadata?: Record<string, unknown>;
  };
  /** What went wrong. */
  error?: { message: string; code?: string };
  /** What belief revision did with the last fact. */
  revisionAction?: RevisionAction;
  /** Facts whose place the last fact took. */
  supersededFacts?: string[];
}

/** A finished run. */
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

/** Told of each step of a `remember`. Not awaited; what it throws is logged. */
export interface OrchestrationObserver {
  /** Called once, first. */
  onOrchestrationStart?: (orchestrationId: string) => void | Promise<void>;
  /** Called for each layer: `in_progress` and `complete` or `error`, or `skipped` alone. */
  onLayerUpdate?: (event: LayerEvent) => void | Promise<void>;
  /** Called once, last, unless the call rejects. */
  onOrchestrationComplete?: (
    summary: OrchestrationSummary,
  ) => void | Promise<void>;
}
