import { assert, assertEquals } from "@std/assert";
import {
  executorCase,
  type ExecutorSubject,
  rejection,
  run,
  sharedExecutorCase,
  withExecutor,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Describes a value exactly: sign of zeros, holes, undefined members, their order, and repeated objects. */
export function describe(root: unknown): string {
  const seen = new Map<object, number>();
  return tell(root);

  function tell(value: unknown): string {
    if (Object.is(value, -0)) return "-0";
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return String(value);
    const known = seen.get(value);
    if (known !== undefined) return `#${known}`;
    seen.set(value, seen.size);
    const parts = Object.keys(value).map((key) =>
      `${JSON.stringify(key)}: ${tell((value as Record<string, unknown>)[key])}`
    );
    const tag = Object.prototype.toString.call(value);
    if (Array.isArray(value)) parts.unshift(`length ${value.length}`);
    else if (tag === "[object Date]") {
      parts.unshift(String((value as Date).getTime()));
    } else if (tag === "[object Map]" || tag === "[object Set]") {
      // Not by `instanceof`: some hosts clone into another realm.
      parts.unshift(...[...value as Set<unknown>].map(tell));
    }
    const own = Object.getPrototypeOf(value)?.constructor?.name;
    return `${tag} ${own} {${parts.join(", ")}}`;
  }
}

class WithText {
  x = 1;
  toJSON(): string {
    return "point";
  }
}

/** Values that JSON would change, and some that it would not. */
function values(): unknown[] {
  const cycle: { self?: unknown; a: number[] } = { a: [1] };
  cycle.self = cycle;
  let deep: unknown = "bottom";
  for (let at = 0; at < 200; at++) deep = at % 2 ? [deep] : { deep };
  const hidden = { shown: 1 };
  Object.defineProperty(hidden, "toJSON", { value: () => "hidden" });
  const shared = { b: 2 };
  return [
    { a: 1, b: "two", c: [true, null, { d: 0.1 }] },
    { first: undefined, second: 2 },
    [undefined, 1],
    // deno-lint-ignore no-sparse-arrays
    [1, , 3],
    [0, -0, { zero: -0 }],
    { n: [NaN, Infinity, -Infinity, 1e300, 5e-324, 2 ** 53] },
    Object.assign([1, 2], { index: 7 }),
    JSON.parse('{"__proto__": {"a": 1}, "constructor": "own"}'),
    Object.assign(Object.create(null), { a: [1] }),
    { 10: "ten", b: 1, 2: "two", a: 2 },
    new WithText(),
    hidden,
    { at: new Date(5), map: new Map([["a", { b: 1 }]]), set: new Set([[1]]) },
    { [Symbol("gone")]: 1, stays: 2 },
    { boxed: [Object(1), Object("s"), Object(true)] },
    ["\ud800", "\u2028", "\u0000", '"\\', "ü", "😀"],
    { long: "x".repeat(5000) },
    Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`k${at}`, at])),
    cycle,
    [shared, shared],
    { big: 2n ** 70n },
    deep,
    {
      get own() {
        return [1];
      },
    },
    {},
    [],
    [[], {}],
  ];
}

