/** The whole surface: a program that calls every method of the facade with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../cortex/cortex.ts";
import { methodsOf } from "./facade_methods.ts";
import { type FacadeSubject, silent } from "./facade_subject.ts";
import { callConversations, callFacts } from "./facade_surface_facts.ts";
import { callMemory, callVector } from "./facade_surface_memory.ts";
import { callAgents, callUsers } from "./facade_surface_owners.ts";
import {
  callImmutable,
  callMemorySpaces,
  callMutable,
} from "./facade_surface_records.ts";
import { tenantId } from "./facade_surface_support.ts";
import type { ContractCase } from "./types.ts";

const programs: Record<string, (cortex: Cortex) => Promise<void>> = {
  memory: callMemory,
  vector: callVector,
  conversations: callConversations,
  facts: callFacts,
  immutable: callImmutable,
  mutable: callMutable,
  memorySpaces: callMemorySpaces,
  users: callUsers,
  agents: callAgents,
};

/** One case a module: it runs, and leaves out no method. */
export const surfaceContract: ContractCase<FacadeSubject>[] = Object
  .entries(programs).map(([module, program]) => ({
    name: `the surface of ${module}: every method takes every parameter`,
    async run(subject) {
      await using cortex = subject.open({
        logger: silent,
        auth: { userId: "me", tenantId, organizationId: "org" },
      });
      const { watched, called } = watch(cortex, module);
      await program(watched);
      assertEquals([...called].sort(), methodsOf(module).sort());
    },
  }));

/** The same `Cortex`, and which methods of a module are called. */
function watch(
  cortex: Cortex,
  module: string,
): { watched: Cortex; called: Set<string> } {
  const called = new Set<string>();
  const methods = cortex[module as "facts"];
  const watchedMethods = new Proxy(methods, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        called.add(String(name));
        return Reflect.apply(method, target, args);
      };
    },
  });
  const watched = { [module]: watchedMethods } as unknown as Cortex;
  return { watched, called };
}
