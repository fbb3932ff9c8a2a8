/** Writes a tenant's rows as lines of JSON, in bounded parts. */
import { convexToJson, type ObjectType, v, type Value } from "convex/values";
import { accessArgs } from "../access.ts";
import { readCursor } from "../paging/cursor.ts";
import {
  isOwn,
  neighboursOf,
  type Reached,
  type Row,
} from "../erasure/erasure.ts";
import { Owners } from "../erasure/owners.ts";
import { stepFields } from "../fields.ts";
import type { QueryCtx, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import { withoutNeighbours } from "../text/searchText.ts";
import { userSubject } from "../erasure/subjects.ts";
import { dependentsOf, type TracedField } from "../erasure/traces.ts";
import { chainRows, readLink } from "./chainRows.ts";
import { DERIVED, parentsOf, ROOTS, UNIQUE } from "./transferTables.ts";
import { type Branch, isPlace, type Place, readTree } from "./tree.ts";
import { type IndexRange, StepBudget } from "../paging/walk.ts";

/** Arguments of `transfer:dump`. */
export const dumpArgs = {
  ...accessArgs,
  /** Only rows about this user. */
  userId: v.optional(v.string()),
  cursor: v.optional(v.string()),
};

/** Result of `transfer:dump`. */
export const dumpResult = v.object({
  /** One JSON text per row. */
  lines: v.array(v.string()),
  ...stepFields,
});

/**
 * Rows per part. Reading them takes some 20 ms, for which other calls wait on hosts with one thread. Each row has up to
 * three lists below it, a user's row up to seven.
 */
const MAX_ROWS = 250;
const MAX_USER_ROWS = 150;

/** Fields that are valid only in this deployment. */
const LOCAL = new Set([
  "_id",
  "_creationTime",
  "tenantId",
  "scopeKey",
  "userKey",
  "sourceUserKey",
  "embeddingDocId",
  "archiveJob",
  "deletingSince",
  "held",
]);

interface Dumped extends Branch {
  table: TableName;
  /** The row that the rows of this list belong to. */
  owner?: Row | undefined;
  below: (row: Row, cursor: string) => Dumped[];
}

/** Reads one part. A row comes after the row that it belongs to. */
export async function dump(
  ctx: QueryCtx,
  scope: Scope,
  { userId, cursor }: ObjectType<typeof dumpArgs>,
): Promise<typeof dumpResult.type> {
  const start = cursor === undefined ? [] : parse(cursor);
  const lists = new Lists(ctx, scope);
  const lines: string[] = [];
  const seen = new Set<string>();
  const place = await readTree(
    ctx,
    userId === undefined ? lists.all() : lists.ofUser(userId),
    start,
    {
      budget: new StepBudget(userId === undefined ? MAX_ROWS : MAX_USER_ROWS),
      visit: (row, list) => {
        // A row that was written already leads to nothing new; the chain of a fact, for example, leads back to it.
        if (seen.has(row._id)) return "skip";
        seen.add(row._id);
        lines.push(lists.lineOf(list, row));
        return "take";
      },
      passes: (row) => seen.add(row._id),
    },
  );
  return place === undefined
    ? { lines, done: true }
    : { lines, done: false, cursor: JSON.stringify(place) };
}

/** The lists of rows to read, and the format of their lines. */
class Lists {
  readonly #ctx: QueryCtx;
  readonly #scope: Scope;
  readonly #parents = parentsOf();
  #isOfUser = false;
  /** Tables with rows that belong to a row of the table. */
  readonly #below: ReadonlyMap<TableName, readonly TracedField[]>;

  constructor(ctx: QueryCtx, scope: Scope) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#below = new Map(
      ROOTS.map(({ table }) => [table, dependentsOf(table)]),
    );
  }

  /** The lists of every table. */
  all(): Dumped[] {
    return ROOTS.map(({ table, index, by }) => ({
      table,
      range: { table, index, by, equals: [["tenantId", this.#scope.tenantId]] },
      below: (row) => this.#belonging(table, row),
    }));
  }

  /** The lists of what an erasure of the user would delete. */
  ofUser(userId: string): Dumped[] {
    this.#isOfUser = true;
    const subject = userSubject(this.#scope, userId);
    const owners = new Owners(this.#ctx, subject);
    const below = (table: TableName, row: Row, reached?: Reached): Dumped[] => [
      ...this.#belonging(table, row),
      ...subject.links(table, row).filter(isCarried).map((range) => ({
        table: range.table,
        range,
        // The user's own rows are lists of their own.
        matches: (row: Row) =>
          range.selects?.(row) !== false && !isOwn(subject, range.table, row),
        below: (row: Row) => below(range.table, row),
      })),
      ...neighboursOf(subject, table, row, reached).map(({ field, name }) => ({
        table,
        range: subject.chain!.rangeOf(row),
        rows: (after: string | undefined, budget: StepBudget) =>
          chainRows(this.#ctx, subject, row, { field, name }, after, budget),
        below: (row: Row, cursor: string) =>
          below(table, row, { field, from: readLink(cursor).from }),
      })),
    ];
    return subject.ranges.filter(isCarried).map((range) => {
      const { table } = range;
      const list: Dumped = {
        table,
        range,
        below: (row) => below(table, row),
        matches: async (row, budget) => {
          if (subject.owns?.(table, row) === false) return false;
          const { owner, isOwn } = await owners.find(table, row, budget);
          // The row's line comes next.
          list.owner = owner;
          // Otherwise it is read below its owner.
          return !isOwn;
        },
      };
      return list;
    });
  }

  /**
   * Writes a row as JSON, without fields that are valid only in this deployment, and, of a user, without others' words.
   */
  lineOf({ table, owner }: Dumped, row: Row): string {
    const parent = this.#parents.get(table);
    const kept = Object.entries(row).filter(([name]) =>
      !LOCAL.has(name) && name !== parent?.field
    ).map(([name, value]) =>
      this.#isOfUser && table === "memories" && name === "searchText"
        ? [name, withoutNeighbours(value)]
        : [name, value]
    );
    return JSON.stringify({
      table,
      ...(parent !== undefined && owner !== undefined && {
        of: pick(owner, [
          ...UNIQUE[parent.table]?.fields ?? [],
          "createdAt",
        ]),
      }),
      row: convexToJson(Object.fromEntries(kept) as Value),
    });
  }

  #belonging(table: TableName, row: Row): Dumped[] {
    return (this.#below.get(table) ?? []).map(
      ({ table, field, index = "", by }) => ({
        table,
        range: { table, index, by, equals: [[field, row._id]] },
        owner: row,
        below: () => [],
      }),
    );
  }
}

/** Whether a range is exported: a user's participations are, but not the spaces, which belong to others. */
function isCarried({ table }: IndexRange<TableName>): boolean {
  return table === "spaceParticipants" || !DERIVED.includes(table);
}

function pick(row: Row, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => [name, (row as Record<string, unknown>)[name]]),
  );
}

function parse(cursor: string): Place {
  return readCursor<Place>(cursor, isPlace);
}
