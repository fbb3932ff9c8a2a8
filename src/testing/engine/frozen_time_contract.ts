import { assert, assertEquals } from "@std/assert";
import type { Value } from "../../values/types.ts";
import type { ContractCase } from "../types.ts";
import type { EngineSubject } from "./subject.ts";

const NOW_MS = 1_750_000_000_000;

/** Clocks other than `Date.now()`, inside and outside of functions. */
export const engineFrozenTimeContract: ContractCase<EngineSubject>[] = [
  {
    name: "every clock shows when the query or mutation began",
    async run(subject) {
      const engine = open(subject, tellTheTime);
      if (!engine.capabilities.determinism) return await engine.close();
      for (const type of ["query", "mutation"] as const) {
        const told = await engine[type](`told:${type}`, {});
        assertEquals(told, toldAt(NOW_MS), type);
      }
      // Outside it is the host's time, even while a function runs.
      assert(await engine.action("told:action", {}) as number > NOW_MS);
      const running = engine.mutation("told:mutation", {});
      const file = new File([], "a");
      assert(file instanceof File && file.lastModified > NOW_MS);
      const { timeStamp } = new Event("now");
      assert(timeStamp !== NOW_MS && performance.timeOrigin !== NOW_MS);
      assertEquals(new Date().constructor, Date);
      await running;
      await engine.close();
    },
  },
  {
    name: "clocks that do not stand still are refused in queries and mutations",
    async run(subject) {
      const engine = open(subject, () =>
        [
          () => AbortSignal.timeout(1),
          () => performance.timeOrigin,
          () => performance.toJSON(),
        ].map(refusal));
      if (!engine.capabilities.determinism) return await engine.close();
      const told = await engine.query("told:query", {});
      assertEquals(told, [
        "setTimeout",
        ...Array(2).fill("the Performance API"),
      ]);
      await engine.close();
    },
  },
];

function open(subject: EngineSubject, body: () => unknown) {
  const registered = (type: string) => ({
    [`is${type}`]: true,
    isPublic: true,
    // The second one after an await, to be still part of the function.
    _handler: async () => {
      await Promise.resolve();
      return body();
    },
  });
  return subject.open({
    now: () => NOW_MS,
    modules: {
      told: {
        query: registered("Query"),
        mutation: registered("Mutation"),
        action: {
          isAction: true,
          isPublic: true,
          _handler: () => new File([], "a").lastModified,
        },
      },
    },
  });
}

function tellTheTime(): unknown[] {
  const format = new Intl.DateTimeFormat("en", { dateStyle: "short" });
  const { Temporal } = globalThis as { Temporal?: TemporalNow };
  const file = new File(["text"], "a.txt", { type: "image/png" });
  const isDate = new Date().constructor === Date;
  return [
    format.format(),
    format.formatToParts().map(({ value }) => value).join(""),
    new Intl.DateTimeFormat("en", { dateStyle: "short" }).format(0),
    format.format === format.format,
    Date(),
    [new Date().getTime(), isDate, new Date(0).getTime()],
    [file.lastModified, file.type, file.size, file instanceof File],
    new File([], "a", { lastModified: 7 }).lastModified,
    new Event("now").timeStamp,
    Temporal?.Now.instant().epochMilliseconds ?? NOW_MS,
    Temporal?.Now.plainDateISO("UTC").toString() ?? "2025-06-15",
  ];
}

function toldAt(ms: number): Value[] {
  const format = new Intl.DateTimeFormat("en", { dateStyle: "short" });
  return [
    ...[format.format(ms), format.format(ms), format.format(0), true],
    new Date(ms).toString(),
    [ms, true, 0],
    [ms, "image/png", 4, true],
    ...[7, ms, ms, "2025-06-15"],
  ];
}

/** The part of `Temporal` that returns the time. */
interface TemporalNow {
  Now: {
    instant(): { epochMilliseconds: number };
    plainDateISO(zone: string): object;
  };
}

function refusal(use: () => unknown): string | undefined {
  try {
    use();
    return undefined;
  } catch (error) {
    return /Can't use (.*?) in queries and mutations/.exec(String(error))?.[1];
  }
}
