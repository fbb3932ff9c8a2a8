/** Conditions on metadata: every given key must exist with a deeply equal value. */
import { type FreeForm, freeFormJson, storeFreeForm } from "./freeForm.ts";

/** Metadata as JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

/** The metadata of a row or of a filter; an empty object for none. */
export function metadataOf(row: FreeForm<"metadata">): Metadata {
  const metadata = freeFormJson("metadata", row);
  return typeof metadata === "object" && metadata !== null
    ? metadata as Metadata
    : {};
}

/**
 * Makes the test of a filter.
 *
 * @throws {ConvexError} `INVALID_JSON` for a text that is not JSON.
 */
export function metadataTest(
  { metadata, metadataJson }: FreeForm<"metadata">,
): (stored: Metadata) => boolean {
  const asked = metadataOf(storeFreeForm("metadata", metadata, metadataJson));
  const wanted = Object.entries(asked)
    .map(([name, value]) => [name, sortedText(value)] as const);
  return (stored) =>
    wanted.every(([name, text]) =>
      Object.hasOwn(stored, name) && sortedText(stored[name]) === text
    );
}

/** Writes JSON with sorted members, so that equal objects have equal texts. */
function sortedText(json: unknown): string {
  return JSON.stringify(
    json,
    (_name, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(
          Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
        : value,
  );
}
