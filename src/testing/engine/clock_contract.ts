import { assert, assertEquals } from "@std/assert";
import type { Engine, EngineOptions } from "../../engine/engine.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Clocks that are set ahead and back, and engines that run for long. */
export const engineClockContract: ContractCase<EngineSubject>[] = [
  clockCase(
    "cron jobs go on when the clock is set back, none runs twice for a time unless it was wrong by hours",
    async ({ engine, clock }) => {
      clock.advance(12 * HOUR_MS - MINUTE_MS);
      await settle();
      await clock.advanceSlowly(4 * MINUTE_MS);
      const before = await count(engine, "minute");
      assertEquals(await count(engine, "noon"), 1);
      clock.setClock(-10 * MINUTE_MS);
      await clock.advanceSlowly(20 * MINUTE_MS);
      const runs = await count(engine, "minute") - before;
      assert(runs === 19 || runs === 20, `${runs} runs in 20 minutes`);
      assertEquals(await count(engine, "noon"), 1);
      clock.setClock(-30 * DAY_MS);
      clock.advance(DAY_MS);
      await settle();
      assertEquals(await count(engine, "noon"), 2);
    },
    { crons: true },
  ),

  clockCase(
    "a cron job goes on in an engine that is opened when the clock was set back",
    async ({ engine, clock, reopen }) => {
      await clock.advanceSlowly(2 * MINUTE_MS);
      assertEquals(await count(engine, "minute"), 2);
      clock.setClock(-5 * HOUR_MS);
      const second = await reopen();
      await clock.advanceSlowly(3 * MINUTE_MS);
      assertEquals(await count(second, "minute"), 5);
    },
    { crons: true },
  ),

  clockCase(
    "a cron job that the store refused to note runs a little later, once",
    async ({ engine, clock, store }) => {
      await clock.advanceSlowly(MINUTE_MS);
      store.failNext = "write";
      clock.advance(MINUTE_MS);
      await settle();
      assertEquals(await count(engine, "minute"), 1);
      clock.advance(1000);
      await settle();
      assertEquals(await count(engine, "minute"), 2);
      clock.advance(1000);
      await settle();
      assertEquals(await count(engine, "minute"), 2);
    },
    { crons: true },
  ),

  clockCase(
    "a cron job that the store refuses again and again is tried less and less often, then runs once",
    async ({ engine, clock, store }) => {
      await clock.advanceSlowly(MINUTE_MS);
      store.failAfterWrites = 0;
      assertEquals(await tries(store, clock, 4 * MINUTE_MS), [
        ...[60, 61, 63, 67, 75, 91, 123],
        183,
      ]);
      assertEquals(await count(engine, "minute"), 1);
      store.failAfterWrites = undefined;
      clock.advance(MINUTE_MS);
      await settle();
      assertEquals(await count(engine, "minute"), 2);
      await clock.advanceSlowly(2 * MINUTE_MS);
      assertEquals(await count(engine, "minute"), 4);
    },
    { crons: true },
  ),

  clockCase(
    "a scheduled call that the store refuses again and again is tried less and less often, then runs once",
    async ({ engine, clock, store }) => {
      await engine.mutation("system:later", { delayMs: 1000, owner: "ada" });
      store.failAfterWrites = 0;
      assertEquals(await tries(store, clock, 4 * MINUTE_MS), [
        ...[1, 2, 4, 8, 16, 32],
        ...[64, 124, 184],
      ]);
      store.failAfterWrites = undefined;
      await engine.mutation("system:later", { delayMs: 1000, owner: "bob" });
      clock.advance(1000);
      await settle();
      assertEquals([await count(engine, "ada"), await count(engine, "bob")], [
        0,
        1,
      ]);
      assertEquals((await tries(store, clock, 2 * MINUTE_MS)).length, 1);
      assertEquals(await count(engine, "ada"), 1);
    },
  ),

  clockCase(
    "a call that is due runs soon after the clock was set ahead or the machine slept",
    async ({ engine, clock }) => {
      await engine.mutation("system:later", { delayMs: HOUR_MS, owner: "ada" });
      clock.setClock(8 * HOUR_MS);
      assertEquals(await count(engine, "ada"), 0);
      clock.advance(MINUTE_MS);
      await settle();
      assertEquals(await count(engine, "ada"), 1);
    },
  ),

  clockCase(
    "timestamps and creation times grow, also over the end of an engine, however the clock is set",
    async ({ engine, clock, reopen }) => {
      const stamps: bigint[] = [];
      const add = async (engine: Engine) => {
        assert(engine.timestamp() >= (stamps.at(-1) ?? 0n), `${stamps}`);
        const note = { owner: "ada", text: "a" };
        const { ts } = await engine.run("mutation", "notes:add", note);
        stamps.push(ts);
      };
      await add(engine);
      const id = await addNote(engine, "ada");
      clock.advance(HOUR_MS);
      // Nothing is created, so no document records this time.
      const patch = { id, set: { text: "b" } };
      await engine.mutation("notes:patch", patch);
      stamps.push(engine.timestamp());
      clock.setClock(-HOUR_MS / 2);
      let again = await reopen();
      for (const byMs of [0, -DAY_MS, DAY_MS / 2, -1, 40 * DAY_MS, -DAY_MS]) {
        clock.setClock(byMs);
        await add(again);
        await add(again);
        again = await reopen();
      }
      for (let at = 1; at < stamps.length; at++) {
        assert(stamps[at]! > stamps[at - 1]!, `${at}: ${stamps}`);
      }
      const notes = await again.query("notes:every", {}) as Doc[];
      const times = notes.map(({ _creationTime }) => _creationTime);
      assertEquals(times.length, 14);
      assertEquals(times, [...new Set(times)].sort((a, b) => a - b));
    },
  ),

  clockCase(
    "old states are kept for 30 s, also when the clock is set back meanwhile",
    async ({ engine, clock }) => {
      await addNote(engine, "ada");
      const ts = engine.holdTimestamp();
      const then = async () =>
        (await engine.run("query", "flow:count", { owner: "ada" }, { ts }))
          .value;
      clock.setClock(-5 * HOUR_MS);
      await addNote(engine, "ada");
      assertEquals(await then(), 1);
      clock.advance(20_000);
      engine.holdTimestamp();
      await addNote(engine, "ada");
      assertEquals(await then(), 1);
      clock.advance(20_000);
      await addNote(engine, "ada");
      await assertRefused(then(), "OUT_OF_RETENTION");
    },
  ),

  clockCase(
    "a state that is held again and again is kept for as long, and no longer",
    async ({ engine, clock }) => {
      await addNote(engine, "ada");
      const ts = engine.holdTimestamp();
      const then = async () =>
        (await engine.run("query", "flow:count", { owner: "ada" }, { ts }))
          .value;
      for (let step = 0; step < 10; step++) {
        clock.advance(20_000);
        await addNote(engine, "ada");
        assertEquals(engine.holdTimestamp(ts), ts);
        assertEquals(await then(), 1);
      }
      clock.advance(31_000);
      await addNote(engine, "ada");
      await assertRefused(then(), "OUT_OF_RETENTION");
    },
  ),

  clockCase(
    "scheduled calls are forgotten a week after they are over, however many",
    async ({ engine, clock }) => {
      const count = 900;
      await engine.mutation("system:scheduleMany", { count });
      clock.advance(1);
      await settle();
      assertEquals(engine.tableSize("_scheduled_functions"), count);
      clock.advance(7 * DAY_MS);
      await engine.mutation("system:later", { delayMs: 10, owner: "ada" });
      clock.advance(10);
      await settle();
      assertEquals(engine.tableSize("_scheduled_functions"), 1);
    },
  ),

  clockCase(
    "scheduled calls that were over a week ago are forgotten on opening, though none is due",
    async ({ engine, clock, reopen }) => {
      await engine.mutation("system:scheduleMany", { count: 3 });
      clock.advance(1);
      await settle();
      clock.setClock(6 * DAY_MS);
      assertEquals((await reopen()).tableSize("_scheduled_functions"), 3);
      clock.setClock(DAY_MS + 1);
      assertEquals((await reopen()).tableSize("_scheduled_functions"), 0);
    },
  ),

  clockCase(
    "a call that was canceled is forgotten after a week, though it would be due much later",
    async ({ engine, clock }) => {
      const later = async (delayMs: number) =>
        await engine.mutation("system:later", { delayMs, owner: "ada" });
      const kept = await later(300 * DAY_MS);
      for (let count = 0; count < 30; count++) {
        const id = await later(400 * DAY_MS);
        await engine.mutation("system:cancel", { id });
      }
      const ids = async () =>
        (await engine.query("system:jobs", {}) as Doc[]).map(({ _id }) => _id);
      const wait = async (ms: number) => {
        clock.setClock(ms);
        clock.advance(MINUTE_MS);
        await settle();
      };
      await wait(6 * DAY_MS);
      assertEquals((await ids()).length, 31);
      const fresh = await later(400 * DAY_MS);
      await engine.mutation("system:cancel", { id: fresh });
      await wait(DAY_MS + HOUR_MS);
      assertEquals(await ids(), [kept, fresh]);
    },
  ),

  clockCase(
    "upload URLs that are too old do not pile up",
    async ({ engine, clock, store }) => {
      for (let hour = 0; hour < 20; hour++) {
        for (let url = 0; url < 5; url++) {
          await engine.mutation("system:uploadUrl", {});
        }
        clock.advance(HOUR_MS + 1);
      }
      const range = { start: "f\0\0\0\x01", end: "f\0\0\0\x02" };
      assertEquals([...store.scan(range)].length, 5);
    },
  ),
];

