import { assert, assertEquals } from "@std/assert";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { linesUntilKilled } from "../support/kill_script.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { realTimers } from "../support/real_timers.ts";

const SCRIPT = new URL("./kill_jobs_process.ts", import.meta.url).href;
const MAX_LIFE_MS = 150;

interface Look {
  ran: { [kind: string]: number[] };
  jobs: { name: string; plan: number; kind: string }[];
}

Deno.test("after a kill each scheduled mutation runs exactly once, each action at most once", async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const kills = Math.ceil(80 * testScale());
  console.log(`seed ${seed}, ${kills} kills`);
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a.db`;
  const acknowledged: number[] = [];
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const lifeMs = 20 + random.below(MAX_LIFE_MS);
      const args = [path, String(kill * 1_000_000)];
      const lines = await linesUntilKilled(SCRIPT, args, lifeMs);
      acknowledged.push(...lines.map(Number));
    }
    const engine = openEngine({
      schema,
      modules,
      store: openSqliteStore({ path }),
      // The host clock's would not hold the test, which has nothing else to wait for until a call is due.
      timers: realTimers,
      crons: false,
      // The look at the end reads all at once.
      limits: {
        documentsRead: Infinity,
        bytesRead: Infinity,
        arrayLength: Infinity,
      },
    });
    try {
      check(await settled(engine), acknowledged);
    } finally {
      await engine.close();
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

/** What has run when nothing is left to run. */
async function settled(engine: Engine): Promise<Look> {
  // The engine's timers do not keep the process alive.
  const alive = setInterval(() => {}, 1000);
  try {
    for await (const value of engine.watch("plans:look", {})) {
      const look = value as unknown as Look;
      const isOver = ({ kind }: { kind: string }) =>
        kind === "success" || kind === "failed";
      if (look.jobs.every(isOver)) return look;
    }
    throw new Error("the engine was closed");
  } finally {
    clearInterval(alive);
  }
}

function check({ ran, jobs }: Look, acknowledged: readonly number[]): void {
  const made = ran.plan ?? [];
  assert(made.length > 0, "plans were made");
  for (const plan of acknowledged) assert(made.includes(plan), `plan ${plan}`);
  // The plan and what it schedules are one transaction; a mutation and the note that it ran are one, too.
  assertEquals(sorted(ran.mutation), sorted(made));
  const mutations = jobs.filter(({ name }) => name === "plans.js:mark");
  assertEquals(sorted(mutations.map(({ plan }) => plan)), sorted(made));
  assertEquals(new Set(mutations.map(({ kind }) => kind)).size, 1);
  for (const kind of ["begun", "ended"]) {
    assertEquals(new Set(ran[kind]).size, (ran[kind] ?? []).length, kind);
  }
  const ended = new Set(ran.ended);
  for (const { name, plan, kind } of jobs) {
    if (name !== "plans.js:act" || kind !== "success") continue;
    assert(ended.has(plan), `action of plan ${plan} succeeded`);
  }
}

function sorted(numbers: readonly number[] = []): number[] {
  return [...numbers].sort((a, b) => a - b);
}
