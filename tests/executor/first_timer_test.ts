import { assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";

// Alone in its file: only the first timer of a program lets microtasks run while it is made.
Deno.test({
  name: "a task whose timeout is the program's first timer leaves at once",
  // The worker that is ending outlives the case by some milliseconds.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using executor = createExecutor({ handler: (n: number) => n + 1 });
    assertEquals(await executor.run(1, { timeoutMs: 20_000 }), 2);
  },
});