/** What a case gets. */
interface ClockCase {
  engine: Engine;
  clock: FakeTimers;
  store: SpyStore;
  /** Closes the engine and opens another one over its store. */
  reopen(): Promise<Engine>;
}

function clockCase(
  name: string,
  run: (parts: ClockCase) => Promise<void>,
  options: Partial<EngineOptions> = {},
): ContractCase<EngineSubject> {
  return {
    name,
    async run(subject) {
      const clock = new FakeTimers();
      const store = new SpyStore(subject.openStore());
      const timers = {
        set: (delayMs: number, callback: () => void) =>
          clock.set(delayMs, callback),
        clear: (timer: unknown) => clock.clear(timer),
        maxDelayMs: MINUTE_MS,
      };
      const now = () => clock.nowMs;
      const open = () =>
        subject.open({ store, timers, now, crons: false, ...options });
      let engine = open();
      const reopen = async () => {
        await engine.close();
        engine = open();
        await settle();
        return engine;
      };
      try {
        await settle();
        await run({ engine, clock, store, reopen });
      } finally {
        await engine.close();
        store.closeReally();
      }
    },
  };
}

/** Lets time pass; returns the seconds at whose ends the engine wrote, or tried to. */
async function tries(
  store: SpyStore,
  clock: FakeTimers,
  forMs: number,
): Promise<number[]> {
  const seconds: number[] = [];
  for (let second = 1; second <= forMs / 1000; second++) {
    const before = store.events.length;
    clock.advance(1000);
    await settle();
    if (store.events.slice(before).includes("write")) seconds.push(second);
  }
  return seconds;
}

async function count(engine: Engine, owner: string): Promise<number> {
  return await engine.query("flow:count", { owner }) as number;
}
