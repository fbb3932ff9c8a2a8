/** One tenant of a `Cortex` and its naive model: every call is made on both, and the results are compared. */
import { assertEquals } from "@std/assert";
import type { Cortex } from "../../../mod.ts";
import { isCortexError } from "../../../src/errors.ts";
import type { Random } from "../../../src/testing/support/random.ts";
import { IdentityModel } from "./model.ts";
import { Refused } from "./rows.ts";

/** Names that are legal wherever an id may be any text. */
export const NAMES = [
  "ada",
  "Ada",
  " ada",
  "__proto__",
  "constructor",
  "toString",
  "größe 😀",
  '=1+1, "x"\n\ty',
  "\0",
  "%_*\\",
  "$set",
  "l".repeat(250),
];
/** Names of spaces. */
export const SPACES = ["one", "One", "__proto__", "-", "x".repeat(128)];
/** Names of types and of namespaces. */
export const TYPES = ["doc", "Doc", "__proto__", "user", "a.b-c"];
/** Keys of values. */
export const KEYS = ["a", "A", "a/b", "a:b", "__proto__", "k".repeat(255), "@"];
/** Texts for titles, contents and what is looked for. */
export const TEXTS = [
  "Ada Lovelace",
  "ADA",
  "İstanbul STRASSE",
  "straße",
  "100% $_.*",
  'q"uo\\te',
  "😀 ok",
  // After the previous one by UTF-16, before it by code point.
  "～ ok",
];

/** Ids of agents. */
export const AGENTS = NAMES.slice(0, 8);
/** Ids of users. */
export const USERS = NAMES;
/** States of agents. */
export const STATUSES = ["active", "inactive", "archived"] as const;
/** Types of spaces. */
export const KINDS = ["personal", "team", "project", "custom"] as const;

export type Row = Record<string, unknown>;

/** A value as callers see it: without ids of rows. */
export function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  const { _id, ...rest } = value as Row;
  return rest;
}

export class World {
  readonly model: IdentityModel;
  readonly cortex: Cortex;
  readonly random: Random;
  readonly clock: { now: number };
  readonly tenantId: string | undefined;

  constructor(
    cortex: Cortex,
    random: Random,
    clock: { now: number },
    tenantId?: string,
  ) {
    this.model = new IdentityModel(clock);
    this.cortex = cortex;
    this.random = random;
    this.clock = clock;
    this.tenantId = tenantId;
  }

  /** True one time in `among`. */
  once(among: number): boolean {
    return this.random.below(among) === 0;
  }

  /** A value one time in `among`, else nothing. */
  maybe<Value>(make: () => Value, among = 2): Value | undefined {
    return this.once(among) ? make() : undefined;
  }

  /** A time near those of rows. */
  time(): number {
    return this.clock.now - this.random.below(12);
  }

  data(): Row {
    const { pick, below } = this.random;
    const odd = () =>
      pick<unknown>([
        null,
        below(5),
        [],
        ["x", { y: 1 }],
        { a: below(3) },
        { $set: 1, größe: { b: 2 } },
        JSON.parse('{"__proto__":{"c":3},"constructor":"d"}'),
        undefined,
        "",
      ]);
    return {
      ...this.once(2) && { displayName: pick<unknown>([...TEXTS, 5, null]) },
      ...this.once(2) && { email: pick<unknown>([...TEXTS, "a@B.c", null]) },
      ...this.once(2) && { settings: odd() },
      ...this.once(4) && { [pick(NAMES)]: odd() },
    };
  }

  metadata(): Row {
    const { pick, below } = this.random;
    return {
      ...this.once(2) && { level: below(2) },
      ...this.once(2) && { deep: pick([{ a: 1, b: [2] }, { b: [2], a: 1 }]) },
      ...this.once(2) && {
        capabilities: pick([["x"], ["y", "x"], [], "x", ["X"]]),
      },
      ...this.once(5) &&
        { [pick(["größe", "$a", "constructor"])]: pick(TEXTS) },
    };
  }

  /** Compares what a call answers, or the code of its error, with what the model does. */
  async same(
    what: string,
    call: () => Promise<unknown>,
    expected: () => unknown,
  ): Promise<void> {
    const settled = async (): Promise<unknown> => {
      try {
        return { value: shown(await call()) };
      } catch (error) {
        if (!isCortexError(error)) throw error;
        return { code: error.code };
      }
    };
    const wanted = (): unknown => {
      try {
        return { value: expected() };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return { code: error.message };
      }
    };
    const got = await settled();
    assertEquals(got, wanted(), what);
  }

  /** Rows are returned with their tenant. */
  own<Told extends object>(row: Told): Told & { tenantId?: string } {
    const { tenantId } = this;
    return tenantId === undefined ? row : { ...row, tenantId };
  }
}
