/** The modules of `@cortex/memory/modules`, each over a client. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as modules from "../../cortex/modules/mod.ts";
import { ClientError } from "../../errors.ts";
import { cortexCase, exchange, type FacadeSubject, note } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Cases of modules without a `Cortex`. */
export const modulesAloneContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "modules: each works over a client alone, as it does in a Cortex",
    async (cortex) => {
      const client = cortex.getClient();
      const users = new modules.UsersAPI(client);
      await users.update("ada", { displayName: "Ada" });
      assertEquals((await cortex.users.get("ada"))?.data.displayName, "Ada");
      assert(users instanceof modules.UsersAPI);
      await new modules.AgentsAPI(client, null, undefined, null).register({
        id: "bot",
        name: "Bot",
      });
      assertEquals((await cortex.agents.get("bot"))?.name, "Bot");
      await new modules.MemorySpacesAPI(client).register({
        memorySpaceId: "space",
        type: "personal",
      });
      await new modules.MutableAPI(client).set("stock", "tea", 5);
      assertEquals(await cortex.mutable.get("stock", "tea"), 5);
      await new modules.ImmutableAPI(client).store({
        type: "doc",
        id: "1",
        data: { title: "Tea" },
      });
      assertEquals(await cortex.immutable.count({ type: "doc" }), 1);
      const { conversationId } = await new modules.ConversationsAPI(client)
        .create({
          memorySpaceId: "space",
          type: "user-agent",
          participants: { userId: "ada", agentId: "bot" },
        });
      assert(await cortex.conversations.get(conversationId));
      const { memoryId } = await new modules.VectorAPI(client)
        .store("space", note());
      assert(await cortex.vector.get("space", memoryId));
      await new modules.FactsAPI(client).store({
        memorySpaceId: "space",
        fact: "Ada drinks tea",
        factType: "preference",
        confidence: 90,
        sourceType: "manual",
      });
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 1);
    },
  ),
  cortexCase(
    "modules: memory alone remembers, extracts by its own llm, and recalls",
    async (cortex) => {
      const memory = new modules.MemoryAPI(
        cortex.getClient(),
        undefined,
        undefined,
        {
          llm: {
            provider: "custom",
            apiKey: "",
            extractFacts: () =>
              Promise.resolve([{
                fact: "Ada owns a Brother printer",
                factType: "knowledge",
                confidence: 90,
              }]),
          },
        },
      );
      const { memories, facts } = await memory.remember(exchange());
      assertEquals([memories.length > 0, facts.length], [true, 1]);
      const { items } = await memory.recall({
        memorySpaceId: "space",
        query: "printer",
      });
      assert(items.length > 0);
    },
  ),
  cortexCase(
    "modules: an auth context is the tenant of a module alone",
    async (cortex) => {
      const client = cortex.getClient();
      const of = (tenantId: string) =>
        new modules.MemoryAPI(client, undefined, undefined, {
          authContext: { userId: "ada", tenantId },
        });
      await of("acme").store("space", note());
      assertEquals(await of("acme").count({ memorySpaceId: "space" }), 1);
      assertEquals(await of("other").count({ memorySpaceId: "space" }), 0);
      const users = new modules.UsersAPI(client, undefined, undefined, {
        userId: "ada",
        tenantId: "acme",
      });
      await users.update("ada", { displayName: "Ada" });
      assertEquals(await cortex.users.get("ada"), null);
    },
  ),
  cortexCase(
    "modules: a stand-in without action serves what makes none",
    async (cortex) => {
      const asked: unknown[] = [];
      const client = cortex.getClient();
      const standIn = {
        query: (name: string, args: object) => {
          asked.push(name);
          return client.query(name, args);
        },
        mutation: () => Promise.reject(new Error("no mutation is expected")),
      };
      const { memoryId } = await cortex.vector.store("space", note());
      const vector = new modules.VectorAPI(standIn);
      const facts = new modules.FactsAPI(standIn);
      assertEquals((await vector.get("space", memoryId))?.memoryId, memoryId);
      assertEquals(await facts.get("space", "fact-1"), null);
      assertEquals(asked.length, 2);
    },
  ),
  cortexCase(
    "modules: a class that extends one has its own methods beside those it inherits",
    async (cortex) => {
      class Shouting extends modules.MutableAPI {
        override async get(namespace: string, key: string): Promise<unknown> {
          return `${await super.get(namespace, key)}!`;
        }
      }
      const mutable = new Shouting(cortex.getClient());
      assert(mutable instanceof Shouting);
      assert(mutable instanceof modules.MutableAPI);
      await mutable.set("stock", "tea", 5);
      assertEquals(await mutable.get("stock", "tea"), "5!");
      class Guarded extends modules.MemoryAPI {
        override search(): Promise<never[]> {
          return Promise.resolve([]);
        }
      }
      const client = cortex.getClient();
      const memory = new Guarded(client);
      const { memoryId } = (await memory.store("space", note())).memory;
      assert(await memory.get("space", memoryId));
      assertEquals(await memory.search(), []);
      class Numbered extends modules.FactsAPI {
        sum(...numbers: number[]): number {
          return numbers.length;
        }
      }
      const facts = new Numbered(client, null, null, null, null, null);
      assert(facts instanceof modules.FactsAPI && facts.hasBeliefRevision());
      assertEquals(await facts.count({ memorySpaceId: "space" }), 0);
      assertEquals(facts.sum(1, 2), 2);
    },
  ),
  cortexCase(
    "modules: what is no client, and a wrong auth context, are refused",
    (cortex) => {
      for (const Module of Object.values(modules)) {
        for (const wrong of [cortex, "http://a.example", null]) {
          const error = assertThrows(
            () => new Module(wrong as never),
            ClientError,
            "client must have query and mutation: got ",
          ) as ClientError;
          assertEquals(error.code, "INVALID_ARGUMENT");
        }
      }
      const error = assertThrows(() =>
        new modules.UsersAPI(cortex.getClient(), null, null, { userId: "" })
      ) as Error & { code: string };
      assertEquals(error.code, "EMPTY_USER_ID");
      return Promise.resolve();
    },
  ),
];
