import type { Engine } from "../engine/engine.ts";

/** What is served: an engine of `@cortex/memory/embedded`, or whatever has this part of one. */
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
