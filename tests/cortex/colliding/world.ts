/** A backend with tenants whose ids are either the same wherever an id may be, or unique. */
import { Cortex } from "../../../mod.ts";
import { silent } from "../../../src/testing/facade/subject.ts";
import { type Backend, openBackend, TABLES } from "../../convex/backend.ts";
import { shown } from "./shown.ts";

/** Tenants: none, and one that is named like a space and a user. */
export const TENANTS = [undefined, "x"];

/** Tables that show only what others do, or only hashes. */
const UNSEEN = ["counters", "idempotencyTraces", "idempotencyParts"];
/** How long a call takes, in ms. */
const CALL_MS = 3;

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

/** One of two worlds in which the same program runs. */
export class World {
  /** Whether ids of different things differ. */
  readonly isUnique: boolean;
  readonly #names = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #clock = { now: 1_700_000_000_000 };
  readonly #backend: Backend;
  readonly #tenants: Map<string | undefined, Cortex>;

  constructor(isUnique: boolean) {
    this.isUnique = isUnique;
    this.#backend = openBackend({ now: () => this.#clock.now });
    const { engine } = this.#backend;
    const client = {
      query: (name: string, args: Record<string, unknown>) =>
        engine.query(name, args as never),
      mutation: (name: string, args: Record<string, unknown>) =>
        engine.mutation(name, args as never),
      action: (name: string, args: Record<string, unknown>) =>
        engine.action(name, args as never),
    };
    this.#tenants = new Map(
      TENANTS.map((tenantId) => [
        tenantId,
        new Cortex({
          client,
          logger: silent,
          ...tenantId !== undefined && { auth: { userId: "me", tenantId } },
        } as never),
      ]),
    );
  }

  /** Time of the next call, in ms. */
  tick(): number {
    return this.#clock.now += CALL_MS;
  }

  cortex(tenantId: string | undefined): Cortex {
    return this.#tenants.get(tenantId)!;
  }

  /** The id itself, or in the unique world one that nothing else has. */
  name(id: string, kind: Kind, ...within: (string | undefined)[]): string {
    if (!this.isUnique) return id;
    const key = JSON.stringify([id, kind, ...within.map((at) => at ?? null)]);
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `qq${this.#names.size}zz`;
    this.#names.set(key, name);
    this.#ids.set(name, id);
    return name;
  }

  /** A value as text that is the same in both worlds if it means the same. */
  text(value: unknown): string {
    return shown(value).replace(
      /qq\d+zz/g,
      (name) => JSON.stringify(this.#ids.get(name)).slice(1, -1),
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
