/** Time that one figure may take, in ms, and how many calls it is taken of at least. */
const BUDGET_MS = 400;
const MIN_CALLS = 3;
const MAX_CALLS = 2000;
const WARM_CALLS = 2000;

/** Median time of a call, in ms; `at` counts the calls. */
export async function medianMs(
  call: (at: number) => Promise<unknown>,
): Promise<number> {
  const warmUntil = performance.now() + BUDGET_MS;
  let at = 0;
  // At least one, because the first call may build what the others use.
  do await call(at++); while (
    at < WARM_CALLS && performance.now() < warmUntil
  );
  const times: number[] = [];
  const until = performance.now() + BUDGET_MS;
  while (
    times.length < MIN_CALLS ||
    times.length < MAX_CALLS && performance.now() < until
  ) {
    const start = performance.now();
    await call(at++);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1]!;
}

/** Calls a second, when they are made one batch after another; `count` is what a batch is worth. */
export async function rate(
  batches: number,
  count: number,
  run: (batch: number) => Promise<unknown> | void,
): Promise<number> {
  const start = performance.now();
  for (let batch = 0; batch < batches; batch++) await run(batch);
  return batches * count / (performance.now() - start) * 1000;
}
