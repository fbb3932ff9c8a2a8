/**
 * Thousands of calls of a deployment that fails in every way, by a seed: 500 by default, 10,000 at full size. Other
 * hosts have the same in `tests/contracts/faults.ts` and `fault_process.ts`.
 */
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { calls, callsFromMortalWorker } from "../contracts/faults.ts";
import { testScale, testSeed } from "../support/test_env.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

const count = 10_000 * testScale();
const seed = testSeed();

Deno.test("calls of a deployment that fails in every way settle, and mutations run once", async () => {
  console.log(seed, await calls(count, seed, heapMb));
});

Deno.test("the same calls from a worker that is killed again and again settle, and mutations run once", async () => {
  console.log(seed, await callsFromMortalWorker(count / 2, seed, heapMb));
});

/** What the heap holds after a collection, in MB. */
function heapMb(): number {
  gc();
  return Deno.memoryUsage().heapUsed / 1e6;
}
