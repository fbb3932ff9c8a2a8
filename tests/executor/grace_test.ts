import { assertEquals } from "@std/assert";
import { Grace } from "../../src/executor/pool/grace.ts";
import { HeldTasks } from "../../src/executor/pool/held_tasks.ts";
import { WorkerProgress } from "../../src/executor/pool/worker_progress.ts";
import { taskOf } from "./pending.ts";

// It would keep the whole pool in memory for as long. Deno's own check does not count timers that let the process end.
Deno.test("no timer outlives a worker with a task that was given up", () => {
  const { clearTimeout } = globalThis;
  let stopped = 0;
  globalThis.clearTimeout = (id) => {
    stopped++;
    clearTimeout(id);
  };
  try {
    const held = new HeldTasks(() => {});
    const progress = new WorkerProgress(() => {});
    const events = { idleMs: () => 60_000, end() {} };
    const grace = new Grace(held, progress, events);
    grace.watch(taskOf(1, { priority: 0, attempts: 1 }));
    grace.stop();
    assertEquals(stopped, 1);
  } finally {
    globalThis.clearTimeout = clearTimeout;
  }
});
