/** What the API modules of one `Cortex` share. */
import { ApiContext, type ApiContextOptions } from "./calls/api_context.ts";
import { BeliefRevisionService } from "./facts/belief_revision.ts";

/** The context of a `Cortex`, and what decides about its new facts. */
export interface Shared {
  /** Makes the calls. */
  context: ApiContext;
  /** Configured by `cortex.facts`, asked by `cortex.memory` as well. */
  beliefs: BeliefRevisionService;
}

/** Makes it; does no I/O. */
export function openShared(options: ApiContextOptions): Shared {
  const context = new ApiContext(options);
  return { context, beliefs: new BeliefRevisionService(context) };
}
