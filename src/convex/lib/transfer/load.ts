/** Stores rows that were exported as lines of JSON. */
import { checkCount } from "../bounds.ts";
import { ConvexError, type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  bytesOfConversation,
  bytesOfMessage,
} from "../conversations/conversationStore.ts";
import {
  tallyConversation,
  tallyMessages,
} from "../conversations/conversationRanges.ts";
import { Tallies } from "../counters.ts";
import type { Row } from "../erasure/erasure.ts";
import { embeddingKeys, linkEmbedding } from "../embeddings.ts";
import { countFact } from "../facts/factCounts.ts";
import { followSuccessor } from "../facts/factVersions.ts";
import { countRecord } from "../immutable/immutableStore.ts";
import { loadShown, type Outcome } from "./loadShown.ts";
import { linked } from "../memory/memoryNeighbours.ts";
import { seedOf } from "../memory/memoryStore.ts";
import { tallyBytes, tallyRow } from "../memory/memoryRanges.ts";
import { countValue } from "../mutable/mutableStore.ts";
import type { Doc, Id, MutationCtx, TableName } from "../model.ts";
import { haveOwners } from "../erasure/owners.ts";
import { ArrivedMessages, ArrivedVersions } from "./arrivals.ts";
import { StepBudget } from "../paging/walk.ts";
import { countAgent } from "../registry/agentCounts.ts";
import { checkId, MAX_SPACE_ID_LENGTH, type Scope } from "../scope.ts";
import {
  checkStanding,
  countSpace,
  findSpace,
  mirror,
} from "../spaces/spaceStore.ts";
import { conflict, EMBEDDINGS, knownAs } from "./sameness.ts";
import { hasNeighbours } from "../text/searchText.ts";
import { type Fields, type Line, parseLine, refused } from "./transferLine.ts";
import { type Parent, parentsOf, UNIQUE } from "./transferTables.ts";

/** Most lines of one call. */
const MAX_LINES = 200;
/** Index ranges that one call may read for counters, besides the few of each row. */
const MAX_COST = 2000;
/** The cost of a row of `users.export`, which is stored like a new one. */
const SHOWN_COST = 20;
/** The cost of a fact that may be superseded. */
const FOLLOWED_COST = 10;
/** Of the memories around one, so many bytes cost as much as a range. */
const BYTES_A_COST = 1024;

/** Arguments of `transfer:load`. */
export const loadArgs = {
  ...accessArgs,
  lines: v.array(v.string()),
  /** Number of the first line, for messages. Default: 1. */
  firstLine: v.optional(v.number()),
};

/** Result of `transfer:load`. */
export const loadResult = v.object({
  /** Rows stored, by table. */
  loaded: v.record(v.string(), v.number()),
  /** Rows that exist already, or whose owner does not exist. */
  skipped: v.number(),
  /** Skipped rows that conflict with stored ones, and erasures not continued here, by line number. */
  conflicts: v.array(conflict),
});

interface Indexed {
  withIndex(
    name: string,
    range: (q: Equal) => unknown,
  ): AsyncIterable<Row>;
}

interface Equal {
  eq(field: string, value: unknown): Equal;
}

/**
 * Stores rows for the tenant of the call, whatever tenant they had. Existing rows stay as they are, so an interrupted
 * load can be repeated from the start. Rows with many tags, each of which has a counter, may fill a transaction early;
 * lines that the result does not account for belong in the next call.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED`, `INVALID_LINE`, `MEMORYSPACE_DELETING`.
 */
export async function load(
  ctx: MutationCtx,
  scope: Scope,
  { lines, firstLine = 1 }: ObjectType<typeof loadArgs>,
): Promise<typeof loadResult.type> {
  checkCount("lines", lines.length, MAX_LINES);
  const loader = new Loader(ctx, scope);
  for (const [at, text] of lines.entries()) {
    if (loader.isFull) break;
    await loader.load(parseLine(text, firstLine + at));
  }
  await loader.finish();
  const { loaded, skipped, conflicts } = loader;
  return { loaded, skipped, conflicts };
}

class Loader {
  /** Rows stored, by table. */
  readonly loaded: Record<string, number> = {};
  /** Rows skipped. */
  skipped = 0;
  /** Skipped rows that conflict with stored ones, and erasures not continued here. */
  readonly conflicts: (typeof conflict.type)[] = [];
  #cost = 0;
  /** Changes of counters. */
  readonly #tallies = new Tallies();
  readonly #messages: ArrivedMessages;
  readonly #versions: ArrivedVersions;
  readonly #ctx: MutationCtx;
  readonly #scope: Scope;
  readonly #parents = parentsOf();
  readonly #owners = new Map<string, Row | null>();
  /** Spaces that are not being deleted: a space's row may be large, and is read once. */
  readonly #standing = new Set<string>();

  constructor(ctx: MutationCtx, scope: Scope) {
    this.#ctx = ctx;
    this.#scope = scope;
    this.#messages = new ArrivedMessages(ctx);
    this.#versions = new ArrivedVersions(ctx);
  }

