/** Tables of counters. */
import { defineTable } from "convex/server";
import { v } from "convex/values";

/** Exact totals, each the sum of its shards; `lib/counters.ts` says how they are named. */
export const counters = defineTable({
  /** Group: a memory space, a table, a type of records. */
  scope: v.string(),
  key: v.string(),
  /** 0 to 7. */
  shard: v.number(),
  value: v.number(),
}).index("by_scope_key", ["scope", "key", "shard"]);
