import type { Engine } from "../engine/engine.ts";

/** The part of an engine that a server needs: any engine of `@cortex/memory/embedded` has it. */
export type ServedEngine =
  & Pick<
    Engine,
    "run" | "follow" | "timestamp" | "holdTimestamp" | "files" | "fetch"
  >
  & Partial<
    Pick<
      Engine,
      | "changes"
      | "importData"
      | "jwks"
      | "observe"
      | "refresh"
      | "schema"
      | "tableSize"
      | "tables"
    >
  >;
