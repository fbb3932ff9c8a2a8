/**
 * Resolves at the end of this tick's microtasks, as far as that can be seen without leaving the tick: once `count`
 * stayed the same over a few of them. Callers that were started together reach their call after slightly different
 * numbers of microtasks; a timer would catch them all, but costs a millisecond or more.
 */
export async function quietTick(count: () => number): Promise<void> {
  let before: number;
  do {
    before = count();
    for (let hop = 0; hop < 12; hop++) await undefined;
  } while (count() !== before);
}
