import type { Value } from "../../values/types.ts";

/** A document as a function sees it. */
export type Document = {
  [field: string]: Value | undefined;
  /** Id. */
  _id: string;
  /** When it was inserted, in ms. */
  _creationTime: number;
};

/** Splits a field path such as `metadata.importance`. */
export function splitPath(path: string): string[] {
  return path.split(".");
}

/** The value at a path; undefined when a step is missing or is not an object. */
export function fieldAt(
  document: { [field: string]: Value | undefined },
  path: readonly string[],
): Value | undefined {
  let value: Value | undefined = document;
  for (const step of path) {
    if (
      typeof value !== "object" || value === null || Array.isArray(value) ||
      value instanceof ArrayBuffer || !Object.hasOwn(value, step)
    ) return undefined;
    value = (value as { [field: string]: Value | undefined })[step];
  }
  return value;
}
