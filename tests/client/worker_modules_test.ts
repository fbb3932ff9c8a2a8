/** Workers that start from modules of the caller's own, as a strict Content-Security-Policy demands. */
import { assertEquals, assertThrows } from "@std/assert";
import { Cortex } from "../../mod.ts";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { startEngineWorker } from "../../src/embedded/worker.ts";
import { startClientWorker } from "../../src/client/workers/mod.ts";
import { clientModuleUrl } from "../fixtures/client_backend.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";

const kinds: ExecutorKind[] = ["web-worker"];

/** A module of a worker, in a file; it tells when it runs. */
async function workerModule(path: string, start: string) {
  const name = `cortex-${crypto.randomUUID()}`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  const from = new URL(`../../src/${path}`, import.meta.url);
  await Deno.writeTextFile(
    file,
    `import { ${start} } from "${from}";
     ${start}();
     new BroadcastChannel("${name}").postMessage("runs");`,
  );
  const channel = new BroadcastChannel(name);
  const runs = new Promise<unknown>((resolve) => {
    channel.onmessage = ({ data }) => resolve(data);
  });
  return {
    workerUrl: new URL(`file://${file}`),
    runs,
    async [Symbol.asyncDispose]() {
      channel.close();
      await Deno.remove(file);
    },
  };
}

Deno.test("the embedded engine runs in a worker of a module", async () => {
  await using module = await workerModule(
    "embedded/worker.ts",
    "startEngineWorker",
  );
  const { workerUrl } = module;
  await using cortex = new Cortex({ workerUrl, executorKinds: kinds });
  const user = await cortex.users.update("mia", { city: "Lisbon" });
  assertEquals(user.data, { city: "Lisbon" });
  assertEquals(await module.runs, "runs");
});

Deno.test("answers are fetched and decoded in a worker of a module", async () => {
  await using module = await workerModule(
    "client/workers/mod.ts",
    "startClientWorker",
  );
  await using server = await startLoopbackServer(() =>
    Response.json({ status: "success", value: "Lisbon" })
  );
  await using client = AsyncConvexClient.http(server.url, {
    workers: "always",
    workerUrl: module.workerUrl,
  });
  assertEquals(await client.query("a:b"), "Lisbon");
  assertEquals(await module.runs, "runs");
});

Deno.test("a client of a module is built in a worker of a module", async () => {
  await using module = await workerModule(
    "client/workers/mod.ts",
    "startModuleWorker",
  );
  await using client = AsyncConvexClient.fromModule(
    clientModuleUrl(),
    undefined,
    { kinds, blocking: false, workerUrl: module.workerUrl },
  );
  await client.query("tasks:nothing").catch(() => {});
  assertEquals(await module.runs, "runs");
});

Deno.test("what starts a worker's service says so outside of one", () => {
  for (const start of [startEngineWorker, startClientWorker]) {
    assertThrows(start, TypeError, "inside a worker");
  }
});
