/** Tables of writes that carried an idempotency key. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { scoped } from "./common.ts";

/** Answers of keyed mutations, kept as long as repeats get the same answer. */
export const idempotencyKeys = defineTable({
  ...scoped,
  key: v.string(),
  /** SHA-256 of the caller's token identifier, if it is verified. */
  caller: v.optional(v.string()),
  /** Name of the mutation. */
  function: v.string(),
  /** SHA-256 of its arguments. */
  argsHash: v.string(),
  /** Its result as JSON text; in `idempotencyParts` if it is too long for a row. */
  result: v.string(),
  expiresAt: v.number(),
})
  .index("by_tenant_caller_key", ["tenantId", "caller", "key"])
  .index("by_expires", ["expiresAt"]);

/** The parts of a long result, in order. */
export const idempotencyParts = defineTable({
  keyDocId: v.id("idempotencyKeys"),
  part: v.number(),
  text: v.string(),
}).index("by_key", ["keyDocId", "part"]);

/** The things that a kept result mentions, so that it is erased with them: `user:ada`, `conversation:c-1`, … */
export const idempotencyTraces = defineTable({
  ...scoped,
  keyDocId: v.id("idempotencyKeys"),
  trace: v.string(),
})
  .index("by_tenant_trace", ["tenantId", "trace"])
  .index("by_key", ["keyDocId"]);
