/** What each contender's worker does with a task. Its text is written into every worker's file. */
export function work(task: unknown): unknown {
  const rounds = (task as { rounds?: number } | undefined)?.rounds;
  if (rounds === undefined) return task;
  // Counts instead of watching the clock, so that each task is the same work.
  let hash = 7;
  for (let i = 0; i < rounds; i++) hash = Math.imul(hash ^ i, 0x01000193);
  return hash;
}
