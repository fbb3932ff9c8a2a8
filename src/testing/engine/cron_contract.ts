import { assert, assertEquals } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";
import { type EngineSubject, SpyStore } from "./subject.ts";

const DAY_MS = 24 * 60 * 60_000;

/** When cron jobs run. */
export const engineCronContract: ContractCase<EngineSubject>[] = [
  cronCase(
    "a cron job that was taken out and comes back waits for its time",
    async ({ open, ticks, clock }) => {
      const monthly = { type: "monthly", day: 2, hourUTC: 12, minuteUTC: 0 };
      const other = { type: "daily", hourUTC: 1, minuteUTC: 0 };
      await open({ monthly, other });
      await open({ other });
      clock.advance(40 * DAY_MS);
      await settle();
      const before = ticks.length;
      assert(before > 0);
      await open({ monthly, other });
      clock.advance(1);
      await settle();
      assertEquals(ticks.length, before);
      await open(undefined);
      clock.advance(40 * DAY_MS);
      await settle();
      await open({ monthly, other });
      clock.advance(1);
      await settle();
      assertEquals(ticks.length, before);
    },
  ),

  cronCase(
    "an interval counts from when its last run was due, however late timers are",
    async ({ open, ticks, clock }) => {
      await open({ often: { type: "interval", seconds: 1 } }, 7);
      for (const ms of [7, 1000, 1000]) {
        clock.advance(ms);
        await settle();
      }
      assertEquals(ticks, [7, 1007, 2007]);
      // One that is late by more than the interval does not run twice for that.
      clock.advance(2500);
      await settle();
      assertEquals(ticks, [7, 1007, 2007, 4507]);
    },
  ),

  cronCase(
    "a cron job whose schedule says nothing is left out, and the others run",
    async ({ open, ticks, warnings, clock }) => {
      await open({
        wrong: { type: "cron", cron: "61 * * * *" },
        often: { type: "interval", seconds: 1 },
      });
      clock.advance(0);
      await settle();
      assertEquals(ticks, [0]);
      const [warning = ""] = warnings;
      assert(warning.startsWith('cron job "wrong" does not run: '), warning);
      assert(warning.includes("values from 0 to 59"), warning);
    },
  ),
];

/** A case about cron jobs, which `open` gives to the next engine over the same store; its timers may be late. */
function cronCase(
  name: string,
  run: (parts: {
    open(jobs: object | undefined, lateMs?: number): Promise<void>;
    /** When jobs ran, in ms from the beginning. */
    ticks: number[];
    /** What was logged. */
    warnings: string[];
    clock: FakeTimers;
  }) => Promise<void>,
): ContractCase<EngineSubject> {
  return {
    name,
    async run(subject) {
      const clock = new FakeTimers();
      const store = new SpyStore(subject.openStore());
      const ticks: number[] = [];
      const warnings: string[] = [];
      const beginMs = clock.nowMs;
      const _handler = () => void ticks.push(clock.nowMs - beginMs);
      const lib = { tick: { isMutation: true, _handler } };
      let engine: Engine | undefined;
      const open = async (jobs: object | undefined, lateMs = 0) => {
        await engine?.close();
        const crons = jobs && Object.fromEntries(
          Object.entries(jobs).map(([name, schedule]) => [
            name,
            { name: "lib:tick", args: [{}], schedule },
          ]),
        );
        engine = subject.open({
          store,
          modules: { lib, ...crons && { crons: cronsModule(crons) } },
          timers: {
            set: (ms, callback) => clock.set(ms + lateMs, callback),
            clear: (timer) => clock.clear(timer),
          },
          now: () => clock.nowMs,
          log: (_level, message) => void warnings.push(message),
        });
        await settle();
      };
      try {
        await run({ open, ticks, warnings, clock });
      } finally {
        await engine?.close();
        store.closeReally();
      }
    },
  };
}

function cronsModule(crons: object) {
  return { default: { isCrons: true, crons } };
}
