import { assert, assertEquals } from "@std/assert";
import { SpinChoice } from "../../src/executor/pool/spin_choice.ts";

/** Feeds a choice with round trips; gives how many of them looked out, and where it ended. */
function feed(
  choice: SpinChoice,
  count: number,
  timeMs: (spins: boolean, at: number) => number,
): { spun: number; spins: boolean } {
  let spun = 0;
  for (let at = 0; at < count; at++) {
    if (choice.spins) spun++;
    choice.record(timeMs(choice.spins, at));
  }
  return { spun, spins: choice.spins };
}

Deno.test("looking out is chosen where it saves most of the time", () => {
  const choice = new SpinChoice(true);
  const { spun } = feed(choice, 2000, (spins) => spins ? 0.004 : 0.07);
  assert(spun > 1800, `${spun} of 2000`);
});

Deno.test("looking out is tried ever more seldom where it does not pay", () => {
  for (const spinMs of [0.15, 0.012, 0.008]) {
    const choice = new SpinChoice(true);
    feed(choice, 1000, (spins) => spins ? spinMs : 0.011);
    const { spun } = feed(choice, 10_000, (spins) => spins ? spinMs : 0.011);
    assert(spun < 100, `${spun} of 10 000 at ${spinMs} ms`);
  }
});

Deno.test("a trial that is hopeless ends early", () => {
  const choice = new SpinChoice(true);
  const { spun } = feed(choice, 40, (spins) => spins ? 0.2 : 0.011);
  assert(spun > 0 && spun <= 5, `${spun} of 40`);
});

Deno.test("a choice follows a machine that gets busy and quiet again", () => {
  const choice = new SpinChoice(true);
  const quiet = (spins: boolean) => spins ? 0.004 : 0.07;
  const busy = (spins: boolean) => spins ? 0.14 : 0.011;
  feed(choice, 500, quiet);
  assertEquals(choice.spins, true);
  assert(feed(choice, 2000, busy).spun < 1000);
  assert(feed(choice, 20_000, quiet).spun > 15_000);
});

Deno.test("a machine that gets quiet after many vain trials is noticed at once", () => {
  const choice = new SpinChoice(true);
  feed(choice, 10_000, (spins) => spins ? 0.14 : 0.011);
  const { spun } = feed(choice, 200, (spins) => spins ? 0.004 : 0.07);
  assert(spun > 150, `${spun} of 200`);
});

Deno.test("a few round trips that were held up decide nothing", () => {
  const choice = new SpinChoice(true);
  const { spun } = feed(
    choice,
    2000,
    (spins, at) => at % 5 === 0 ? 30 : spins ? 0.004 : 0.07,
  );
  assert(spun > 1500, `${spun} of 2000`);
});

Deno.test("a host that cannot look out never does", () => {
  const choice = new SpinChoice(false);
  assertEquals(feed(choice, 500, () => 1).spun, 0);
});
