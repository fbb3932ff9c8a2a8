/** Changes to all facts of a memory in several steps: interrupted, and concurrent with the opposite change. */
import { assert, assertEquals } from "@std/assert";
import { type Backend, fact, NOW, openBackend, SPACE } from "./backend.ts";

/** More than two steps take. */
const COUNT = 450;
const NAMED = { memorySpaceId: SPACE, memoryId: "mem-u1" };

interface Step {
  done: boolean;
  cursor?: string;
}

/** A backend with a memory of many facts, whose clock advances only where a test says so. */
function jobTest(
  name: string,
  run: (backend: Backend, pass: (ms: number) => void) => Promise<void>,
): void {
  Deno.test(name, async () => {
    let nowMs = NOW;
    let wake = () => {};
    const backend = openBackend({
      crons: false,
      now: () => nowMs,
      timers: {
        set: (_delayMs, callback) => void (wake = callback),
        clear: () => {},
      },
    });
    try {
      await backend.remember({
        factMode: "plain",
        facts: Array.from({ length: COUNT }, (_, at) => fact(`fact-${at}`)),
      });
      await run(backend, (ms) => {
        nowMs += ms;
        wake();
      });
    } finally {
      await backend.engine.close();
    }
  });
}

async function standing(backend: Backend): Promise<string[]> {
  return (await backend.rows("facts")).filter((row) => row.isCurrent)
    .map(({ factId }) => String(factId));
}

/** The first step; the others are not asked for. */
async function begin(
  backend: Backend,
  name: string,
  args: object = {},
): Promise<string> {
  const step = await backend.mutation<Step>(name, { ...NAMED, ...args });
  assert(!step.done && step.cursor !== undefined, "it takes several steps");
  return step.cursor;
}

async function goOn(
  backend: Backend,
  name: string,
  cursor: string,
): Promise<object> {
  for (let steps = 0;; steps++) {
    assert(steps < 5, "it ends");
    const step = await backend.mutation<Step>(name, { ...NAMED, cursor });
    if (step.done) return step;
    cursor = step.cursor!;
  }
}

/** Lets pass what a job may be idle, until it is so. */
async function settle(
  pass: (ms: number) => void,
  isSo: () => Promise<boolean>,
): Promise<void> {
  pass(61_000);
  for (let turn = 0; turn < 400 && !await isSo(); turn++) {
    pass(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(await isSo());
}

for (
  const { name, left, args } of [
    { name: "memory:archive", left: 0 },
    { name: "memory:deleteMemory", left: 0 },
    {
      name: "memory:update",
      left: 1,
      args: { content: "Anew", facts: [{ ...fact("fact-new"), tags: [] }] },
    },
  ]
) {
  jobTest(
    `${name} goes on by itself where it is broken off`,
    async (backend, pass) => {
      await begin(backend, name, args);
      pass(59_000);
      assertEquals((await standing(backend)).length, COUNT - 200 + left);
      await settle(pass, async () => (await standing(backend)).length === left);
      const memories = await backend.rows("memories");
      const [memory] = memories.filter(({ memoryId }) => memoryId === "mem-u1");
      assertEquals(memory === undefined, name === "memory:deleteMemory");
      assertEquals(memory?.archiveJob, undefined);
    },
  );
}

jobTest(
  "memory:restoreFromArchive goes on by itself where it is broken off",
  async (backend, pass) => {
    const cursor = await begin(backend, "memory:archive");
    await goOn(backend, "memory:archive", cursor);
    await begin(backend, "memory:restoreFromArchive");
    pass(61_000);
    await settle(pass, async () => (await standing(backend)).length === COUNT);
    await settle(
      pass,
      async () =>
        (await backend.rows("memories")).every((row) =>
          row.archivedAt === undefined && row.archiveJob === undefined
        ),
    );
  },
);

jobTest(
  "a memory that is archived and restored at once is what the later call makes it, and both end",
  async (backend, pass) => {
    const archive = await begin(backend, "memory:archive");
    const restored = await backend.mutation<Step>(
      "memory:restoreFromArchive",
      NAMED,
    );
    assertEquals(restored.done, true, "what one step archived, one restores");
    assertEquals(await goOn(backend, "memory:archive", archive), {
      archived: false,
      memoryId: "mem-u1",
      restorable: true,
      factsArchived: 0,
      factIds: [],
      done: true,
    });
    pass(61_000);
    await goOn(
      backend,
      "memory:archive",
      await begin(backend, "memory:archive"),
    );
    const restore = await begin(backend, "memory:restoreFromArchive");
    await backend.mutation("memory:archive", NAMED);
    await goOn(backend, "memory:restoreFromArchive", restore);
    assertEquals(await standing(backend), []);
  },
);

jobTest(
  "facts stored while a memory's are replaced stay, those of a second replacement too",
  async (backend, pass) => {
    const anew = (id: string) => ({
      content: id,
      facts: [{ ...fact(id), tags: [] }],
    });
    const first = await begin(backend, "memory:update", anew("fact-first"));
    await backend.mutation("facts:store", {
      ...fact("fact-between"),
      tags: [],
      memorySpaceId: SPACE,
      sourceType: "manual",
      sourceRef: { memoryId: "mem-u1" },
    });
    await goOn(backend, "memory:update", first);
    assertEquals(await standing(backend), ["fact-first", "fact-between"]);
    const [second] = await Promise.all([
      backend.mutation<Step>("memory:update", {
        ...NAMED,
        ...anew("fact-second"),
      }),
      goOn(backend, "memory:update", first),
    ]);
    assertEquals([second.done, await standing(backend)], [true, [
      "fact-second",
    ]]);
    pass(61_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(await standing(backend), ["fact-second"]);
  },
);
