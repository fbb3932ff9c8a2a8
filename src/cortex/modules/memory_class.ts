/** `cortex.memory` alone; its constructor also takes an extractor of facts. */
import type { ContextSource } from "../calls/context_source.ts";
import { BeliefRevisionService } from "../facts/belief_revision.ts";
import { MemoryAPI } from "../memory/memory_api.ts";
import type { AuthContext, LLMConfig } from "../types/config.ts";
import { contextAlone, type ModuleClass } from "./module_class.ts";

/** What `MemoryAPI` takes besides its client. */
export interface MemoryDependencies {
  /** Who is calling. Default: no user and no tenant. */
  authContext?: AuthContext | null | undefined;
  /** Like the option `llm` of `Cortex`: extracts the facts of a `remember` that brings no extractor. */
  llm?: LLMConfig | undefined;
  /** Has no effect: spaces are registered in the same transaction. */
  memorySpaces?: object | null | undefined;
  /** Has no effect: users are registered in the same transaction. */
  users?: object | null | undefined;
  /** Has no effect: agents are registered in the same transaction. */
  agents?: object | null | undefined;
}

/** The class whose instances make their calls through a client. */
export function memoryClass(): ModuleClass<MemoryAPI, MemoryDependencies> {
  const Alone = function (
    client: ContextSource,
    graph?: object | null,
    resilience?: object | null,
    dependencies?: MemoryDependencies | null,
  ) {
    const { authContext: auth, llm } = dependencies ?? {};
    const context = contextAlone(client, { graph, resilience, auth, llm });
    return Reflect.construct(
      MemoryAPI,
      [context, new BeliefRevisionService(context)],
      new.target,
    );
  };
  Alone.prototype = MemoryAPI.prototype;
  return Alone as never;
}
