/** The whole surface: a program that calls every method of the facade with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import { methodsOf } from "./methods.ts";
import { type FacadeSubject, silent } from "../subject.ts";
import { callConversations, callFacts } from "./surface_facts.ts";
import { callMemory, callVector } from "./surface_memory.ts";
import { callAgents, callUsers } from "./surface_owners.ts";
import {
  callImmutable,
  callMemorySpaces,
  callMutable,
} from "./surface_records.ts";
import { tenantId } from "./surface_support.ts";
import type { ContractCase } from "../../types.ts";

/** For each module, a program that calls every method with every parameter. */
export const surfacePrograms: Readonly<
  Record<string, (cortex: Cortex) => Promise<void>>
> = {
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

/** One case per module: the program runs, and leaves out no method. */
export const surfaceContract: ContractCase<FacadeSubject>[] = Object
  .entries(surfacePrograms).map(([module, program]) => ({
    name: `the surface of ${module}: every method takes every parameter`,
    async run(subject) {
      await using cortex = subject.open({
        logger: silent,
        auth: { userId: "me", tenantId, organizationId: "org" },
      });
      const called = new Set<string>();
      await program(watch(cortex, module, (name) => called.add(name)));
      assertEquals([...called].sort(), methodsOf(module).sort());
    },
  }));

/** Wraps a `Cortex` so that `note` is called for each call of a method. */
export function watch(
  cortex: Cortex,
  module: string,
  note: (name: string, args: unknown[]) => void,
): Cortex {
  const methods = cortex[module as "facts"];
  const watchedMethods = new Proxy(methods, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        note(String(name), args);
        return Reflect.apply(method, target, args);
      };
    },
  });
  return { [module]: watchedMethods } as unknown as Cortex;
}
