import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { modules } from "../fixtures/client_backend.ts";

/** An engine in memory with the functions of the client's contract cases. */
export function openClientEngine(): Engine {
  const schema = defineSchema({ log: defineTable({ text: v.string() }) });
  return openEngine({
    // Convex hides this method from its types.
    schema: schema as unknown as { export(): string },
    modules,
    store: openMemoryStore(),
  });
}
