/**
 * Exact counts that need not read the counted rows: every insert, delete or update of a counted row adjusts its
 * counters in the same transaction.
 *
 * A counter is the sum of up to eight shard rows, so that concurrent writers rarely conflict. The shard follows from
 * the counted row itself (`seed`), so no shard goes below zero. A shard at zero is deleted, so that erased rows leave
 * no trace in counters.
 *
 * @module
 */
import type { Doc, MutationCtx, QueryCtx } from "./model.ts";

const SHARDS = 8;
/** Most counters of one group that are listed. */
const MAX_LISTED = 4000;

/** The tenant whose rows are counted, or none. */
type Tenant = { readonly tenantId?: string | undefined };

/** Group of the counters of a memory space. */
export function spaceCounters(tenant: Tenant, memorySpaceId: string): string {
  return `space:${tenantKey(tenant)}:${memorySpaceId}`;
}

/** Group of the counters of a table. */
export function tableCounters(tenant: Tenant, table: string): string {
  return `table:${tenantKey(tenant)}:${table}`;
}

/** Group of the counters of a type of immutable records. */
export function immutableCounters(tenant: Tenant, type: string): string {
  return `immutable:${tenantKey(tenant)}:${type}`;
}

/** Group of the counter of a namespace of mutable values. */
export function mutableCounters(tenant: Tenant, namespace: string): string {
  return `mutable:${tenantKey(tenant)}:${namespace}`;
}

/** Quotes a tenant's id, so that it cannot be confused with another tenant's space. */
function tenantKey({ tenantId }: Tenant): string {
  return tenantId === undefined ? "" : JSON.stringify(tenantId);
}

/** Key of the counter of rows with these traits: `memories` counts all, `memories?[["userId","ada"]]` Ada's. */
export function counterKey(
  name: string,
  traits: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(traits)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0 ? name : `${name}?${JSON.stringify(given)}`;
}

/** Keys of all counters of a row with these traits: one for each combination of them. */
export function counterKeys(
  name: string,
  traits: Readonly<Record<string, string | undefined>>,
): string[] {
  const choices = Object.entries(traits)
    .filter(([, value]) => value !== undefined)
    .reduce<Record<string, string | undefined>[]>(
      (chosen, [trait, value]) => [
        ...chosen,
        ...chosen.map((choice) => ({ ...choice, [trait]: value })),
      ],
      [{}],
    );
  return choices.map((choice) => counterKey(name, choice));
}

/** Collects changes of counters, so that each counter is written once. */
export class Tally {
  readonly #changes = new Map<string, Map<string, number>>();

  /** Adds to a counter. */
  add(group: string, key: string, by: number): void {
    const keys = this.#changes.get(group) ?? new Map<string, number>();
    keys.set(key, (keys.get(key) ?? 0) + by);
    this.#changes.set(group, keys);
  }

  /** The total change of a key's counters in all groups. */
  sum(key: string): number {
    let sum = 0;
    for (const keys of this.#changes.values()) sum += keys.get(key) ?? 0;
    return sum;
  }

  /**
   * Writes the changes: one range, one row read and one written for each changed counter.
   *
   * @param seed Something that never changes while the counted rows exist, such as their conversation's id.
   */
  async write(ctx: MutationCtx, seed: string): Promise<void> {
    const shard = shardOf(seed);
    for (const [group, keys] of this.#changes) {
      for (const [key, by] of keys) {
        if (by !== 0) await adjust(ctx, { scope: group, key, shard }, by);
      }
    }
    this.#changes.clear();
  }
}

/** Counters of the bytes that a space's rows take, by kind. */
export const BYTE_COUNTERS = {
  conversations: "conversationBytes",
  memories: "memoryBytes",
  facts: "factBytes",
} as const;

/** Changes of counters for many rows: each counter is written once, however many rows change it. */
export class Tallies {
  readonly #tallies = new Map<number, { tally: Tally; seed: string }>();

  /** The tally for rows with this seed. */
  of(seed: string): Tally {
    const shard = shardOf(seed);
    const found = this.#tallies.get(shard) ?? { tally: new Tally(), seed };
    this.#tallies.set(shard, found);
    return found.tally;
  }

