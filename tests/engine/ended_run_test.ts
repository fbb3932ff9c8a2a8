import { getHeapSpaceStatistics } from "node:v8";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

interface Convex {
  asyncSyscall(op: string, json: string): Promise<string>;
}

const START = 1_750_000_000_000;

/** What a function's code sees that still runs after the function has ended, while another function runs. */
async function seenLate(kind: "isQuery" | "isMutation") {
  const gate = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<unknown[]>();
  const failed = (call: () => unknown) =>
    Promise.try(call).then(() => "nothing", (error) => String(error));
  const late = async () => {
    await gate.promise;
    const { Convex } = globalThis as unknown as { Convex: Convex };
    const fetched = await failed(() => fetch("http://127.0.0.1:1"));
    const json = JSON.stringify({ table: "notes" });
    const called = await failed(() =>
      Convex.asyncSyscall("1.0/getTransactionMetrics", json)
    );
    const time = Date.now();
    const numbers = [Math.random(), Math.random()];
    seen.resolve([time, fetched, called, numbers[0] === numbers[1]]);
  };
  let now = START;
  const engine: Engine = openEngine({
    modules: {
      a: {
        leaks: {
          [kind]: true,
          isPublic: true,
          _handler: () => {
            seen.promise.catch(() => {});
            late().catch(seen.reject);
            return Date.now();
          },
        },
        waits: {
          isMutation: true,
          isPublic: true,
          _handler: async () => {
            gate.resolve();
            await seen.promise;
          },
        },
      },
    },
    store: openMemoryStore(),
    now: () => now,
  });
  const began = kind === "isQuery"
    ? await engine.query("a:leaks", {})
    : await engine.mutation("a:leaks", {});
  now += 1000;
  await engine.mutation("a:waits", {});
  await engine.close();
  return [began, ...await seen.promise];
}

for (const kind of ["isQuery", "isMutation"] as const) {
  Deno.test(`engine: code that goes on after its function (${kind}) has ended is still part of one`, async () => {
    const [began, time, fetched, called, isSame] = await seenLate(kind);
    assertEquals([began, time, isSame], [START, START, false]);
    assertStringIncludes(String(fetched), "Can't use fetch() in queries");
    assertStringIncludes(String(called), "ctx was used after its function");
  });
}

Deno.test("engine: nothing of a query that has ended comes into the old part of the heap", async () => {
  const engine = openEngine({
    modules: {
      a: { nothing: { isQuery: true, isPublic: true, _handler: () => null } },
    },
    store: openMemoryStore(),
  });
  /** What the old part grows by, whatever the host clears away there meanwhile. */
  const grown = async (calls: number) => {
    let sum = 0;
    let last = oldBytes();
    for (let left = calls; left > 0; left--) {
      await engine.query("a:nothing", {});
      if (left % 100 !== 0) continue;
      const bytes = oldBytes();
      sum += Math.max(0, bytes - last);
      last = bytes;
    }
    return sum;
  };
  await grown(20_000);
  // Of some 3 kB that each takes.
  const each = await grown(40_000) / 40_000;
  assert(each < 250, `${each.toFixed(0)} bytes a query`);
  await engine.close();
});

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .find(({ space_name }) => space_name === "old_space")!.space_used_size;
}
