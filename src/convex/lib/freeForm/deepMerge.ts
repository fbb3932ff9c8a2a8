/** Merges free-form objects, in either of their two stored forms. */
import { type FreeForm, freeFormValue, storeMixed } from "./freeForm.ts";

type Members = { [name: string]: unknown };

const NONE: ReadonlySet<string> = new Set();

/** Names that would reach into prototypes if a program merged them naively. */
export const PROTOTYPE_NAMES: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

/**
 * Merges `update` into `base`, as arguments of `storeFreeForm`: objects recursively; everything else is replaced.
 *
 * @param dropped Names of members that are left out.
 * @throws {ConvexError} `INVALID_JSON` for a text that is not JSON, `INVALID_VALUE` for a result that neither form holds.
 */
export function mergeFreeForm<Name extends string>(
  name: Name,
  base: FreeForm<Name>,
  update: FreeForm<Name>,
  dropped: ReadonlySet<string> = NONE,
): FreeForm<Name> {
  const [old, changes] = [base, update].map((one) => freeFormValue(name, one));
  return storeMixed(name, deepMerge(old, changes, dropped));
}

/** A copy of `base` with the members of `update`. */
function deepMerge(
  base: unknown,
  update: unknown,
  dropped: ReadonlySet<string>,
): unknown {
  if (!isMembers(update)) return update;
  const merged: Members = isMembers(base) ? { ...base } : {};
  for (const [name, change] of Object.entries(update)) {
    if (change === undefined || dropped.has(name)) continue;
    const old = Object.hasOwn(merged, name) ? merged[name] : undefined;
    // Assigning to `__proto__` would change the prototype instead.
    Object.defineProperty(merged, name, {
      value: deepMerge(old, change, dropped),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return merged;
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof ArrayBuffer);
}
