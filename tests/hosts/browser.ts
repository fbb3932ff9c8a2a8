/** Module for a browser page: the runner calls `runContracts` and gets the report. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AsyncConvexClient, Cortex } from "../../mod.ts";
import { createExecutor } from "../../src/executor/executor.ts";
import type { ContractReport } from "../../src/testing/types.ts";
import { runAll } from "../contracts/all.ts";
import { runCases } from "../contracts/run_cases.ts";
import { cases as executor } from "../contracts/executor.ts";

/** For a page whose content security policy forbids `data:`: the executor runs without a worker, and says so. */
async function runStrict(): Promise<void> {
  const executor = createExecutor({ handler: (n) => Number(n) ** 2 });
  assertEquals(await executor.run(7), 49);
  assertEquals(executor.kind, "inline");
  assert(/content security policy/.test(executor.refusal?.message ?? ""));
  await executor.close();
}

/** For a page that may share memory with its workers: the executor's cases once more, through it. */
async function runIsolated(): Promise<ContractReport> {
  const page = globalThis as { crossOriginIsolated?: boolean };
  assert(page.crossOriginIsolated);
  return await runCases({ executor });
}

/** For a page that came over plain HTTP, where browsers have neither `crypto.randomUUID` nor `crypto.subtle`. */
async function runInsecure(url: string): Promise<void> {
  const page = globalThis as { isSecureContext?: boolean };
  assertEquals(page.isSecureContext, false);
  await using client = AsyncConvexClient.http(url);
  const channel = "insecure";
  for await (const texts of client.watch("messages:list", { channel })) {
    assertEquals(texts, []);
    break;
  }
  await using cortex = new Cortex();
  const exchange = {
    memorySpaceId: "mia",
    conversationId: "chat-1",
    userId: "mia",
    userName: "Mia",
    agentId: "bot",
    userMessage: "I moved to Lisbon in March.",
    agentResponse: "Lisbon in spring is lovely.",
  };
  await cortex.memory.remember(exchange);
  const query = "Where does Mia live?";
  const { items } = await cortex.memory.recall({ memorySpaceId: "mia", query });
  assertEquals(items[0]?.content, exchange.userMessage);
  await assertRejects(
    () => cortex.memory.remember(exchange, { idempotencyKey: "1" }),
    Error,
    "UNSUPPORTED: SHA-256",
  );
}

Object.assign(globalThis, {
  // As in `cli.ts`: cases of the facade share nothing and wait for workers and connections.
  runContracts: (url?: string) =>
    runAll(url === undefined ? undefined : { url }, {
      sideBySide: { facade: 4 },
    }),
  runIsolated,
  runStrict,
  runInsecure,
});
