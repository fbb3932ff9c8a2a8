/**
 * What a client of the embedded engine must do on every host, wherever its calls run.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AsyncConvexClient } from "../../client/async_convex_client.ts";
import type { ExecutorKind } from "../../executor/types.ts";
import { rejection } from "./client_contract.ts";
import type { ContractCase } from "../types.ts";

const conversation = {
  conversationId: "conv-1",
  memorySpaceId: "space-1",
  type: "user-agent",
  participants: { userId: "user-1", agentId: "agent-1" },
};
const key = { conversationId: "conv-1" };

/** Cases of the embedded engine; the subject is where it runs. */
export const embeddedClientContract: ContractCase<ExecutorKind>[] = [
  {
    name: "embedded: runs the backend's functions",
    async run(kind) {
      await using client = AsyncConvexClient.embedded({ kinds: [kind] });
      await client.mutation("conversations:create", conversation);
      const found = await client.query("conversations:get", key);
      assertEquals(
        (found as { conversationId: string }).conversationId,
        "conv-1",
      );
    },
  },
  {
    name: "embedded: keeps two engines in memory apart",
    async run(kind) {
      await using one = AsyncConvexClient.embedded({ kinds: [kind] });
      await using other = AsyncConvexClient.embedded({ kinds: [kind] });
      await one.mutation("conversations:create", conversation);
      assertEquals(await other.query("conversations:get", key), null);
    },
  },
  {
    name: "embedded: rejects with typed errors",
    async run(kind) {
      await using client = AsyncConvexClient.embedded({ kinds: [kind] });
      await client.mutation("conversations:create", conversation);
      const [unknown, wrong, thrown] = await Promise.all([
        rejection(client.query("nowhere:nothing")),
        rejection(client.query("conversations:get", { conversationId: 5 })),
        rejection(client.mutation("conversations:create", conversation)),
      ]);
      assertEquals(unknown.name, "EngineError");
      assertEquals(unknown.code, "FUNCTION_NOT_FOUND");
      assertStringIncludes(unknown.message, "nowhere:nothing");
      assertEquals(wrong.code, "ARGUMENT_VALIDATION");
      assertEquals(thrown.name, "ConvexError");
      assertEquals(thrown.code, "CONVERSATION_ALREADY_EXISTS");
    },
  },
  {
    name: "embedded: refuses later calls once it is closed",
    async run(kind) {
      const client = AsyncConvexClient.embedded({ kinds: [kind] });
      const call = client.mutation("conversations:create", conversation);
      await client.close();
      assert(await call);
      const error = await rejection(client.query("conversations:get", key));
      assertEquals(error.code, "CLIENT_CLOSED");
    },
  },
  {
    name: "embedded: follows a query through its changes and failures",
    async run(kind) {
      await using client = AsyncConvexClient.embedded({ kinds: [kind] });
      const seen: unknown[] = [];
      for await (const found of client.watch("conversations:get", key)) {
        seen.push((found as { status?: unknown } | null) === null);
        if (seen.length === 2) break;
        await client.mutation("conversations:create", conversation);
      }
      assertEquals(seen, [true, false]);
      const wrong = client.watch("conversations:get", { conversationId: 5 });
      const error = await rejection(wrong.next());
      assertEquals(error.code, "ARGUMENT_VALIDATION");
      const open = client.watch("conversations:get", key);
      await open.next();
      const last = open.next();
      await client.close();
      assertEquals((await last).done, true);
    },
  },
];
