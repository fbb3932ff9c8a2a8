/**
 * Free-form values: whatever the caller gave comes back. What Convex cannot carry (field names such as `$set`, `_id`
 * or `größe`) travels and is stored as JSON text in the sibling field `<name>Json`.
 */

/** What an argument of Convex holds at most; the nesting leaves room for what lies around it. */
const MAX_ITEMS = 8192;
const MAX_FIELDS = 1024;
const MAX_NESTING = 56;
/** Names that an argument of Convex may have. */
const FIELD_NAME = /^(?![$_])[\x20-\x7e]+$/;

/** Fields of rows that hold the caller's own data or long vectors: nothing in them is ours to decode. */
const OPAQUE: ReadonlySet<string> = new Set([
  "metadata",
  "data",
  "config",
  "value",
  "embedding",
  "snapshotValue",
]);

/** Siblings of free-form fields that hold them as text. */
const TEXT_OF: ReadonlyMap<string, string> = new Map(
  ["metadata", "data", "config", "value"].map((name) => [`${name}Json`, name]),
);

/** The arguments for the caller's `metadata`; see {@link freeFormArgs}. */
export function metadataArgs(
  metadata: unknown,
): { metadata?: unknown; metadataJson?: string } {
  return freeFormArgs("metadata", metadata);
}

/** The arguments for a free-form value: natively where Convex carries it, otherwise as text; none for none. */
export function freeFormArgs(
  name: string,
  value: unknown,
): { [name: string]: unknown } {
  if (value === undefined) return {};
  const plain = withIsoDates(value);
  return isCarried(plain)
    ? { [name]: plain }
    : { [`${name}Json`]: JSON.stringify(plain) };
}

/** Decodes every free-form field of a result's rows that came as text, in place. */
export function decodeMetadata<Result>(result: Result): Result {
  if (typeof result !== "object" || result === null) return result;
  if (Array.isArray(result)) {
    // Vectors and lists of names hold no rows.
    if (typeof result[0] === "object") result.forEach(decodeMetadata);
    return result;
  }
  const row = result as Record<string, unknown>;
  for (const [name, value] of Object.entries(row)) {
    const decoded = TEXT_OF.get(name);
    if (decoded !== undefined && typeof value === "string") {
      delete row[name];
      row[decoded] = JSON.parse(value);
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
function isCarried(value: unknown, depth = 0): boolean {
  if (depth > MAX_NESTING) return false;
  if (Array.isArray(value)) {
    return value.length <= MAX_ITEMS &&
      value.every((item) => isCarried(item, depth + 1));
  }
  if (!isPlainObject(value)) return true;
  const members = Object.entries(value);
  return members.length <= MAX_FIELDS &&
    members.every(([name, member]) =>
      FIELD_NAME.test(name) && isCarried(member, depth + 1)
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
