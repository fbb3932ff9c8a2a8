/** Opens and closes executors, a number per round, and prints the memory of the process after each round, in MB. */
import { assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import { executorWorkerCode } from "../../src/testing/executor/worker_from_task_setup.gen.ts";

const perRound = Number(Deno.args[0]);
const memory: number[] = [];
for (let round = 0; round < 7; round++) {
  await Promise.all(
    Array.from({ length: perRound }, async (_, at) => {
      await using executor = createExecutor({
        worker: { code: executorWorkerCode },
      });
      assertEquals(await executor.run({ do: "echo", value: at }), at);
    }),
  );
  memory.push(Deno.memoryUsage().rss / 2 ** 20);
}
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(memory)));
