/** Calls every method of `users` and `agents` with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type {
  AgentFilters,
  AgentRegistration,
} from "../../../cortex/types/agents.ts";
import type { UserFilters } from "../../../cortex/types/users.ts";
import {
  controls,
  job,
  later,
  tenantId,
  write,
  writeJob,
} from "./surface_support.ts";

const profiles: Required<UserFilters> = {
  tenantId,
  limit: 5,
  offset: 0,
  createdAfter: 0,
  createdBefore: later,
  updatedAfter: 0,
  updatedBefore: later,
  sortBy: "createdAt",
  sortOrder: "asc",
  displayName: "Eve",
  email: "@example.com",
};

/** `users` */
export async function callUsers({ users }: Cortex): Promise<void> {
  const data = { displayName: "Eve", email: "eve@example.com" };
  assertEquals((await users.update("eve", data, write())).version, 1);
  const merged = await users.merge("eve", { plan: "pro" }, write());
  assertEquals(merged.version, 2);
  const same = await users.getOrCreate("eve", { plan: "free" }, write());
  assertEquals(same.data.plan, "pro");
  assertEquals((await users.get("eve", controls))?.id, "eve");
  assertEquals(await users.exists("eve", controls), true);
  assertEquals((await users.list(profiles, controls)).total, 1);
  assertEquals((await users.search(profiles, controls)).length, 1);
  assertEquals(await users.count(profiles, controls), 1);
  const first = await users.getVersion("eve", 1, controls);
  assertEquals(first?.data, data);
  assertEquals((await users.getHistory("eve", controls)).length, 2);
  const latest = await users.getAtTimestamp("eve", new Date(), controls);
  assertEquals(latest?.version, 2);
  const text = await users.export({
    filters: profiles,
    format: "json",
    includeVersionHistory: true,
    includeConversations: true,
    includeMemories: true,
  }, job);
  assertEquals(JSON.parse(text).length, 1);
  const lines: string[] = [];
  const exporting = users.exportAll("eve", { ...job, tenantId });
  for await (const line of exporting) lines.push(line);
  const { skipped } = await users.importAll(lines, {
    ...writeJob(),
    tenantId,
  });
  assertEquals(skipped > 0, true);
  const change = { data: { plan: "free" } };
  const updated = await users.updateMany(profiles, change, {
    ...write(),
    skipVersioning: true,
    dryRun: false,
  });
  assertEquals(updated.userIds, ["eve"]);
  const options = { ...writeJob(), cascade: true, dryRun: true };
  const many = await users.deleteMany(profiles, options);
  assertEquals(many.userIds, ["eve"]);
  const gone = await users.delete("eve", {
    ...writeJob(),
    cascade: true,
    verify: true,
    dryRun: false,
  });
  assertEquals(gone.verification.complete, true);
}

const agent: Required<AgentRegistration> = {
  id: "scout",
  tenantId,
  name: "Scout",
  description: "Looks around",
  metadata: { capabilities: ["look"], team: "x" },
  config: { model: "m" },
};
const chosen: Required<AgentFilters> = {
  tenantId,
  metadata: { team: "x" },
  name: "scout",
  capabilities: ["look"],
  capabilitiesMatch: "all",
  status: "active",
  registeredAfter: 0,
  registeredBefore: later,
  lastActiveAfter: 0,
  lastActiveBefore: later,
  limit: 5,
  offset: 0,
  sortBy: "name",
  sortOrder: "asc",
};
const { lastActiveAfter: _, lastActiveBefore: __, ...idle } = chosen;

/** `agents` */
export async function callAgents({ agents }: Cortex): Promise<void> {
  assertEquals((await agents.register(agent, write())).status, "active");
  assertEquals((await agents.get("scout", controls))?.name, "Scout");
  assertEquals(await agents.exists("scout", controls), true);
  assertEquals((await agents.list(chosen, controls)).length, 0);
  assertEquals((await agents.search(idle, controls)).length, 1);
  assertEquals(await agents.count(idle, controls), 1);
  const { id: ___, ...rest } = agent;
  const updates = { ...rest, status: "active" } as const;
  await agents.update("scout", updates, write());
  await agents.configure("scout", { model: "n" }, write());
  const many = await agents.updateMany(idle, { description: "d" }, writeJob());
  assertEquals(many.agentIds, ["scout"]);
  const text = await agents.export({
    filters: idle,
    format: "csv",
    includeMetadata: true,
    includeStats: true,
  }, job);
  assertEquals(text.count, 1);
  const options = { cascade: true, verify: true, dryRun: true };
  const none = await agents.unregisterMany(idle, {
    ...options,
    ...writeJob(),
  });
  assertEquals(none.agentIds, ["scout"]);
  const gone = await agents.unregister("scout", {
    ...options,
    ...writeJob(),
    dryRun: false,
  });
  assertEquals(gone.verification.complete, true);
}
