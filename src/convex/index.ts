/**
 * The backend as the embedded engine loads it: its schema and its modules by the names that function paths begin with.
 *
 * @module
 */
import * as agents from "./agents.ts";
import * as batch from "./batch.ts";
import * as conversations from "./conversations.ts";
import * as crons from "./crons.ts";
import * as factHistory from "./factHistory.ts";
import * as facts from "./facts.ts";
import * as idempotency from "./idempotency.ts";
import * as immutable from "./immutable.ts";
import * as memories from "./memories.ts";
import * as memory from "./memory.ts";
import * as memorySpaces from "./memorySpaces.ts";
import * as mutable from "./mutable.ts";
import * as recall from "./recall.ts";
import definition from "./schema.ts";
import * as transfer from "./transfer.ts";
import * as users from "./users.ts";

/** The schema: what `defineSchema` made. */
export const schema: object = definition;

/** Modules by name: `modules.memory.remember` is the function `memory:remember`. */
export const modules: Record<string, Record<string, unknown>> = {
  agents,
  batch,
  conversations,
  crons,
  factHistory,
  facts,
  idempotency,
  immutable,
  memories,
  memory,
  memorySpaces,
  mutable,
  recall,
  transfer,
  users,
};
