/** Selects the rows of a job by filters; with an idempotency key, the rows that the key's first call selected. */
import type { ValidationError } from "../../errors.ts";
import type { Calls } from "./calls.ts";
import { fingerprint } from "./fingerprint.ts";
import { type KeyedControls, partOf } from "./idempotency.ts";

/**
 * Returns the ids selected when the key was first used: a repeat must not change rows that began to match the filters
 * later. Without a key, or in a dry run, returns the ids of the rows.
 *
 * @param rows The rows that the filters match now.
 * @param users Candidates, given if the rows are users. The first choice is then kept as hashes, because a user's id
 * must not outlive an erasure, and only candidates that it contains are returned.
 * @param refusal Error if the job may not begin with these rows; thrown unless the key was used before.
 */
export async function firstChoice(
  calls: Calls,
  rows: readonly { id: string }[],
  { tenantId }: { tenantId?: string },
  controls: KeyedControls,
  users?: readonly { id: string }[],
  refusal?: ValidationError,
): Promise<string[]> {
  const ids = rows.map(({ id }) => id);
  if (controls.dryRun || !controls.idempotencyKey) {
    if (refusal) throw refusal;
    return ids;
  }
  const first = JSON.parse(
    await calls.mutation<string>(
      "idempotency:choose",
      {
        tenantId,
        chosen: JSON.stringify(users ? ids.map(fingerprint) : ids),
        reason: refusal?.code,
      },
      partOf(controls, "chosen"),
    ).catch((error) => {
      throw refusal && refusal.code === error.code ? refusal : error;
    }),
  );
  return users?.map(({ id }) => id)
    .filter((id) => first.includes(fingerprint(id))) ?? first;
}