/** Values that cross threads. */
export const executorValueContract: ContractCase<ExecutorSubject>[] = [
  sharedExecutorCase(
    "a value arrives as its clone, alone and in company",
    async (executor) => {
      const all = values();
      const wanted = all.map((value) => describe(structuredClone(value)));
      for (const [at, value] of all.entries()) {
        assertEquals(
          describe(await run(executor, "echo", value)),
          wanted[at],
        );
        const pair = await Promise.all([
          run(executor, "echo", value),
          run(executor, "echo", { plain: [at] }),
        ]);
        assertEquals(pair.map(describe), [
          wanted[at],
          describe({ plain: [at] }),
        ]);
      }
      const together = await Promise.all(
        all.map((value) => run(executor, "echo", value)),
      );
      assertEquals(together.map(describe), wanted);
    },
  ),
  executorCase(
    "a task that cannot be cloned does not hold up those behind it",
    { concurrencyPerWorker: 1 },
    async (executor) => {
      await executor.warm();
      const failed = [0, 1].map(() =>
        rejection(run(executor, "echo", () => {}))
      );
      const behind = [1, 2].map((at) => run(executor, "echo", at));
      for (const error of await Promise.all(failed)) {
        assertEquals(error.code, "NOT_CLONEABLE");
      }
      assertEquals(await Promise.all(behind), [1, 2]);
    },
  ),
  sharedExecutorCase(
    "plain values after one that is not cross as well",
    async (executor) => {
      for (let round = 0; round < 40; round++) {
        const all = Array.from(
          { length: 5 },
          (_, at) =>
            round % 7 === at ? { at: new Date(at) } : { at, list: [round] },
        );
        const back = await Promise.all(
          all.map((value) => run(executor, "echo", value)),
        );
        assertEquals(back, all);
      }
    },
  ),
  sharedExecutorCase(
    "ports and streams move, where the host lets them",
    async (executor) => {
      const moves = (object: object) => {
        try {
          const { moved } = structuredClone({ moved: object }, {
            transfer: [object as Transferable],
          });
          return Object.getPrototypeOf(moved) ===
            Object.getPrototypeOf(object);
        } catch {
          return false;
        }
      };
      if (
        typeof MessageChannel === "function" &&
        moves(new MessageChannel().port1)
      ) {
        const { port1, port2 } = new MessageChannel();
        port1.postMessage(1);
        assertEquals(
          await run(executor, "read", port2, { transfer: [port2] }),
          [1],
        );
        port1.close();
      }
      const streamOf = (...items: number[]) =>
        new ReadableStream({
          start(controller) {
            for (const item of items) controller.enqueue(item);
            controller.close();
          },
        });
      if (!moves(streamOf())) return;
      const stream = streamOf(1, 2);
      assertEquals(
        await run(executor, "read", stream, { transfer: [stream] }),
        [1, 2],
      );
    },
  ),
  {
    name: "a port that moved away before ends no process",
    run: async (subject) => {
      if (typeof MessageChannel !== "function") return;
      const { port1, port2 } = new MessageChannel();
      const transfer = [port2];
      await withExecutor(subject, {}, async (executor) => {
        // Not every host lets ports move.
        const task = { do: "count", value: port2 };
        await executor.run(task, { transfer }).catch(() => {});
        // Not every host detects a moved port, and Node crashes when one is inspected.
        const { code } = await executor.run(task, { transfer })
          .then(() => ({ code: "NOT_CLONEABLE" }), (error) => error);
        assertEquals(code, "NOT_CLONEABLE");
      });
      port1.close();
    },
  },
  sharedExecutorCase(
    "bytes that are to move are not blamed for what else cannot be cloned",
    async (executor) => {
      const bytes = new Uint8Array(8);
      const value = { bytes, buffer: bytes.buffer, callback: () => 1 };
      const transfer = [bytes.buffer];
      const sent = await rejection(run(executor, "echo", value, { transfer }));
      assertEquals(sent.data, { path: "task.value.callback" });
      const given = await rejection(run(executor, "allocateOdd"));
      assertEquals(given.data, { path: "result.callback" });
    },
  ),
  executorCase(
    "a task too deep for the other side to read rejects, and those after it run",
    {},
    async (executor) => {
      let deep: unknown = "bottom";
      // Deno can write this, and not read it. Other hosts can do both, or neither.
      for (let at = 0; at < 3000; at++) deep = { deep };
      const code = await run(executor, "echo", deep, { timeoutMs: 5000 })
        .then(() => "NOT_CLONEABLE", (error) => error.code);
      assert(["NOT_CLONEABLE", "WORKER_LOST"].includes(code), code);
      assertEquals(await run(executor, "echo", 3), 3);
    },
  ),
];
