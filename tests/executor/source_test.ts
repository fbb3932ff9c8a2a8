import { assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import type { WorkerSource } from "../../src/executor/types.ts";
import { executorWorkerCode } from "../../src/testing/executor/worker_from_task_setup.gen.ts";

const file = new URL("./fixtures/file_worker.ts", import.meta.url);

const sources: { [name: string]: WorkerSource | (() => WorkerSource) } = {
  "text": { code: executorWorkerCode },
  "text in a function of its own, behind a helper": {
    code: `var __name=f=>f;(() => {${executorWorkerCode}})();`,
  },
  "a script": { script: executorWorkerCode },
  "a URL": { url: file },
  "a URL as text": { url: file.href },
  "a worker that the caller makes": {
    create: () => new Worker(file, { type: "module" }),
  },
  "a function": () => ({ code: executorWorkerCode }),
};

for (const [name, worker] of Object.entries(sources)) {
  Deno.test(`a worker starts from ${name}`, async () => {
    // A busy machine takes its time to load the module.
    await using executor = createExecutor({ worker, readyTimeoutMs: 60_000 });
    assertEquals(await executor.run({ do: "add", value: [1, 2] }), 3);
    assertEquals(executor.kind, "web-worker");
  });
}

Deno.test("the source function is asked once", async () => {
  let asked = 0;
  await using executor = createExecutor({
    worker: () => {
      asked++;
      return { code: executorWorkerCode };
    },
    maxWorkers: 2,
  });
  await Promise.all([
    executor.run({ do: "block", value: 5 }),
    executor.run({ do: "block", value: 5 }),
  ]);
  assertEquals(asked, 1);
});

Deno.test("the text of a worker is let go once the worker runs, refuses or ends", async () => {
  const { createObjectURL, revokeObjectURL } = URL;
  const held = new Set<string>();
  URL.createObjectURL = (blob) => {
    const url = createObjectURL(blob);
    held.add(url);
    return url;
  };
  URL.revokeObjectURL = (url) => {
    held.delete(url);
    revokeObjectURL(url);
  };
  let made = 0;
  try {
    for (const code of [executorWorkerCode, "throw new Error('no')"]) {
      await using executor = createExecutor({
        worker: { code },
        kinds: ["web-worker"],
      });
      const running = executor.warm().catch(() => {});
      while (held.size === 0) await Promise.resolve();
      made++;
      await running;
      assertEquals([...held], []);
    }
    const executor = createExecutor({ worker: { code: executorWorkerCode } });
    executor.warm().catch(() => {});
    while (held.size === 0) await Promise.resolve();
    made++;
    await executor.close({ force: true });
    assertEquals([[...held], made], [[], 3]);
  } finally {
    Object.assign(URL, { createObjectURL, revokeObjectURL });
  }
});
