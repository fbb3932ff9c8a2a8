/**
 * What each contender's worker does with a task, as the text that is written into every worker's file.
 *
 * A task with `rounds` is work: it counts instead of watching the clock, so that each task is the same. The step is
 * repeated until the function is longer than what V8 inlines (460 bytes of bytecode). A loop that V8's Maglev has
 * inlined into the handler around it takes 2.4 times as long and is never replaced while it runs; whether that happens
 * hangs on which calls came before, so it would measure the draw of a lottery and not the pool.
 */
export const work = `(task) => {
  const rounds = task?.rounds;
  if (rounds === undefined) return task;
  let hash = 7;
  for (let i = 0; i < rounds; i++) {
${"    hash = Math.imul(hash ^ i, 0x01000193);\n".repeat(32)}  }
  return hash;
}`;

/** Rounds that take some 5 ms. */
export const workRounds = 125_000;
