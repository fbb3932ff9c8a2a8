/**
 * Free-form values: whatever the caller gave comes back. What Convex cannot carry (field names such as `$set`, `_id`
 * or `größe`) travels and is stored as JSON text in the sibling field `<name>Json`.
 */

/** Names that an argument of Convex may have. */
const FIELD_NAME = /^(?![$_])[\x20-\x7e]+$/;

/** Fields of rows that hold the caller's own data or long vectors: nothing in them is ours to decode. */
const OPAQUE: ReadonlySet<string> = new Set([
  "metadata",
  "embedding",
  "snapshotValue",
]);

/** The arguments for the caller's `metadata`: natively where Convex carries it, otherwise as text; none for none. */
export function metadataArgs(
  metadata: unknown,
): { metadata?: unknown; metadataJson?: string } {
  if (metadata === undefined) return {};
  const plain = withIsoDates(metadata);
  return isCarried(plain)
    ? { metadata: plain }
    : { metadataJson: JSON.stringify(plain) };
}

/** Decodes every `metadataJson` of a result's rows, in place. */
export function decodeMetadata<Result>(result: Result): Result {
  if (typeof result !== "object" || result === null) return result;
  if (Array.isArray(result)) {
    // Vectors and lists of names hold no rows.
    if (typeof result[0] === "object") result.forEach(decodeMetadata);
    return result;
  }
  const row = result as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    if (name === "metadataJson" && typeof value === "string") {
      delete row.metadataJson;
      row.metadata = JSON.parse(value);
    } else if (!OPAQUE.has(name)) decodeMetadata(value);
  }
  return result;
}

function withIsoDates(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(withIsoDates);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, withIsoDates(member)]),
  );
}

/** Values that are neither carried nor JSON are left to the client, which names them when it refuses them. */
function isCarried(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every(isCarried)
    : !isPlainObject(value) ||
      Object.entries(value).every(([name, member]) =>
        FIELD_NAME.test(name) && isCarried(member)
      );
}

/** Whether a value is an object of no class. */
export function isPlainObject(
  value: unknown,
): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
