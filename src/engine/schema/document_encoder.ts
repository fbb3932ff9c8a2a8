import { compileCopier, type Copier } from "../../values/copier.ts";
import { stringifyValue } from "../../values/json.ts";
import type { FieldJson, ValidatorJson } from "../../values/validate.ts";
import type { EngineLimits } from "../limits/limits.ts";
import type { Document } from "../rows/fields.ts";
import { isOwnField } from "./document_bounds.ts";

/** A checked document, and its row. */
export interface EncodedDocument {
  /** Copied, with its fields sorted by name. */
  document: Document;
  /** As `stringifyValue` writes it. */
  row: string;
  /** Whether it contains a placeholder for the timestamp of the commit. */
  isPending?: boolean;
}

/** Checks, copies and encodes a table's documents in one pass. */
export class DocumentEncoder {
  readonly #copier: Copier | undefined;
  readonly #limits: EngineLimits;

  /** Compiles the encoder of a table's type. */
  constructor(
    type: ValidatorJson | undefined,
    tableOfId: (id: string) => string | undefined,
    limits: EngineLimits,
  ) {
    this.#limits = limits;
    const whole = type && withSystemFields(type, limits);
    this.#copier = whole && compileCopier(whole, {
      tableOfId,
      limits,
      sorted: true,
    });
  }

  /** Encodes a document. Returns undefined for what does not match the type, and for what the fast path cannot decide. */
  encode(given: { [field: string]: unknown }): EncodedDocument | undefined {
    if (this.#copier === undefined) return undefined;
    const state = { bytes: 0, special: false, limits: this.#limits };
    const document = this.#copier(given, state) as Document | undefined;
    return document && {
      document,
      row: state.special ? stringifyValue(document) : JSON.stringify(document),
    };
  }
}

/** The type with the system fields added; undefined unless it is an object or a union of objects, whose names are allowed. */
function withSystemFields(
  type: ValidatorJson,
  limits: EngineLimits,
): ValidatorJson | undefined {
  if (type.type === "object") {
    for (const name of Object.keys(type.value)) {
      if (!isOwnField(name, limits)) return undefined;
    }
    const required = (fieldType: ValidatorJson): FieldJson => ({
      fieldType,
      optional: false,
    });
    return {
      type: "object",
      value: {
        ...type.value,
        _creationTime: required({ type: "number" }),
        _id: required({ type: "string" }),
      },
    };
  }
  if (type.type !== "union") return undefined;
  const members: ValidatorJson[] = [];
  for (const member of type.value) {
    const whole = withSystemFields(member, limits);
    if (whole === undefined) return undefined;
    members.push(whole);
  }
  return { type: "union", value: members };
}
