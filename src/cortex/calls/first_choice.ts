/** Which rows a job that filters chose them for stands for: with its key, those that were chosen first. */
import type { Calls } from "./calls.ts";
import { fingerprint } from "./fingerprint.ts";
import { type KeyedControls, partOf } from "./idempotency.ts";

/**
 * Gives the ids that were chosen when the key was first used: a repeat must not change rows that the filters match only
 * since. Without a key, or in a dry run, gives those of the rows.
 *
 * @param rows What the filters choose now.
 * @param areUsers Nothing that is kept may name them: gives, of those chosen now, who was so at first.
 */
export async function firstChoice(
  calls: Calls,
  rows: readonly { id: string }[],
  { tenantId }: { tenantId?: string },
  controls: KeyedControls,
  areUsers?: boolean,
): Promise<string[]> {
  const ids = rows.map(({ id }) => id);
  if (controls.dryRun || !controls.idempotencyKey) return ids;
  const marks = areUsers ? ids.map(fingerprint) : ids;
  const first = JSON.parse(
    await calls.mutation(
      "idempotency:choose",
      { tenantId, chosen: JSON.stringify(marks) },
      partOf(controls, "chosen"),
    ),
  );
  return areUsers ? ids.filter((_, at) => first.includes(marks[at])) : first;
}
