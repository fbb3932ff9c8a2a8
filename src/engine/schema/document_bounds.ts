import { EngineError } from "../../errors.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";
import type { Document } from "../rows/fields.ts";
import type { EngineLimits } from "../limits/limits.ts";
import { checkLimit, shownBytes } from "../limits/limit_check.ts";

/** Checks size and nesting of a document. Returns its size in bytes; throws `DOCUMENT_TOO_LARGE`, `LIMIT_EXCEEDED`. */
export function checkDocumentBounds(
  table: string,
  document: Document,
  { documentBytes, documentNesting }: EngineLimits,
): number {
  const bytes = valueSize(document);
  if (bytes > documentBytes) {
    throw new EngineError(
      "DOCUMENT_TOO_LARGE",
      `Value is too large (${shownBytes(bytes)} > maximum size ${
        shownBytes(documentBytes)
      }) [document of table "${table}": ${bytes} > ${documentBytes} bytes]`,
      { data: { table, value: bytes, bound: documentBytes } },
    );
  }
  // Counted only to one level over the limit, not further.
  checkLimit(
    `nesting of a document of table "${table}"`,
    depthOf(document, documentNesting + 1),
    documentNesting,
    (depth, bound) =>
      `Document is too nested (nested ${depth} levels deep > maximum nesting ${bound})`,
  );
  return bytes;
}

/** Whether a document may have a field of this name, or it is a system field's. */
export function isOwnField(
  name: string,
  { fieldNameLength }: EngineLimits,
): boolean {
  if (name.startsWith("_")) return name === "_id" || name === "_creationTime";
  return name !== "" && name.length <= fieldNameLength;
}

function depthOf(value: Value | undefined, atMost: number): number {
  if (
    typeof value !== "object" || value === null ||
    value instanceof ArrayBuffer || atMost === 0
  ) return 0;
  let deepest = 0;
  if (Array.isArray(value)) {
    // Skips primitive elements: a call for each number of a vector would be slow.
    for (const element of value) {
      if (typeof element === "object") {
        deepest = Math.max(deepest, depthOf(element, atMost - 1));
      }
    }
  } else {
    for (const key in value) {
      deepest = Math.max(deepest, depthOf(value[key], atMost - 1));
    }
  }
  return deepest + 1;
}
