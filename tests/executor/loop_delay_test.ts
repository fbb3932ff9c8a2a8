import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { summarise, watchArrivals } from "../bench/executor/loop_delay.ts";

/** The share of evenly spread arrivals that wait longer than `ms`. */
function shareAbove(late: number[], totalMs: number, ms: number): number {
  const step = 0.01;
  let waiting = 0;
  for (const stretch of late) {
    for (let at = step / 2; at < stretch; at += step) {
      if (at > ms) waiting += step;
    }
  }
  return waiting / totalMs;
}

Deno.test("a percentile is what that share of arrivals waits at most", () => {
  const late = [40, 0.2, 3, 3, 7.5, 0, 12, 0.01];
  for (const totalMs of [70, 200, 1000, 5000]) {
    const { p50Ms, p99Ms, maxMs } = summarise(late, totalMs);
    assertEquals(maxMs, 40);
    for (const [share, ms] of [[0.5, p50Ms], [0.99, p99Ms]] as const) {
      // At zero fewer may wait.
      const above = shareAbove(late, totalMs, ms);
      if (ms === 0) assert(above <= 1 - share + 1e-3);
      else assertAlmostEquals(above, 1 - share, 1e-3);
    }
  }
});

Deno.test("one long block outweighs any number of prompt timers", () => {
  const prompt: number[] = new Array(10_000).fill(0.05);
  const { p99Ms } = summarise([1000, ...prompt], 11_000);
  assert(p99Ms > 800, `${p99Ms}`);
  // Done sooner, with fewer samples: a short block stays a short one.
  assert(summarise([5, 0.05, 0.05], 10_000).p99Ms === 0);
});

Deno.test("a loop that is never blocked lets nobody wait", () => {
  assertEquals(summarise([], 100), { p50Ms: 0, p99Ms: 0, maxMs: 0 });
  assertEquals(summarise([0, 0], 100), { p50Ms: 0, p99Ms: 0, maxMs: 0 });
});

Deno.test("a block that lasts until the end is seen", async () => {
  const stop = watchArrivals();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const end = performance.now() + 60;
  while (performance.now() < end);
  const { p50Ms, maxMs } = stop();
  assert(maxMs > 50 && p50Ms > 10, `${p50Ms}, ${maxMs}`);
});

Deno.test("a block in which the thread did not run is not of its own doing", async () => {
  let ranMs = 0;
  const stops = [watchArrivals(() => ranMs), watchArrivals()];
  const end = performance.now() + 30;
  while (performance.now() < end);
  ranMs += 5;
  await new Promise((resolve) => setTimeout(resolve, 5));
  const [own, all] = stops.map((stop) => stop().maxMs) as [number, number];
  assertEquals(own, 5);
  assert(all > 20, `${all}`);
});
