/** Selecting rows to change, delete or export: no condition is ignored, and tenants are respected. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  note,
  record,
  rejectionOf,
} from "./subject.ts";
import { factOf } from "./facts/fact_support.ts";
import type { ContractCase } from "../types.ts";

const memorySpaceId = "space";

/** A condition that no method knows, nor a similar one. */
const more: object = { weather: "rain" };

/** Cases of conditions; none needs a backend. */
export const facadeConditionContract: ContractCase<void>[] = [
  {
    name:
      "methods that change, delete or export many refuse unknown conditions",
    async run() {
      const { cortex, client } = record(
        {},
        () => ({ deleted: 0, entries: [] }),
      );
      const { agents, conversations, facts, immutable, memory } = cortex;
      const { mutable, users, vector } = cortex;
      const at = { memorySpaceId, userId: "ada", ...more };
      const format = "json";
      for (
        const call of [
          () => memory.deleteMany(at),
          () => memory.updateMany(at, { importance: 1 }),
          () => vector.deleteMany(at),
          () => vector.updateMany(at, { importance: 1 }),
          () => facts.deleteMany(at),
          () => conversations.deleteMany(at),
          () => immutable.purgeMany({ type: "note", ...more }),
          () => mutable.purgeMany({ namespace: "stock", ...more }),
          () => mutable.purgeNamespace("stock", more),
          () => users.deleteMany(more),
          () => users.updateMany(more, { data: { plan: "free" } }),
          () => agents.unregisterMany(more),
          () => agents.updateMany(more, { name: "Bot" }),
          () => memory.export({ ...at, format }),
          () => vector.export({ ...at, format }),
          () => facts.export({ memorySpaceId, format, ...more }),
          () => conversations.export({ format, filters: more }),
          () => users.export({ format, filters: more }),
          () => agents.export({ format, filters: more }),
        ]
      ) {
        const { code, field, message } = await rejectionOf(call);
        assertEquals(
          [code, field, message],
          ["UNKNOWN_ARGUMENT", "weather", "This method has no weather"],
        );
      }
      // A list would apply these and leave some rows; here they would be ignored.
      for (const name of ["limit", "offset", "updatedAfter"]) {
        await assertCode(
          () => mutable.purgeMany({ namespace: "stock", ...{ [name]: 1 } }),
          "UNKNOWN_ARGUMENT",
        );
      }
      assertEquals(client.calls, []);
      await memory.deleteMany({ ...at, ...{ weather: undefined } });
      await memory.list(at);
      assertEquals(client.calls.length, 2);
    },
  },
  {
    name:
      "a Set, a Map or the like in place of conditions is refused: it would select everything",
    async run() {
      const { cortex, client } = record();
      const { agents, conversations, users } = cortex;
      const ids = new Set(["ada"]) as never;
      const filters = new Map([["status", "archived"]]) as never;
      const date = new Date(0) as never;
      for (
        const [call, code] of [
          [() => users.deleteMany(ids), "INVALID_FILTER_STRUCTURE"],
          [
            () => users.export({ format: "json", filters }),
            "INVALID_FILTER_STRUCTURE",
          ],
          [() => agents.unregisterMany(filters), "INVALID_FILTERS"],
          [() => agents.unregisterMany(date), "INVALID_FILTERS"],
          [() => agents.updateMany(ids, { name: "Bot" }), "INVALID_FILTERS"],
          [
            () => conversations.export({ format: "json", filters }),
            "INVALID_FORMAT",
          ],
        ] as const
      ) {
        const error = await rejectionOf(call);
        assertEquals(error.code, code);
        assertStringIncludes(error.message, "[object ");
      }
      for (const wrong of [filters, "", 5, []] as never[]) {
        for (const module of ["immutable", "memorySpaces"] as const) {
          for (const method of ["list", "count"] as const) {
            const error = await rejectionOf(() =>
              cortex[module][method](wrong)
            );
            assertStringIncludes(error.message, "must be in an object: got");
          }
        }
        for (const method of ["list", "count"] as const) {
          const error = await rejectionOf(() => conversations[method](wrong));
          assertStringIncludes(error.message, "must be in an object: got");
        }
        const { message } = await rejectionOf(() =>
          cortex.facts.search("space", "tea", wrong)
        );
        assertStringIncludes(message, "options must be an object: got");
      }
      assertEquals(client.calls, []);
    },
  },
  {
    name: "options of a write that are no object, or misspelt, are refused",
    async run() {
      const { cortex, client } = record();
      const { conversations, facts, vector } = cortex;
      const talk = {
        memorySpaceId,
        type: "user-agent" as const,
        participants: { userId: "ada", agentId: "helper" },
      };
      const message = { role: "user" as const, content: "Hello" };
      const calls = [
        (wrong: never) => facts.storeWithDedup(factOf(), wrong),
        (wrong: never) => facts.store(factOf(), wrong),
        (wrong: never) =>
          facts.update("space", "fact-1", { confidence: 5 }, wrong),
        (wrong: never) => vector.store("space", note(), wrong),
        (wrong: never) => conversations.create(talk, wrong),
        (wrong: never) => conversations.getOrCreate(talk, wrong),
        (wrong: never) =>
          conversations.addMessage({ conversationId: "c", message }, wrong),
      ];
      for (const call of calls) {
        for (const wrong of ["exact", 5, [], new Map()] as never[]) {
          const { code, message } = await rejectionOf(() => call(wrong));
          assertEquals(code, "INVALID_ARGUMENT");
          assertStringIncludes(message, "options must be an object: got");
        }
      }
      const { message: said } = await rejectionOf(() =>
        calls[0]!({ deduplicaton: "exact" } as never)
      );
      assertStringIncludes(said, "did you mean deduplication?");
      assertEquals(client.calls, []);
    },
  },
  {
    name: "changing many memories sets nothing that the filter names",
    async run() {
      for (const module of ["memory", "vector"] as const) {
        const { cortex, client } = record({}, () => ({ updated: 0 }));
        const set = { importance: 1 };
        for (const wrong of [{ tags: ["draft"] }, { importance: 90 }]) {
          const { code, field } = await rejectionOf(() =>
            cortex[module].updateMany({ memorySpaceId, ...wrong }, set)
          );
          assertEquals([code, field], [
            "UNKNOWN_ARGUMENT",
            Object.keys(wrong)[0],
          ]);
        }
        assertEquals(client.calls, []);
        const updates = { ...set, ...{ userId: "ada", memorySpaceId: "b" } };
        await cortex[module].updateMany({ memorySpaceId }, updates);
        assertEquals(client.only().args, { memorySpaceId, ...set });
      }
    },
  },
];

