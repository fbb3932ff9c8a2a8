import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import type { LiveSet } from "../../engine/live/live_types.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";
import {
  addNote,
  assertRefused,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";

const TIMED_OUT = "Function execution timed out (maximum duration: 1s)";
const limits = { transactionMs: 1000 };

/** Functions that wait for something outside: they are cancelled, and block nobody. */
export const engineHangContract: ContractCase<EngineSubject>[] = [
  {
    name: "a mutation or a query that is called is given up",
    async run(subject) {
      const watchdog = new FakeTimers();
      const engine = subject.open({ limits, watchdog });
      try {
        const refused = assertRefused(
          engine.mutation("flow:hang", {}),
          "LIMIT_EXCEEDED",
          TIMED_OUT,
        );
        const waiting = addNote(engine, "ada");
        await passTwoSeconds(watchdog);
        await refused;
        assertEquals(typeof await waiting, "string");
        assertEquals(await engine.query("things:ordered", {}), []);
        const [one, other] = await Promise.all([
          engine.mutation("flow:hang", {}).catch(({ code }) => code),
          engine.query("flow:count", { owner: "ada" }),
          passTwoSeconds(watchdog),
        ]);
        assertEquals([one, other], ["LIMIT_EXCEEDED", 1]);
      } finally {
        await engine.close();
      }
    },
  },

  {
    name:
      "a followed query is given up and runs again with its data, others are told of",
    async run(subject) {
      const watchdog = new FakeTimers();
      const engine = subject.open({ limits, watchdog });
      const told = new Map<number, unknown>();
      const set = engine.follow({
        onState: (_ts, changes) => {
          for (const [id, result] of changes) {
            told.set(id, result.ok ? result.value : String(result.error));
          }
        },
        onError: (error) => told.set(0, error),
        onEnd: () => {},
      });
      try {
        ["flow:count", "flow:countOrHang", "flow:count"].forEach((name, at) =>
          set.add(at + 1, {
            name,
            args: { owner: at === 2 ? "bob" : "ada" },
            identity: null,
            journal: null,
          })
        );
        await settle();
        assertEquals([...told.entries()], [[1, 0], [2, 0], [3, 0]]);
        const added = [addNote(engine, "ada"), addNote(engine, "bob")];
        await passTwoSeconds(watchdog);
        await Promise.all(added);
        assertEquals([told.get(1), told.get(3), told.get(0)], [
          1,
          1,
          undefined,
        ]);
        assertStringIncludes(String(told.get(2)), TIMED_OUT);
        assertEquals(await engine.query("flow:count", { owner: "bob" }), 1);
        await addNote(engine, "ada");
        await settle();
        assertEquals([told.get(1), told.get(2)], [2, 2]);
      } finally {
        set.close();
        await engine.close();
      }
    },
  },

  {
    name:
      "a followed query that is given up runs again when its data changes before that is told",
    async run(subject) {
      const watchdog = new FakeTimers();
      const engine = subject.open({ limits, watchdog });
      const told: unknown[] = [];
      const set = followCount(engine, told);
      try {
        await settle();
        const first = addNote(engine, "ada");
        await settle();
        const second = addNote(engine, "ada");
        await passTwoSeconds(watchdog);
        await Promise.all([first, second]);
        assertEquals(told.length, 3, told.join("\n"));
        assertStringIncludes(String(told[1]), TIMED_OUT);
        assertEquals([told[0], told[2]], [0, 2]);
      } finally {
        set.close();
        await engine.close();
      }
    },
  },

  {
    name: "who follows a query that was given up has it run anew",
    async run(subject) {
      const watchdog = new FakeTimers();
      let runs = 0;
      const hangOnce = {
        isQuery: true,
        isPublic: true,
        _handler: () => ++runs === 1 ? new Promise(() => {}) : runs,
      };
      const modules = { jobs: { hangOnce } };
      const engine = subject.open({ limits, watchdog, modules });
      const told: unknown[][] = [[], []];
      const watches = [engine.watch("jobs:hangOnce", {})];
      try {
        const follow = (at: number) =>
          watches[at]!.subscribe(
            (value) => told[at]!.push(value),
            (error) => told[at]!.push(String(error)),
          );
        follow(0);
        await passTwoSeconds(watchdog);
        watches.push(engine.watch("jobs:hangOnce", {}));
        follow(1);
        await settle();
        assertStringIncludes(told[0]!.join("\n"), TIMED_OUT);
        assertEquals(told[1], [2]);
      } finally {
        for (const watch of watches) watch.close();
        await engine.close();
      }
    },
  },

  {
    name: "a store's error is not taken for that of a query that is given up",
    async run(subject) {
      const watchdog = new FakeTimers();
      const store = new SpyStore(subject.openStore());
      const engine = subject.open({ limits, watchdog, store });
      const told: unknown[] = [];
      const set = followCount(engine, told);
      try {
        await settle();
        const added = assertRejects(() => addNote(engine, "ada"));
        await settle();
        store.failNext = "flush";
        await passTwoSeconds(watchdog);
        assertStringIncludes(String(await added), "flush refused");
        assertEquals(told.length, 2, told.join("\n"));
        assertStringIncludes(String(told[1]), "no state: Error: flush refused");
        await addNote(engine, "ada");
        await settle();
        assertEquals(told.slice(2), [2]);
      } finally {
        set.close();
        await engine.close();
        store.closeReally();
      }
    },
  },

  {
    name: "a scheduled mutation is given up once, and noted as failed",
    async run(subject) {
      const watchdog = new FakeTimers();
      const timers = new FakeTimers();
      const engine = subject.open({
        limits,
        watchdog,
        timers,
        now: () => timers.nowMs,
        crons: false,
      });
      try {
        await engine.mutation("flow:scheduleHang", {});
        timers.advance(10);
        await settle();
        await passTwoSeconds(watchdog);
        for (let second = 0; second < 5; second++) {
          timers.advance(1000);
          await settle();
        }
        const jobs = await engine.query("system:jobs", {}) as {
          state: unknown;
        }[];
        const failed = {
          kind: "failed",
          error: `${TIMED_OUT}: it waits for something outside the database`,
        };
        assertEquals(jobs.map(({ state }) => state), [failed, {
          kind: "success",
        }]);
        assertEquals(await engine.query("things:ordered", {}), []);
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "a cron job's mutation is given up once for each time",
    async run(subject) {
      const watchdog = new FakeTimers();
      const timers = new FakeTimers();
      const logged: string[] = [];
      const hang = {
        isMutation: true,
        _handler: () => new Promise(() => {}),
      };
      const job = {
        name: "jobs:hang",
        args: [{}],
        schedule: { type: "interval", minutes: 1 },
      };
      const engine = subject.open({
        limits,
        watchdog,
        timers,
        now: () => timers.nowMs,
        modules: {
          crons: { default: { isCrons: true, crons: { "a job": job } } },
          jobs: { hang },
        },
        log: (_level, message) => logged.push(message),
      });
      try {
        await settle();
        for (let minute = 0; minute <= 2; minute++) {
          timers.advance(minute === 0 ? 0 : 60_000);
          await settle();
          await passTwoSeconds(watchdog);
          assertEquals(logged.length, minute + 1, logged.join("\n"));
        }
        assertStringIncludes(logged[0]!, 'cron job "a job"');
        assertStringIncludes(logged[0]!, TIMED_OUT);
      } finally {
        await engine.close();
      }
    },
  },
];

/** Subscribes to a query that hangs when there is one note of "ada". */
function followCount(engine: Engine, told: unknown[]): LiveSet {
  const set = engine.follow({
    onState: (_ts, changes) => {
      for (const result of changes.values()) {
        told.push(result.ok ? result.value : String(result.error));
      }
    },
    onError: (error) => told.push(`no state: ${error}`),
    onEnd: () => {},
  });
  const args = { owner: "ada" };
  set.add(1, { name: "flow:countOrHang", args, identity: null, journal: null });
  return set;
}

/** Passes the longest time after which a hanging function is cancelled. */
async function passTwoSeconds(watchdog: FakeTimers): Promise<void> {
  for (let second = 0; second < 2; second++) {
    await settle();
    watchdog.advance(1000);
  }
  await settle();
}