  /** Whether the transaction has read as much as it should. */
  get isFull(): boolean {
    return this.#cost > MAX_COST;
  }

  /** Stores one row, unless it exists, or belongs to a row that does not. */
  async load(line: Line): Promise<void> {
    const { tags } = line.row;
    this.#cost += (line.isShown ? SHOWN_COST : 1) +
      (Array.isArray(tags) ? tags.length : 0);
    const outcome = line.isShown
      ? await this.#loadShown(line)
      : await this.#load(line);
    if (outcome === "stored") {
      this.loaded[line.table] = (this.loaded[line.table] ?? 0) + 1;
      return;
    }
    this.skipped++;
    if (outcome === "here") return;
    this.conflicts.push({ line: line.number, reason: outcome });
  }

  /** Writes the counters of the stored rows. */
  async finish(): Promise<void> {
    await this.#messages.write();
    await this.#versions.write();
    await this.#tallies.write(this.#ctx);
  }

  async #load({ number, table, of, row }: Line): Promise<Outcome> {
    const parent = this.#parents.get(table);
    const owner = parent === undefined
      ? undefined
      : await this.#ownerOf(parent, of ?? row);
    if (owner === null) return "owner";
    const stored = this.#stored(table, row, parent, owner);
    const found = await this.#find(table, stored);
    const isErasing = table === "deletionRequests" && row.status === "running";
    const { status = "failed" } = (found ?? {}) as Fields;
    if (isErasing && status === "failed") {
      this.conflicts.push({ line: number, reason: "erasing" });
    }
    const known = await knownAs(this.#ctx, table, {
      row: stored,
      found,
      owner,
    });
    if (known !== undefined) return known;
    await this.#requireStandingSpace(row);
    // A running erasure is not continued: it would also erase what was stored here.
    if (isErasing) {
      Object.assign(stored, { status: "failed", subjectId: undefined });
    }
    if (table === "messages") {
      stored.seq = await this.#messages.placeOf(
        owner as Doc<"conversations">,
        row.seq as number,
      );
    }
    if (table === "immutableVersions") {
      await this.#versions.add(owner as Doc<"immutable">);
    }
    const _id = await this.#insert(number, table, stored);
    if (EMBEDDINGS.has(table)) {
      const embedding = _id as Id<"memoryEmbeddings">;
      await linkEmbedding(this.#ctx, owner!._id as Id<"memories">, embedding);
    }
    await this.#arrive(table, { ...stored, _id } as unknown as Row, owner);
    return "stored";
  }

  async #loadShown({ number, table, of, row }: Line): Promise<Outcome> {
    await this.#requireStandingSpace(row);
    try {
      return await loadShown(
        this.#ctx,
        this.#scope,
        { table, of, row },
        (record) => this.#versions.add(record),
      );
    } catch (error) {
      if (error instanceof ConvexError) throw error;
      return refused(number, `what it shows does not fit the table ${table}`);
    }
  }

  async #insert(
    number: number,
    table: TableName,
    row: Fields,
  ): Promise<string> {
    try {
      return await this.#ctx.db.insert(table, row as never);
    } catch {
      return refused(number, `its row does not fit the table ${table}`);
    }
  }

  /** The row to store: with this tenant, and with the `_id` of its owner here. */
  #stored(
    table: TableName,
    row: Fields,
    parent: Parent | undefined,
    owner: Row | undefined,
  ): Fields {
    const { tenantId } = this.#scope;
    const isScoped = parent === undefined || haveOwners(table);
    const { tenantId: _, ...own } = row;
    return {
      ...own,
      ...(isScoped && tenantId !== undefined && { tenantId }),
      ...(parent !== undefined && owner && { [parent.field]: owner._id }),
      // Messages are counted as they are stored.
      ...(table === "conversations" && { messageCount: 0, messageBytes: 0 }),
      ...(row.embedding !== undefined && row.dims !== undefined && owner && {
        ...embeddingKeys({ ...owner as Doc<"memories">, tenantId }),
      }),
    };
  }

  /** The stored owner of a row; null if there is none, or if its name belongs to another row. */
  async #ownerOf({ table }: Parent, of: Fields): Promise<Row | null> {
    const { fields = [] } = UNIQUE[table] ?? {};
    const name = JSON.stringify([table, fields.map((field) => of[field])]);
    if (!this.#owners.has(name)) {
      this.#owners.set(name, await this.#find(table, of));
    }
    const found = this.#owners.get(name) ?? null;
    const { createdAt } = (found ?? {}) as { createdAt?: number };
    const isOther = of.createdAt !== undefined && of.createdAt !== createdAt;
    return isOther ? null : found;
  }

  async #find(table: TableName, row: Fields): Promise<Row | null> {
    const { index, fields, scoped = true } = UNIQUE[table]!;
    const rows = (this.#ctx.db.query(table) as unknown as Indexed)
      .withIndex(index, (q) => {
        const start = scoped ? q.eq("tenantId", this.#scope.tenantId) : q;
        return fields.filter((field) => !LAST.has(field))
          .reduce((range, field) => range.eq(field, row[field]), start);
      });
    for await (const found of rows) {
      const here = found as Fields;
      if (fields.every((field) => here[field] === row[field])) return found;
    }
    return null;
  }

  async #requireStandingSpace({ memorySpaceId: id }: Fields): Promise<void> {
    if (typeof id !== "string" || this.#standing.has(id)) return;
    checkId("memorySpaceId", id, MAX_SPACE_ID_LENGTH);
    checkStanding(await findSpace(this.#ctx, this.#scope, id));
    this.#standing.add(id);
  }

  /** Does what storing a row entails: counts it, and updates mirrors. */
  async #arrive(
    table: TableName,
    row: Row,
    owner: Row | null | undefined,
  ): Promise<void> {
    switch (table) {
      case "memorySpaces": {
        const space = row as Doc<"memorySpaces">;
        await countSpace(this.#ctx, space, 1);
        for (const participant of space.participants) {
          await mirror(this.#ctx, this.#scope, space, participant);
        }
        return;
      }
      case "spaceParticipants":
        return await this.#join(row as Doc<"spaceParticipants">);
      case "immutable": {
        const record = row as Doc<"immutable">;
        return await countRecord(this.#ctx, this.#scope, record, 1);
      }
      case "agents":
        return await countAgent(this.#ctx, row as Doc<"agents">);
      case "mutable":
        return await countValue(this.#ctx, row as Doc<"mutable">);
      case "facts": {
        const fact = row as Doc<"facts">;
        if (fact.isCurrent) await countFact(this.#ctx, fact);
        return await this.#follow(fact, fact.supersedes, fact.factId);
      }
      case "factHistory": {
        const { action, factId, supersededBy, ...event } = row as Doc<
          "factHistory"
        >;
        if (action !== "SUPERSEDE") return;
        return await this.#follow(event, factId, supersededBy);
      }
      case "memories":
        await this.#link(row as Doc<"memories">);
    }
    this.#tally(table, row, owner);
  }

  /** Gives a memory of a user's bundle, and those around it here, each other's words. */
  async #link({ _id, searchText }: Doc<"memories">): Promise<void> {
    if (hasNeighbours(searchText)) return;
    const memory = (await this.#ctx.db.get(_id))!;
    if (memory.conversationRef === undefined) return;
    const budget = new StepBudget(Infinity, Number.MAX_SAFE_INTEGER);
    const text = await linked(this.#ctx, this.#scope, memory, memory, budget);
    if (text !== searchText) {
      await this.#ctx.db.patch(_id, { searchText: text });
    }
    this.#cost += (Number.MAX_SAFE_INTEGER - budget.bytes) / BYTES_A_COST;
  }

  #tally(table: TableName, row: Row, owner: Row | null | undefined): void {
    switch (table) {
      case "conversations": {
        const conversation = row as Doc<"conversations">;
        const tally = this.#tallies.of(conversation.conversationId);
        tallyConversation(tally, conversation, 1);
        const bytes = bytesOfConversation(conversation);
        return tallyMessages(tally, conversation, 0, bytes);
      }
      case "messages": {
        const message = row as Doc<"messages">;
        const conversation = owner as Doc<"conversations">;
        this.#messages.add(message);
        const tally = this.#tallies.of(conversation.conversationId);
        return tallyMessages(tally, conversation, 1, bytesOfMessage(message));
      }
      case "memories": {
        const memory = row as Doc<"memories">;
        return tallyRow(this.#tallies.of(seedOf(memory)), memory, 1);
      }
      case "memoryVersions": {
        const memory = owner as Doc<"memories">;
        const { bytes } = row as Doc<"memoryVersions">;
        return tallyBytes(this.#tallies.of(seedOf(memory)), memory, bytes);
      }
    }
  }

  /** Marks a fact as superseded that exists here, or was exported, in its earlier state. */
  async #follow(
    { memorySpaceId, ...times }: Pick<Doc<"facts">, "memorySpaceId"> & {
      updatedAt?: number;
      timestamp?: number;
    },
    old: string | undefined,
    successor: string | undefined,
  ): Promise<void> {
    if (old === undefined || successor === undefined) return;
    const now = times.updatedAt ?? times.timestamp ?? this.#scope.now;
    const then = { ...this.#scope, now };
    this.#cost += FOLLOWED_COST;
    await followSuccessor(this.#ctx, then, memorySpaceId, old, successor);
  }

  /** Adds a participant to the list in the row of the space. */
  async #join(row: Doc<"spaceParticipants">): Promise<void> {
    const space = await findSpace(this.#ctx, this.#scope, row.memorySpaceId);
    if (space === null) return;
    const { participantId: id, type, joinedAt } = row;
    await this.#ctx.db.patch(space._id, {
      participants: [...space.participants, { id, type, joinedAt }],
    });
  }
}

/** Fields that identify rows but are the last field of no index. */
const LAST: ReadonlySet<string> = new Set(["eventId", "requestId"]);
