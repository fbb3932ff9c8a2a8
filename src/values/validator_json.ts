import type { JsonValue } from "./types.ts";

/** A validator of `convex/values` in its exported JSON form, as `exportArgs()` and `schema.export()` write it. */
export type ValidatorJson =
  | {
    type:
      | "any"
      | "null"
      | "number"
      | "bigint"
      | "boolean"
      | "string"
      | "bytes"
      | "commitTs";
  }
  | { type: "literal"; value: JsonValue }
  | { type: "id"; tableName: string }
  | {
    type: "function";
    fnType?: string;
    args?: ValidatorJson;
    returns?: ValidatorJson;
  }
  | { type: "array"; value: ValidatorJson }
  | { type: "union"; value: ValidatorJson[] }
  | { type: "object"; value: { [name: string]: FieldJson } }
  | { type: "record"; keys: ValidatorJson; values: FieldJson };

/** The validator of a member, and whether the member is optional. */
export interface FieldJson {
  /** Validator of the member's value. */
  fieldType: ValidatorJson;
  /** Whether the member may be absent. */
  optional: boolean;
}
