import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { embeddedSource } from "../../src/client/sources/embedded_source.ts";
import { ClientError, type CortexError } from "../../src/errors.ts";
import type { ExecutorKind } from "../../src/executor/types.ts";
import { inDirectory } from "../support/host_files.ts";

const conversation = {
  conversationId: "conv-1",
  memorySpaceId: "space-1",
  type: "user-agent",
  participants: { userId: "user-1", agentId: "agent-1" },
};

async function rejection(call: Promise<unknown>): Promise<CortexError> {
  return await assertRejects(() => call) as CortexError;
}

for (const kind of ["web-worker", "inline"] as ExecutorKind[]) {
  Deno.test(`embedded client runs the backend's functions, ${kind}`, async () => {
    await using client = AsyncConvexClient.embedded({ kinds: [kind] });
    await client.mutation("conversations:create", conversation);
    const args = { conversationId: "conv-1" };
    const found = await client.query("conversations:get", args);
    assertEquals(
      (found as { conversationId: string }).conversationId,
      "conv-1",
    );
    assertEquals(client.stats().calls, 2);
  });

  Deno.test(`embedded client rejects with typed errors, ${kind}`, async () => {
    await using client = AsyncConvexClient.embedded({ kinds: [kind] });
    const [unknown, wrong, repeated] = await Promise.all([
      rejection(client.query("nowhere:nothing")),
      rejection(client.query("conversations:get", { conversationId: 5 })),
      client.mutation("conversations:create", conversation).then(() =>
        rejection(client.mutation("conversations:create", conversation))
      ),
    ]);
    assertEquals([unknown.name, unknown.code], [
      "EngineError",
      "FUNCTION_NOT_FOUND",
    ]);
    assertEquals(wrong.code, "ARGUMENT_VALIDATION");
    assertEquals([repeated.name, repeated.code], [
      "ConvexError",
      "CONVERSATION_ALREADY_EXISTS",
    ]);
  });

  Deno.test(`embedded client keeps data in a file, ${kind}`, () =>
    inDirectory(async (directory) => {
      const path = `${directory}/cortex.db`;
      const options = { path, kinds: [kind] };
      {
        await using client = AsyncConvexClient.embedded(options);
        await client.mutation("conversations:create", conversation);
      }
      await using client = AsyncConvexClient.embedded(options);
      const args = { conversationId: "conv-1" };
      const found = await client.query("conversations:get", args);
      assertEquals(
        (found as { conversationId: string }).conversationId,
        "conv-1",
      );
    }));

  Deno.test(`embedded client opens a file at a later call when it is free, ${kind}`, () =>
    inDirectory(async (directory) => {
      const path = `${directory}/cortex.db`;
      const options = { path, kinds: [kind] };
      const holder = AsyncConvexClient.embedded(options);
      await holder.mutation("conversations:create", conversation);
      await using client = AsyncConvexClient.embedded(options);
      const find = () =>
        client.query("conversations:get", { conversationId: "conv-1" });
      const refused = await Promise.all([find(), find()].map(rejection));
      assertEquals(refused.map(({ code }) => code), [
        "STORE_LOCKED",
        "STORE_LOCKED",
      ]);
      await holder.close();
      const found = await Promise.all([find(), find()]);
      assertEquals(
        found.map((row) => (row as { conversationId: string }).conversationId),
        ["conv-1", "conv-1"],
      );
    }));

  Deno.test(`embedded client opens a file at a later call when its folder is there, ${kind}`, () =>
    inDirectory(async (directory) => {
      const path = `${directory}/cortex.db`;
      const folder = `${path}.d`;
      const options = { path: `${folder}/cortex.db`, kinds: [kind] };
      await using client = AsyncConvexClient.embedded(options);
      const create = () =>
        client.mutation("conversations:create", conversation);
      for (let attempt = 0; attempt < 5; attempt++) {
        assertEquals((await rejection(create())).code, "STORE_OPEN_FAILED");
      }
      const watch = () =>
        client.watch("conversations:get", { conversationId: "conv-1" }).next();
      assertEquals((await rejection(watch())).code, "STORE_OPEN_FAILED");
      await Deno.mkdir(folder);
      assertEquals((await watch()).value, null);
      await create();
    }));

  Deno.test(`embedded client refuses a file that is no database, ${kind}`, () =>
    inDirectory(async (directory) => {
      const path = `${directory}/cortex.db`;
      await Deno.writeTextFile(path, "not a database. ".repeat(1000));
      await using client = AsyncConvexClient.embedded({ path, kinds: [kind] });
      const error = await rejection(
        client.query("conversations:get", { conversationId: "conv-1" }),
      );
      assertEquals(error.name, "StoreError");
      assertStringIncludes(error.message, path.slice(-20));
    }));
}

Deno.test("embedded client refuses a path that is none", async () => {
  for (const path of ["", 5 as unknown as string]) {
    await using client = AsyncConvexClient.embedded({ path });
    const error = await rejection(client.query("a:b"));
    assertEquals([error.name, error.code], [
      ClientError.name,
      "INVALID_ARGUMENT",
    ]);
    assertStringIncludes(error.message, "path must be");
  }
});

/** A worker that runs the embedded engine, and dies on request. */
async function mortalWorker(): Promise<{ url: string; kill: () => void }> {
  const { backendScript } = await import(
    "../../src/embedded/backend_script_from_task_setup.gen.ts"
  );
  const channel = `cortex-${crypto.randomUUID()}`;
  const code =
    `new BroadcastChannel("${channel}").onmessage = () => { throw new Error("killed by the test") };
     ${backendScript}`;
  return {
    url: `data:text/javascript,${encodeURIComponent(code)}`,
    kill() {
      const sender = new BroadcastChannel(channel);
      sender.postMessage("die");
      sender.close();
    },
  };
}

const kinds: ExecutorKind[] = ["web-worker"];

Deno.test("embedded engine in memory says that it is lost", async () => {
  const { url, kill } = await mortalWorker();
  await using client = new AsyncConvexClient(
    embeddedSource({ workerUrl: url, kinds }),
  );
  await client.mutation("conversations:create", conversation);
  kill();
  let error: CortexError;
  do {
    // Until the death is noticed calls may still be answered, or be lost with the worker.
    error = await rejection(
      client.query("nowhere:nothing").finally(() =>
        new Promise((done) => setTimeout(done, 10))
      ),
    );
  } while (error.code !== "ENGINE_LOST");
  assertEquals(error.name, "EngineError");
  assertEquals((error.cause as CortexError).code, "WORKER_LOST");
  assertEquals(
    (await rejection(client.mutation("conversations:create", conversation)))
      .code,
    "ENGINE_LOST",
  );
});

Deno.test("embedded engine on a file is opened again after a loss", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/cortex.db`;
    const { url, kill } = await mortalWorker();
    await using client = new AsyncConvexClient(
      embeddedSource({ path, workerUrl: url, kinds }),
    );
    await client.mutation("conversations:create", conversation);
    kill();
    // Whether they reach the dying worker or the next one, queries are answered.
    for (let i = 0; i < 20; i++) {
      const args = { conversationId: "conv-1" };
      const found = await client.query("conversations:get", args);
      assertEquals(
        (found as { conversationId: string }).conversationId,
        "conv-1",
      );
      await new Promise((done) => setTimeout(done, 10));
    }
  }));
