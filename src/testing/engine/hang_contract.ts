import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";
import { addNote, assertRefused, type EngineSubject } from "./subject.ts";

const TIMED_OUT = "Function execution timed out (maximum duration: 1s)";
const limits = { transactionMs: 1000 };

/** Functions that wait for something foreign: they are given up, and hold nobody. */
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
        for (let minute = 1; minute <= 2; minute++) {
          timers.advance(60_000);
          await settle();
          await passTwoSeconds(watchdog);
          assertEquals(logged.length, minute, logged.join("\n"));
        }
        assertStringIncludes(logged[0]!, 'cron job "a job"');
        assertStringIncludes(logged[0]!, TIMED_OUT);
      } finally {
        await engine.close();
      }
    },
  },
];

/** As long as it takes at most until what waits is given up. */
async function passTwoSeconds(watchdog: FakeTimers): Promise<void> {
  for (let second = 0; second < 2; second++) {
    await settle();
    watchdog.advance(1000);
  }
  await settle();
}
