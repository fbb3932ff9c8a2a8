/** Conditions on metadata: every key that is asked for is there, with an equal value, however deep. */
import { type FreeForm, freeFormJson, storeFreeForm } from "./freeForm.ts";

/** Metadata as JSON. */
export type Metadata = Readonly<Record<string, unknown>>;

/** The metadata of a row, or those that are asked for; none for nothing. */
export function metadataOf(row: FreeForm<"metadata">): Metadata {
  const metadata = freeFormJson("metadata", row);
  return typeof metadata === "object" && metadata !== null
    ? metadata as Metadata
    : {};
}

/**
 * Makes the test.
 *
 * @throws {ConvexError} `INVALID_JSON` for a text that is none.
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

/** JSON in which equal objects have equal texts, whatever the order of their members. */
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