  /** The total change of a key's counters in all groups. */
  sum(key: string): number {
    let sum = 0;
    for (const { tally } of this.#tallies.values()) sum += tally.sum(key);
    return sum;
  }

  /** Writes the changes. */
  async write(ctx: MutationCtx): Promise<void> {
    for (const { tally, seed } of this.#tallies.values()) {
      await tally.write(ctx, seed);
    }
  }
}

/** A counter of rows of a kind that older versions stored without counting them. */
export interface LateCounter {
  readonly group: string;
  readonly key: string;
  /** Reads rows of the kind, at most so many. */
  readonly rows: (most: number) => Promise<readonly unknown[]>;
}

/**
 * Counts a new row. The counter starts with the first row of its kind, so one that exists is exact. One read and one
 * write if it exists.
 */
export async function countIn(
  ctx: MutationCtx,
  { group, key, rows }: LateCounter,
  seed: string,
): Promise<void> {
  const part = { scope: group, key, shard: shardOf(seed) };
  const row = await rowOf(ctx, part);
  const isBegun = row !== null || await readCounter(ctx, group, key) > 0 ||
    (await rows(2)).length === 1;
  if (isBegun) await change(ctx, part, 1, row);
}

/** Removes rows, given by their seeds, if they are counted. */
export async function countOut(
  ctx: MutationCtx,
  { group, key }: Pick<LateCounter, "group" | "key">,
  seeds: readonly string[],
): Promise<void> {
  const counts = new Map<number, number>();
  for (const shard of seeds.map(shardOf)) {
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  for (const [shard, count] of counts) {
    const part = { scope: group, key, shard };
    const row = await rowOf(ctx, part);
    if (row !== null) await change(ctx, part, -count, row);
  }
}

/** Number of rows; undefined if there are some that an older version has not counted. */
export async function countOf(
  ctx: QueryCtx,
  { group, key, rows }: LateCounter,
): Promise<number | undefined> {
  const count = await readCounter(ctx, group, key);
  return count > 0 || (await rows(1)).length === 0 ? count : undefined;
}

/** One of the rows over which a counter is spread; `scope` is its group. */
type Part = Pick<Doc<"counters">, "scope" | "key" | "shard">;

function rowOf(
  ctx: QueryCtx,
  { scope, key, shard }: Part,
): Promise<Doc<"counters"> | null> {
  return ctx.db.query("counters")
    .withIndex(
      "by_scope_key",
      (q) => q.eq("scope", scope).eq("key", key).eq("shard", shard),
    )
    .unique();
}

async function adjust(
  ctx: MutationCtx,
  part: Part,
  by: number,
): Promise<void> {
  await change(ctx, part, by, await rowOf(ctx, part));
}

async function change(
  ctx: MutationCtx,
  part: Part,
  by: number,
  row: Doc<"counters"> | null,
): Promise<void> {
  const value = (row?.value ?? 0) + by;
  // Without a shard there is nothing to take away: the row is of a kind that an older version did not count.
  if (row === null && by < 0) return;
  if (row === null) {
    await ctx.db.insert("counters", { ...part, value });
  } else if (value === 0) await ctx.db.delete(row._id);
  else await ctx.db.patch(row._id, { value });
}

/** Reads one counter: at most eight rows. */
export async function readCounter(
  ctx: QueryCtx,
  group: string,
  key: string,
): Promise<number> {
  const rows = await ctx.db.query("counters")
    .withIndex("by_scope_key", (q) => q.eq("scope", group).eq("key", key))
    .take(SHARDS);
  return rows.reduce((sum, { value }) => sum + value, 0);
}

/**
 * Counts a tenant's immutable records of all types: the sum of their counters, up to eight rows per type. Undefined if
 * there are more types than one call should read.
 */
export async function readImmutableCounters(
  ctx: QueryCtx,
  tenant: Tenant,
): Promise<number | undefined> {
  const groups = immutableCounters(tenant, "");
  // The groups share a prefix that ends in a colon; a semicolon is the next character, so this is the end of their
  // range.
  const end = groups.replace(/:$/, ";");
  const rows = await ctx.db.query("counters")
    .withIndex("by_scope_key", (q) => q.gte("scope", groups).lt("scope", end))
    .take(MAX_LISTED + 1);
  return rows.length > MAX_LISTED
    ? undefined
    : rows.reduce((sum, { value }) => sum + value, 0);
}

/**
 * Reads the counters of a group whose keys begin with a prefix, by key: about 4,000 rows of them.
 *
 * @param after The last key of the call before.
 * @returns The values, and `after` if there are more.
 */
export async function readCounters(
  ctx: QueryCtx,
  group: string,
  prefix: string,
  after = "",
): Promise<{ values: Map<string, number>; after?: string }> {
  const rows = ctx.db.query("counters")
    .withIndex("by_scope_key", (q) => {
      const mine = q.eq("scope", group);
      const from = after < prefix
        ? mine.gte("key", prefix)
        : mine.gt("key", after);
      return from.lt("key", `${prefix}\u{10ffff}`);
    });
  const values = new Map<string, number>();
  let read = 0;
  let last = after;
  for await (const { key, value } of rows) {
    // All shards of one counter must be in the same answer.
    if (read++ >= MAX_LISTED && key !== last) return { values, after: last };
    values.set(key, (values.get(key) ?? 0) + value);
    last = key;
  }
  return { values };
}

/** FNV-1a: spreads evenly, and needs no host function. */
function shardOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) {
    hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}