/** Cases of tenants that a filter names. */
export const facadeSelectionContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "a tenant that a filter names is whose rows are found, changed and deleted",
    async (cortex) => {
      const { conversations, facts, memory, memorySpaces, vector } = cortex;
      const tenantId = "a";
      const of = { memorySpaceId, tenantId };
      const at = { ...of, userId: "ada" };
      const counts = async () =>
        await Promise.all([{ memorySpaceId }, of].flatMap((filter) => [
          vector.count(filter),
          facts.count(filter),
          conversations.count(filter),
        ]));
      for (const tenant of [{}, { tenantId }]) {
        await memory.store(
          memorySpaceId,
          note({
            ...tenant,
            userId: "ada",
            embedding: [1, 0],
            extractFacts: () =>
              Promise.resolve(["Keys rust", "Keys bend"].map((fact) => ({
                fact,
                factType: "knowledge" as const,
                confidence: 90,
              }))),
          }),
        );
        const { conversationId } = await conversations.create({
          memorySpaceId,
          ...tenant,
          conversationId: "conv-1",
          type: "user-agent",
          participants: { userId: "ada", agentId: "bot" },
        });
        assertEquals(conversationId, "conv-1");
      }
      for (const embedding of [undefined, [1, 0]]) {
        const options = { tenantId, embedding };
        const found = [
          ...await vector.search(memorySpaceId, "key", options),
          ...(await memory.search(memorySpaceId, "key", {
            ...options,
            enrichConversation: true,
          })).map((hit) => "memory" in hit ? hit.memory : hit),
        ];
        assertEquals(found.map(({ tenantId }) => tenantId), ["a", "a"]);
      }
      const exported = [
        await memory.export({ ...of, format: "json", includeFacts: true }),
        await vector.export({ ...at, format: "json" }),
        await facts.export({ ...of, format: "json" }),
        await conversations.export({ format: "json", filters: at }),
      ];
      assertEquals(exported.map(({ count }) => count), [1, 1, 2, 1]);
      const [one, two] = await facts.list(of);
      assertEquals([one?.tenantId, two?.tenantId], ["a", "a"]);
      const said = await facts.search(memorySpaceId, "rust", { tenantId });
      assertEquals(said.map(({ tenantId }) => tenantId), ["a"]);
      const changes = (await facts.getChanges(of)).map(({ factId }) => factId);
      assertEquals(changes.sort(), [one!.factId, two!.factId].sort());
      await memorySpaces.register({ ...of, type: "team" });
      const spaces = await memorySpaces.search(memorySpaceId, { tenantId });
      assertEquals(spaces.map(({ tenantId }) => tenantId), ["a"]);
      const found = await conversations.findConversation({
        ...at,
        type: "user-agent",
      });
      assertEquals(found?.tenantId, "a");
      await facts.consolidate({
        ...of,
        factIds: [one!.factId, two!.factId],
        keepFactId: two!.factId,
      });
      assertEquals(await counts(), [1, 2, 1, 1, 1, 1]);
      assertEquals((await vector.updateMany(at, { tags: ["b"] })).updated, 1);
      assertEquals((await memory.updateMany(at, { importance: 7 })).updated, 1);
      assertEquals(
        (await vector.list({ memorySpaceId })).map(({ tags }) => tags),
        [["home"]],
      );
      assertEquals((await memory.deleteMany(at)).deleted, 1);
      assertEquals((await vector.deleteMany(at)).deleted, 0);
      assertEquals((await facts.deleteMany(of)).deleted, 2);
      assertEquals((await conversations.deleteMany(at)).deleted, 1);
      assertEquals(await counts(), [1, 2, 1, 0, 0, 0]);
    },
  ),
];
