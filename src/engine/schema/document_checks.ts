import { EngineError } from "../../errors.ts";
import { stringifyValue } from "../../values/json.ts";
import { isPlainObject } from "../../values/kinds.ts";
import {
  validateValue,
  type ValidationProblem,
} from "../../values/validate.ts";
import type { Catalog, Table } from "./catalog.ts";
import { isPendingRow } from "../rows/commit_ts.ts";
import { checkDocumentBounds } from "./document_bounds.ts";
import { DocumentEncoder, type EncodedDocument } from "./document_encoder.ts";
import type { Document } from "../rows/fields.ts";
import { MAX_BYTES_PER_UNIT } from "../rows/byte_count.ts";

/** The first problem of a document of a table, or undefined. */
export function documentProblem(
  catalog: Catalog,
  table: Table,
  document: Document,
): ValidationProblem | undefined {
  if (table.validator === undefined) return undefined;
  const { _id, _creationTime, ...fields } = document;
  return validateValue(table.validator, fields, {
    tableOfId: (id) => tableOfId(catalog, id),
  });
}

/** Name of the table that an id belongs to. */
export function tableOfId(catalog: Catalog, id: string): string | undefined {
  return catalog.nameOfId(id) ?? undefined;
}

/** Fast path: encodes `base` with the fields of `value` in one pass. Undefined for a document that needs `encodeSlowly`. */
export function encodeFields(
  catalog: Catalog,
  table: Table,
  base: Document,
  value: unknown,
): EncodedDocument | undefined {
  if (
    !isPlainObject(value) || value._id !== undefined ||
    value._creationTime !== undefined
  ) return undefined;
  table.encoder ??= new DocumentEncoder(
    table.validator,
    (id) => tableOfId(catalog, id),
    {
      ...catalog.limits,
      valueNesting: catalog.limits.documentNesting,
    },
  );
  const { _id, _creationTime } = base;
  const fields = { ...base, ...value };
  // Set again, as the value may contain them as undefined; in a new literal, because adding to this one is slower.
  const encoded = table.encoder.encode({ ...fields, _creationTime, _id });
  // Measured only if it might be too large; the encoder has checked the nesting.
  if (
    encoded !== undefined &&
    encoded.row.length * MAX_BYTES_PER_UNIT > catalog.limits.documentBytes
  ) checkDocumentBounds(table.name, encoded.document, catalog.limits);
  return encoded;
}

/** Throws `DOCUMENT_VALIDATION` if a document of a table is invalid. */
export function refuseProblem(
  catalog: Catalog,
  table: Table,
  document: Document,
): void {
  const problem = documentProblem(catalog, table, document);
  if (problem) {
    throw invalidDocument(table, problem.message, { cause: problem });
  }
}

/** Checks and encodes any document. Throws `DOCUMENT_VALIDATION`, `DOCUMENT_TOO_LARGE`, `LIMIT_EXCEEDED`. */
export function encodeSlowly(
  catalog: Catalog,
  table: Table,
  document: Document,
): EncodedDocument {
  refuseProblem(catalog, table, document);
  const row = stringifyValue(document);
  checkDocumentBounds(table.name, document, catalog.limits);
  return { document, row, isPending: isPendingRow(row) };
}

/** The error for a document that does not match the type of its table. */
export function invalidDocument(
  table: Table,
  problem: string,
  { cause, data }: { cause?: ValidationProblem; data?: object } = {},
): EngineError {
  return new EngineError(
    "DOCUMENT_VALIDATION",
    `Failed to insert or update a document in table "${table.name}" because it does not match the schema: ${problem}`,
    { data: { table: table.name, ...data }, cause },
  );
}
