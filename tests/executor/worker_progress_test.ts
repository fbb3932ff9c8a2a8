import { assertEquals } from "@std/assert";
import { WorkerProgress } from "../../src/executor/pool/worker_progress.ts";
import { Service } from "../../src/executor/worker/service.ts";
import { SharedLane } from "../../src/executor/wire/shared_lane.ts";
import { taskOf } from "./pending.ts";

const ignore = () => {};

Deno.test("each task of a worker that is ended has begun or has not, though the worker goes on", () => {
  const progress = new WorkerProgress(ignore);
  // Begins a task each time that it is read.
  let started = -5;
  progress.lane = {
    get started() {
      return started++;
    },
  } as SharedLane;
  const tasks = Array.from({ length: 9 }, (_, at) => {
    const task = taskOf(at);
    task.seq = at;
    return task;
  });
  const [begun, unbegun] = progress.partition(tasks);
  assertEquals([...begun, ...unbegun], tasks);
});

Deno.test("a worker that is about to be ended begins no task that the pool takes for one that did not begin", async () => {
  const lane = SharedLane.open()!;
  const ran: unknown[] = [];
  const handle = (task: unknown) => {
    ran.push(task);
    if (task === 2) lane.halt();
  };
  const service = new Service(() => ({ handle }), ignore);
  service.receive({ cortex: "init", init: undefined, memory: lane.memory });
  await new Promise((resolve) => setTimeout(resolve));
  service.receive({ cortex: "run", first: 1, tasks: [1, 2, 3, 4] });
  assertEquals(ran, [1, 2]);
});

Deno.test("a worker that has ended itself begins no further task, though its code goes on", async () => {
  for (const lane of [SharedLane.open(), undefined]) {
    const ran: unknown[] = [];
    const handle = (task: unknown) => {
      ran.push(task);
      if (task === 2) service.farewell("close()");
    };
    const service = new Service(() => ({ handle }), ignore);
    const memory = lane ? { memory: lane.memory } : {};
    service.receive({ cortex: "init", init: undefined, ...memory });
    await new Promise((resolve) => setTimeout(resolve));
    service.receive({ cortex: "run", first: 1, tasks: [1, 2, 3, 4] });
    service.receive({ cortex: "run", first: 5, tasks: [5] });
    assertEquals(ran, [1, 2]);
    if (lane) assertEquals(lane.started, 2);
  }
});
