/** Calls every method of `immutable`, `mutable` and `memorySpaces` with every parameter that it takes. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { ImmutableEntry } from "../../../cortex/types/immutable.ts";
import type {
  ListMemorySpacesFilter,
  RegisterMemorySpaceParams,
} from "../../../cortex/types/memory_spaces.ts";
import type {
  CountMutableFilter,
  ListMutableFilter,
  MutableOperation,
  PurgeManyFilter,
} from "../../../cortex/types/mutable.ts";
import {
  controls,
  later,
  tenantId,
  write,
  writeJob,
} from "./surface_support.ts";

const entry: Required<ImmutableEntry> = {
  type: "policy",
  id: "p-1",
  data: { text: "Pay within 30 days" },
  userId: "ada",
  metadata: { author: "ada" },
};
const { type, id, userId } = entry;

/** `immutable` */
export async function callImmutable({ immutable }: Cortex): Promise<void> {
  assertEquals((await immutable.store(entry, write())).version, 1);
  await immutable.store({ ...entry, data: { text: "Pay now" } }, write());
  assertEquals((await immutable.get(type, id, controls))?.version, 2);
  const first = await immutable.getVersion(type, id, 1, controls);
  assertEquals(first?.data, entry.data);
  assertEquals((await immutable.getHistory(type, id, controls)).length, 2);
  const now = new Date();
  const latest = await immutable.getAtTimestamp(type, id, now, controls);
  assertEquals(latest?.version, 2);
  const owned = { type, userId, tenantId };
  const rows = await immutable.list({ ...owned, limit: 5 }, controls);
  assertEquals(rows.length, 1);
  assertEquals(await immutable.count(owned, controls), 1);
  const query = { query: "pay", ...owned, limit: 5 };
  assertEquals((await immutable.search(query, controls)).length, 1);
  const kept = await immutable.purgeVersions(type, id, 1, writeJob());
  assertEquals(kept.versionsPurged, 1);
  assertEquals((await immutable.purge(type, id, writeJob())).deleted, true);
  assertEquals(
    (await immutable.purgeMany(owned, writeJob())).deleted,
    0,
  );
}

const namespace = "stock";
const counted: Required<CountMutableFilter> = {
  namespace,
  keyPrefix: "pens",
  tenantId,
  userId: "ada",
  updatedAfter: 0,
  updatedBefore: later,
};
const listed: Required<ListMutableFilter> = {
  ...counted,
  limit: 5,
  offset: 0,
  sortBy: "updatedAt",
  sortOrder: "desc",
};
const purged: Required<PurgeManyFilter> = {
  namespace,
  keyPrefix: "pens",
  userId: "ada",
  updatedBefore: later,
  tenantId,
};
const operations: MutableOperation[] = [
  { op: "set", namespace, key: "ink", value: 1 },
  { op: "update", namespace, key: "ink", value: 2 },
  { op: "increment", namespace, key: "ink", amount: 3 },
  { op: "decrement", namespace, key: "ink", amount: 1 },
  { op: "delete", namespace, key: "ink" },
];

/** `mutable` */
export async function callMutable({ mutable }: Cortex): Promise<void> {
  const key = "pens:red";
  const metadata = { shelf: 1 };
  await mutable.set(namespace, key, 5, "ada", metadata, write());
  assertEquals(await mutable.get(namespace, key, controls), 5);
  const row = await mutable.getRecord(namespace, key, controls);
  assertEquals(row?.metadata, metadata);
  assertEquals(await mutable.exists(namespace, key, controls), true);
  const double = (n: number) => n * 2;
  await mutable.update<number>(namespace, key, double, write());
  await mutable.increment(namespace, key, 3, write());
  const { value } = await mutable.decrement(namespace, key, 1, write());
  assertEquals(value, 12);
  assertEquals((await mutable.list(listed, controls)).length, 1);
  assertEquals(await mutable.count(counted, controls), 1);
  const done = await mutable.transaction(operations, write());
  assertEquals(done.operationsExecuted, operations.length);
  assertEquals((await mutable.purgeMany(purged, writeJob())).keys, [key]);
  for (const remove of ["delete", "purge"] as const) {
    await mutable.set(namespace, key, null);
    const gone = await mutable[remove](namespace, key, write());
    assertEquals(gone, { deleted: true, namespace, key });
  }
  const options = { ...writeJob(), dryRun: true, tenantId };
  const dry = await mutable.purgeNamespace(namespace, options);
  assertEquals(dry.dryRun, true);
}

const memorySpaceId = "team-1";
const ada = { id: "ada", type: "user", joinedAt: 1 };
const bob = { id: "bob", type: "agent", joinedAt: 2 };
const registration: Required<RegisterMemorySpaceParams> = {
  memorySpaceId,
  tenantId,
  name: "Team",
  type: "team",
  participants: [ada],
  metadata: { floor: 1 },
};
const spaces: Required<ListMemorySpacesFilter> = {
  type: "team",
  status: "active",
  tenantId,
  participant: "ada",
  limit: 5,
  offset: 0,
  sortBy: "name",
  sortOrder: "asc",
};

/** `memorySpaces` */
export async function callMemorySpaces(
  { memorySpaces }: Cortex,
): Promise<void> {
  await memorySpaces.register(registration, write());
  const space = await memorySpaces.get(memorySpaceId, controls);
  assertEquals(space?.name, "Team");
  assertEquals((await memorySpaces.list(spaces, controls)).total, 1);
  const state = { type: "team", status: "active" } as const;
  assertEquals(await memorySpaces.count(state, controls), 1);
  const query = { ...state, ...controls, limit: 5 };
  const hits = await memorySpaces.search("team", query);
  assertEquals(hits.length, 1);
  const updates = {
    name: "T",
    metadata: { floor: 2 },
    status: "active",
  } as const;
  await memorySpaces.update(memorySpaceId, updates, write());
  await memorySpaces.addParticipant(memorySpaceId, bob, write());
  await memorySpaces.removeParticipant(memorySpaceId, "bob", write());
  const people = { add: [bob], remove: ["ada"] };
  await memorySpaces.updateParticipants(memorySpaceId, people, write());
  const found = await memorySpaces.findByParticipant("bob", controls);
  assertEquals(found.length, 1);
  const stats = await memorySpaces.getStats(memorySpaceId, {
    ...controls,
    timeWindow: "7d",
    includeParticipants: true,
  });
  assertEquals(stats.totalMemories, 0);
  const why = { ...write(), reason: "done", metadata: { by: "ada" } };
  const archived = await memorySpaces.archive(memorySpaceId, why);
  assertEquals(archived.status, "archived");
  const back = await memorySpaces.reactivate(memorySpaceId, write());
  assertEquals(back.status, "active");
  const gone = await memorySpaces.delete(memorySpaceId, {
    ...writeJob(),
    cascade: true,
    reason: "surface",
    confirmId: memorySpaceId,
    syncToGraph: false,
  });
  assertEquals(gone.deleted, true);
}
