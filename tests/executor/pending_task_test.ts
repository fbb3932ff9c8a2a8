import { assertEquals } from "@std/assert";
import { prepareAgain } from "../../src/executor/pool/pending_task.ts";
import { taskOf } from "./pending.ts";

/** How often a task of dying workers is sent, which each of them begins or does not. */
function timesSent(
  begins: boolean[],
  idempotent: boolean,
  { worker, hasBegun = true }: { worker?: number; hasBegun?: boolean } = {},
): number {
  const extras = { priority: 0, idempotent, attempts: 0, worker };
  const task = taskOf(1, extras);
  for (const [at, isBegun] of begins.entries()) {
    task.state = "running";
    extras.attempts++;
    if (!prepareAgain(task, !isBegun, isBegun || hasBegun)) return at + 1;
  }
  return begins.length + 1;
}

Deno.test("only a worker that began a task counts against it", () => {
  const [begun, not] = [true, false];
  assertEquals(timesSent([not, not, not, not, not], false), 6);
  assertEquals(timesSent([not, not, not, begun], false), 4);
  assertEquals(timesSent([begun, begun, begun, begun], true), 3);
  assertEquals(timesSent([not, begun, not, begun, not, begun], true), 6);
});

Deno.test("a task pinned to a worker that begins nothing does not wait for ever", () => {
  const never = [false, false, false, false];
  const hasBegun = false;
  assertEquals(timesSent(never, false, { worker: 1, hasBegun }), 3);
  assertEquals(timesSent(never, false, { worker: 1 }), 5);
  assertEquals(timesSent(never, false, { hasBegun }), 5);
});
