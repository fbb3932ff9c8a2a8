import { assert, assertEquals } from "@std/assert";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./engine_subject.ts";
import type { ContractCase } from "./types.ts";

/** What servers ask of an engine: timestamps, states of the past, requests that are carried out once. */
export const engineRequestContract: ContractCase<EngineSubject>[] = [
  {
    name: "a request of a session is carried out once, also after reopening",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const request = { sessionId: "c0ffee", requestId: 7 };
      const answers: unknown[] = [];
      for (let round = 0; round < 2; round++) {
        const engine = subject.open({ store });
        for (let attempt = 0; attempt < 2; attempt++) {
          const note = { owner: "ada", text: "once" };
          answers.push(
            await engine.run("mutation", "notes:add", note, { request }),
          );
        }
        const other = { sessionId: "c0ffee", requestId: 8 };
        await assertRefused(
          engine.run("mutation", "notes:add", {}, { request: other }),
          "ARGUMENT_VALIDATION",
        );
        assertEquals(
          (await engine.query("notes:list", { owner: "ada" }) as []).length,
          1,
        );
        await engine.close();
      }
      assertEquals(
        new Set(answers.map((answer) => String((answer as { ts: bigint }).ts)))
          .size,
        1,
      );
      assertEquals(answers, Array(4).fill(answers[0]));
      store.closeReally();
    },
  },

  engineCase(
    "timestamps grow with each commit, and the past can be read",
    async (engine) => {
      const owner = "ada";
      await addNote(engine, owner, { text: "old" });
      const ts = engine.holdTimestamp();
      const list = async (at?: bigint) => {
        const { value } = await engine.run("query", "notes:list", { owner }, {
          ts: at,
        });
        return (value as Doc[]).map(({ text }) => text);
      };
      const { ts: later, value: id } = await engine.run(
        "mutation",
        "notes:add",
        {
          owner,
          text: "new",
        },
      );
      assert(later > ts);
      assertEquals(engine.timestamp(), later);
      await engine.mutation("notes:patch", { id, set: { text: "newer" } });
      assertEquals(await list(ts), ["old"]);
      assertEquals(await list(later), ["old", "new"]);
      assertEquals(await list(), ["old", "newer"]);
      const search = { text: "new" };
      const found = await engine.run("query", "notes:search", search, {
        ts: later,
      });
      assertEquals((found.value as Doc[]).map(({ text }) => text), ["new"]);
      await assertRefused(() => list(ts - 1n), "OUT_OF_RETENTION");
      await assertRefused(
        () => list(engine.timestamp() + 1n),
        "OUT_OF_RETENTION",
      );
    },
  ),

  engineCase(
    "trap 13: a request that comes twice runs once, who follows is told every change before the next, and nothing after closing",
    async (engine) => {
      const watch = engine.watch("notes:unique", { owner: "ada" });
      const seen: string[] = [];
      let tell = () => {};
      const told = () => new Promise<void>((resolve) => tell = resolve);
      let next = told();
      watch.subscribe(
        (value) => {
          seen.push((value as Doc | null)?.text as string ?? "none");
          tell();
        },
        (error) => {
          seen.push((error as { code: string }).code);
          tell();
        },
      );
      /** Writes and waits until the followers were told. */
      const change = async (
        name: string,
        args: { [name: string]: unknown },
      ) => {
        next = told();
        const { value } = await engine.run("mutation", name, args, {
          request: { sessionId: "trap", requestId: seen.length },
        });
        await next;
        return value as string;
      };
      await next;
      const note = { owner: "ada", text: "one" };
      const one = await change("notes:add", note);
      const { value: again } = await engine.run("mutation", "notes:add", note, {
        request: { sessionId: "trap", requestId: 1 },
      });
      assertEquals(again, one);
      await change("notes:add", { owner: "ada", text: "two" });
      await change("notes:remove", { id: one });
      // What changes nothing for a query is not told, yet has its place in time.
      const { ts } = await engine.run("mutation", "notes:add", {
        owner: "bob",
        text: "other",
      });
      assertEquals(engine.timestamp(), ts);
      watch.close();
      await addNote(engine, "ada", { text: "late" });
      await engine.query("notes:list", { owner: "ada" });
      assertEquals(seen, ["none", "one", "NOT_UNIQUE", "two"]);
    },
  ),
];
