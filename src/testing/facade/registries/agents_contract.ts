/** `agents`: registry, statistics, exports, erasure. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { AgentFilters } from "../../../cortex/types/agents.ts";
import { AgentCascadeDeletionError } from "../../../errors.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { failedErasure } from "./failed_erasure.ts";
import { pause } from "../../support/pause.ts";

const register = (cortex: Cortex, id: string, more: object = {}) =>
  cortex.agents.register({ id, name: `Agent ${id}`, ...more });

/** Remembers an exchange of the agent in a space of its own. */
const work = (cortex: Cortex, agentId: string, memorySpaceId: string) =>
  cortex.memory.remember(exchange({
    memorySpaceId,
    agentId,
    participantId: agentId,
    conversationId: `conv-${memorySpaceId}-${agentId}`,
  }));

const quoted = { name: 'Comma, "quote"', metadata: { k: 1 } };

/** Cases of `agents`. */
export const agentsContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "agents.register() stores every field once, with statistics",
    async (cortex) => {
      const metadata = { capabilities: ["print"], $odd: { größe: 1 } };
      const agent = await register(cortex, "a", {
        description: "Prints",
        metadata,
        config: { model: "m", _t: 0.5 },
      });
      const { registeredAt, updatedAt, ...rest } = agent;
      assertEquals(registeredAt, updatedAt);
      assertEquals(rest, {
        id: "a",
        name: "Agent a",
        description: "Prints",
        metadata,
        config: { model: "m", _t: 0.5 },
        status: "active",
        stats: {
          totalMemories: 0,
          totalConversations: 0,
          totalFacts: 0,
          memorySpacesActive: 0,
        },
      });
      assertEquals(await cortex.agents.get("a"), agent);
      assertEquals(await cortex.agents.get("b"), null);
      assertEquals(
        [await cortex.agents.exists("a"), await cortex.agents.exists("b")],
        [true, false],
      );
      await assertCode(() => register(cortex, "a"), "AGENT_ALREADY_REGISTERED");
    },
  ),
  cortexCase(
    "agents.list() combines every filter before it sorts and pages; count() follows",
    async (cortex) => {
      const skills = (...capabilities: string[]) => ({
        metadata: {
          capabilities,
          team: { name: "x", size: capabilities.length },
        },
      });
      await register(cortex, "c", skills("print", "scan"));
      await pause(3);
      await register(cortex, "a", skills("scan"));
      await register(cortex, "b", { name: "Zed" });
      await cortex.agents.update("b", { status: "archived" });
      const listed = async (filters: AgentFilters) =>
        (await cortex.agents.list(filters)).map(({ id }) => id);
      assertEquals(await listed({}), ["b", "a", "c"]);
      assertEquals(await listed({ sortOrder: "asc" }), ["c", "a", "b"]);
      assertEquals(await listed({ sortBy: "name", sortOrder: "asc" }), [
        "a",
        "c",
        "b",
      ]);
      assertEquals(await listed({ name: "AGENT" }), ["a", "c"]);
      assertEquals(await listed({ status: "archived" }), ["b"]);
      assertEquals(await listed({ capabilities: ["print", "x"], limit: 1 }), [
        "c",
      ]);
      const all = { capabilities: ["print", "scan"], capabilitiesMatch: "all" };
      assertEquals(await listed(all as AgentFilters), ["c"]);
      assertEquals(await listed({ name: "AGENT", capabilities: [] }), [
        "a",
        "c",
      ]);
      const team = { metadata: { team: { size: 1, name: "x" } } };
      assertEquals(await listed(team), ["a"]);
      assertEquals(await listed({ limit: 1, offset: 1 }), ["a"]);
      const c = (await cortex.agents.get("c"))!;
      const later = { registeredAfter: c.registeredAt };
      assertEquals(await listed(later), ["b", "a"]);
      assertEquals(await listed({ registeredBefore: c.registeredAt + 1 }), [
        "c",
      ]);
      await work(cortex, "a", "space");
      assertEquals(await listed({ sortBy: "lastActive" }), ["a", "b", "c"]);
      assertEquals(
        (await listed({ sortBy: "lastActive", sortOrder: "asc" }))[0],
        "a",
      );
      assertEquals(await listed({ lastActiveAfter: 1 }), ["a"]);
      assertEquals(await listed({ lastActiveBefore: 1 }), []);
      assertEquals((await cortex.agents.search(team)).map(({ id }) => id), [
        "a",
      ]);
      assertEquals(
        [
          await cortex.agents.count(),
          await cortex.agents.count({ name: "agent", limit: 1 }),
        ],
        [3, 2],
      );
    },
  ),
  cortexCase(
    "agents.update() replaces what is given, configure() the config",
    async (cortex) => {
      await register(cortex, "a", { metadata: { x: 1 }, config: { y: 1 } });
      const agent = await cortex.agents.update("a", {
        id: "ignored",
        name: "New",
        metadata: { z: 1 },
        status: "inactive",
      });
      assertEquals(
        [agent.id, agent.name, agent.metadata, agent.config, agent.status],
        ["a", "New", { z: 1 }, { y: 1 }, "inactive"],
      );
      assert(agent.stats !== undefined);
      await cortex.agents.configure("a", { any: { thing: [1] } });
      assertEquals((await cortex.agents.get("a"))?.config, {
        any: { thing: [1] },
      });
      const missing = "AGENT_NOT_REGISTERED";
      await assertCode(() => cortex.agents.update("x", { name: "x" }), missing);
      await assertCode(() => cortex.agents.configure("x", { a: 1 }), missing);
    },
  ),
  cortexCase("agents.get() tells what the agent has done", async (cortex) => {
    await register(cortex, "a");
    await work(cortex, "a", "one");
    await cortex.vector.store("two", note({ participantId: "a" }));
    const { stats, lastActive } = (await cortex.agents.get("a"))!;
    assertEquals(
      [
        stats?.totalMemories,
        stats?.totalConversations,
        stats?.totalFacts,
        stats?.memorySpacesActive,
      ],
      [3, 1, 0, 2],
    );
    assert(lastActive! > 0 && stats!.lastActive! >= lastActive!);
    await register(cortex, "b");
    await cortex.conversations.addMessage({
      conversationId: "conv-one-a",
      message: { role: "agent", content: "hello", participantId: "b" },
    });
    assert((await cortex.agents.get("b"))!.lastActive! > 0);
  }),
  cortexCase(
    "agents.unregister() without cascade leaves the agent's data",
    async (cortex) => {
      await register(cortex, "a");
      await work(cortex, "a", "one");
      const dry = await cortex.agents.unregister("a", { dryRun: true });
      assertEquals(dry.verification.issues, [
        "DRY RUN: the registration would be deleted",
      ]);
      assertEquals([dry.totalDeleted, dry.deletedLayers], [0, []]);
      const { unregisteredAt, ...result } = await cortex.agents.unregister("a");
      assert(unregisteredAt > 0);
      assertEquals(result, {
        agentId: "a",
        conversationsDeleted: 0,
        conversationMessagesDeleted: 0,
        memoriesDeleted: 0,
        factsDeleted: 0,
        graphNodesDeleted: 0,
        verification: { complete: true, issues: [] },
        totalDeleted: 1,
        deletedLayers: ["agent-registration"],
        memorySpacesAffected: [],
      });
      assertEquals(await cortex.agents.get("a"), null);
      assert(await cortex.conversations.get("conv-one-a") !== null);
      await assertCode(
        () => cortex.agents.unregister("a"),
        "AGENT_NOT_REGISTERED",
      );
      const none = await cortex.agents.unregister("a", { dryRun: true });
      assertEquals([none.totalDeleted, none.verification.issues], [0, [
        "DRY RUN: agent a is not registered, so the call would fail",
      ]]);
    },
  ),
  cortexCase(
    "agents.unregister() with cascade erases the agent in every space, and nothing else",
    async (cortex) => {
      await work(cortex, "a", "one");
      await work(cortex, "a", "two");
      await work(cortex, "b", "two");
      await cortex.vector.store("three", note({ agentId: "a" }));
      const dry = await cortex.agents.unregister("a", {
        cascade: true,
        dryRun: true,
      });
      const result = await cortex.agents.unregister("a", { cascade: true });
      for (
        const name of [
          "conversationsDeleted",
          "memoriesDeleted",
          "totalDeleted",
          "deletedLayers",
        ] as const
      ) {
        assertEquals(dry[name], result[name], name);
      }
      assertEquals(
        [
          result.conversationsDeleted,
          result.conversationMessagesDeleted,
          result.memoriesDeleted,
          result.totalDeleted,
        ],
        [2, 4, 5, 12],
      );
      assertEquals(result.deletedLayers, [
        "memories",
        "conversations",
        "agent-registration",
      ]);
      assertEquals(result.memorySpacesAffected.sort(), ["one", "three", "two"]);
      assertEquals(result.verification.complete, true);
      assertStringIncludes(result.verification.issues[0]!, "Graph adapter");
      assertEquals(
        (await cortex.memorySpaces.getStats("one")).totalMemories,
        0,
      );
      assertEquals(
        (await cortex.memorySpaces.getStats("two")).totalMemories,
        2,
      );
      assert(await cortex.agents.exists("b"));
      const nobody = await cortex.agents.unregister("x", { cascade: true });
      assertEquals([nobody.totalDeleted, nobody.deletedLayers], [0, []]);
      await register(cortex, "idle");
      const idle = await cortex.agents.unregister("idle", {
        cascade: true,
        verify: false,
      });
      assertEquals([idle.totalDeleted, idle.memoriesDeleted], [1, 0]);
      assertEquals(idle.verification, { complete: true, issues: [] });
    },
  ),
  cortexCase(
    "agents.unregisterMany() and updateMany() take every match",
    async (cortex) => {
      const team = (name: string) => ({ metadata: { team: name } });
      for (const id of ["a", "b", "c"]) {
        await register(cortex, id, team(id === "c" ? "y" : "x"));
      }
      assertEquals(
        await cortex.agents.updateMany(team("x"), { status: "inactive" }),
        { updated: 2, agentIds: ["b", "a"] },
      );
      assertEquals((await cortex.agents.get("a"))?.status, "inactive");
      assertEquals((await cortex.agents.get("c"))?.status, "active");
      await cortex.agents.update("a", { name: "z" });
      const named = { sortBy: "name", sortOrder: "asc" } as const;
      assertEquals(
        await cortex.agents.unregisterMany(named, { dryRun: true }),
        { deleted: 0, agentIds: ["b", "c", "a"] },
      );
      assertEquals(
        await cortex.agents.unregisterMany(
          { ...named, offset: 1 },
          { dryRun: true },
        ),
        { deleted: 0, agentIds: ["c", "a"] },
      );
      const none = await cortex.agents.unregisterMany(team("z"));
      assertEquals(none, { deleted: 0, agentIds: [] });
      assertEquals(
        await cortex.agents.unregisterMany(team("x"), { dryRun: true }),
        { deleted: 0, agentIds: ["b", "a"] },
      );
      assertEquals(
        await cortex.agents.unregisterMany(team("x")),
        { deleted: 2, agentIds: ["b", "a"] },
      );
      await work(cortex, "c", "one");
      const { totalDataDeleted } = await cortex.agents.unregisterMany(
        team("y"),
        { cascade: true },
      );
      assertEquals(totalDataDeleted, 6);
      assertEquals(await cortex.agents.count(), 0);
    },
  ),
  cortexCase(
    "agents.export() gives JSON and CSV, with metadata and statistics when asked",
    async (cortex) => {
      const empty = await cortex.agents.export({ format: "json" });
      const { exportedAt, ...rest } = empty;
      assertEquals(rest, { format: "json", data: "[]", count: 0 });
      assert(exportedAt > 0);
      await register(cortex, "b", quoted);
      await work(cortex, "a", "one");
      await cortex.agents.update("b", { status: "archived" });
      const order = { filters: { sortBy: "name", sortOrder: "asc" } } as const;
      const json = await cortex.agents.export({
        ...order,
        format: "json",
        includeStats: true,
      });
      assertEquals([json.format, json.count], ["json", 2]);
      const [b, a] = JSON.parse(json.data);
      assertEquals([b.id, b.metadata], ["b", { k: 1 }]);
      assertEquals(a.stats.totalMemories, 2);
      const bare = await cortex.agents.export({
        ...order,
        format: "csv",
        includeMetadata: false,
      });
      assertEquals(bare.format, "csv");
      const [header, line] = bare.data.split("\n");
      assertEquals(
        header,
        "id,name,description,status,registeredAt,updatedAt,lastActive",
      );
      assert(line!.startsWith('b,"Comma, ""quote""",,archived,20'), line);
      assert(line!.endsWith("Z,"), line);
      const full = await cortex.agents.export({
        filters: { status: "archived" },
        format: "csv",
        includeStats: true,
      });
      const lines = full.data.split("\n");
      assertEquals(lines.length, 2);
      assert(
        lines[0]!.endsWith(
          ",metadata,config,totalMemories,totalConversations,totalFacts,memorySpacesActive",
        ),
      );
      assert(lines[1]!.endsWith(',"{""k"":1}",{},0,0,0,0'), lines[1]);
    },
  ),
  tenantsCase(
    "agents.* of one tenant know nothing of another's",
    async (one, two) => {
      await work(one, "x", "space");
      assertEquals(await two.agents.get("x"), null);
      assertEquals(await two.agents.list(), []);
      assertEquals(await two.agents.count(), 0);
      assertEquals((await two.agents.export({ format: "json" })).count, 0);
      assertEquals((await two.agents.updateMany({}, { name: "y" })).updated, 0);
      assertEquals((await two.agents.unregisterMany({})).deleted, 0);
      const erased = await two.agents.unregister("x", { cascade: true });
      assertEquals(erased.totalDeleted, 0);
      await register(two, "x");
      const stats = (await two.agents.get("x"))?.stats;
      assertEquals(stats?.totalMemories, 0);
      assertEquals((await one.agents.get("x"))?.stats?.totalMemories, 2);
      assertEquals((await one.agents.get("x"))?.tenantId, "a");
    },
  ),
];

/** Failures, which need no backend. */
export const agentFailures: ContractCase<void>[] = [
  failedErasure({
    method: "agents.unregister",
    erase: (cortex) => cortex.agents.unregister("a", { cascade: true }),
    Class: AgentCascadeDeletionError,
    name: "AgentCascadeDeletionError",
    whom: "agent a",
  }),
];
