import type { Engine } from "../../engine/engine.ts";

/** One comparison of an index range. */
export type Bound = { op: string; field: string; value?: unknown };

/** Inserts things without a value, with null, and with other values. */
export async function withNothings(engine: Engine): Promise<void> {
  await engine.mutation("things:putMissing", {});
  await engine.mutation("things:put", { values: [null, 4, 5, "x"] });
}

/** Reads a range of an index of things. */
export function range(
  engine: Engine,
  index: string,
  ...bounds: Bound[]
): Promise<unknown> {
  return engine.query("things:range", { index, bounds });
}

/** Reads the things that pass a filter expression. */
export function filter(engine: Engine, expression: unknown): Promise<unknown> {
  return engine.query("things:filter", { expression });
}

/** The values of things; `missing` for a thing without one. */
export function valuesOf(things: unknown): unknown[] {
  return (things as { value?: unknown }[]).map((thing) =>
    "value" in thing ? thing.value : "missing"
  );
}
