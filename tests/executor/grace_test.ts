import { Grace } from "../../src/executor/pool/grace.ts";
import { HeldTasks } from "../../src/executor/pool/held_tasks.ts";
import { WorkerProgress } from "../../src/executor/pool/worker_progress.ts";
import { taskOf } from "./pending.ts";

// Deno's own check of timers fails it otherwise: the timer would keep the whole pool in memory for as long.
Deno.test("no timer outlives a worker with a task that was given up", () => {
  const held = new HeldTasks(() => {});
  const progress = new WorkerProgress(() => {});
  const events = { idleMs: () => 60_000, end() {} };
  const grace = new Grace(held, progress, events);
  const extras = { priority: 0, attempts: 1 };
  grace.watch({ ...taskOf(1), extras });
  grace.stop();
});
