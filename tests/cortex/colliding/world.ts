/** A backend with tenants whose ids are either the same wherever an id may be, or unique. */
import { Cortex } from "../../../mod.ts";
import { silent } from "../../../src/testing/facade/subject.ts";
import type { TableName } from "../../../src/convex/lib/model.ts";
import { type Backend, openBackend, TABLES } from "../../convex/backend.ts";
import { shown } from "./shown.ts";

/** Tenants: none, and one that is named like a space and a user. */
export const TENANTS = [undefined, "x"];

/** Tables that show only what others do, or only hashes. */
const UNSEEN = ["counters", "idempotencyTraces", "idempotencyParts"];
/** How long a call takes, in ms. */
const CALL_MS = 3;

type Call = (name: string, args: Record<string, unknown>) => Promise<unknown>;

/** Calls the backend on this thread. */
interface InlineClient {
  query: Call;
  mutation: Call;
  action: Call;
}

/** A tenant's facade. */
export type Tenant = Cortex<InlineClient>;

/** What an id names: it is unique among these. */
export type Kind =
  | "agent"
  | "conversation"
  | "fact"
  | "key"
  | "label"
  | "memory"
  | "message"
  | "space"
  | "user";

/** Where the rows are that have an id of a kind, for kinds whose ids may be used again. */
const HOLDERS: Partial<Record<Kind, readonly [TableName, field: string][]>> = {
  conversation: [["conversations", "conversationId"]],
  fact: [["facts", "factId"]],
  key: [["immutable", "id"], ["mutable", "key"]],
  memory: [["memories", "memoryId"]],
};

/** One of two worlds in which the same program runs. */
export class World {
  /** Whether ids of different things differ. */
  readonly isUnique: boolean;
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #clock = { now: 1_700_000_000_000 };
  readonly #backend: Backend;
  readonly #client: InlineClient;
  readonly #tenants = new Map<string | undefined, Tenant>();

  constructor(isUnique: boolean) {
    this.isUnique = isUnique;
    this.#backend = openBackend({ now: () => this.#clock.now });
    const { engine } = this.#backend;
    this.#client = {
      query: (name, args) => engine.query(name, args as never),
      mutation: (name, args) => engine.mutation(name, args as never),
      action: (name, args) => engine.action(name, args as never),
    };
  }

  /** Lets time pass before the next call. */
  tick(): void {
    this.#clock.now += CALL_MS;
  }

  cortex(tenantId: string | undefined): Tenant {
    const known = this.#tenants.get(tenantId);
    if (known !== undefined) return known;
    const cortex = new Cortex({
      client: this.#client,
      logger: silent,
      ...tenantId !== undefined && { auth: { userId: "me", tenantId } },
    });
    this.#tenants.set(tenantId, cortex);
    return cortex;
  }

  /** The id itself, or in the unique world one that nothing else has. */
  name(id: string, kind: Kind, ...within: (string | undefined)[]): string {
    if (!this.isUnique) return id;
    const key = JSON.stringify([id, kind, ...within.map((at) => at ?? null)]);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `qq${this.#ids.size}zz`;
    this.#names.set(key, name);
    this.#ids.set(name, id);
    return name;
  }

  /** In the unique world, lets what is gone have another id when it comes again. */
  async renew(): Promise<void> {
    const living = new Set<unknown>();
    for (const [table, field] of Object.values(HOLDERS).flat()) {
      for (const row of await this.#backend.rows(table)) {
        living.add(`${row[field]}`.replace(/^fact-/, ""));
      }
    }
    // Facts that a memory left go to the next one of its user.
    for (const row of await this.#backend.rows("facts")) {
      const source = row.sourceRef as { memoryId?: string } | undefined;
      living.add(row.isCurrent ? source?.memoryId : row.archivedByMemoryId);
    }
    for (const [key, name] of this.#names) {
      const [, kind] = JSON.parse(key) as [id: string, kind: Kind];
      if (kind in HOLDERS && !living.has(name)) this.#names.delete(key);
    }
  }

  /** A value as text that is the same in both worlds if it means the same. */
  text(value: unknown): string {
    return shown(
      value,
      (text) =>
        text.replace(
          /qq\d+zz/g,
          (name) => JSON.stringify(this.#ids.get(name)).slice(1, -1),
        ),
    );
  }

  /** The rows of a list as texts in an order that does not depend on ids. */
  texts(rows: readonly unknown[]): string[] {
    return rows.map((row) => this.text(row)).sort();
  }

  /** Every row. */
  async rows(): Promise<string[]> {
    const lines: string[] = [];
    for (const table of TABLES) {
      if (UNSEEN.includes(table)) continue;
      for (const row of await this.#backend.rows(table)) {
        lines.push(`${table} ${this.text(row)}`);
      }
    }
    return lines.sort();
  }

  async close(): Promise<void> {
    await this.#backend.engine.close();
  }
}
