import { StoreError } from "../../errors.ts";

/** The error for a malformed row: `STORE_CORRUPT` with its kind and owner. */
export function corruptRow(
  what: string,
  id: string,
  cause: unknown,
): StoreError {
  const reason = String((cause as Error)?.message ?? cause).slice(0, 80);
  return new StoreError(
    "STORE_CORRUPT",
    `the stored ${what} of ${id.slice(0, 80)} cannot be read: ${reason}`,
    { data: { id }, cause },
  );
}
