/** Followers of queries side by side. */
import { assertEquals } from "@std/assert";
import type { Doc, EngineSubject } from "./subject.ts";
import { addNote, engineCase, settled } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** The cases. */
export const engineFollowContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a follower that throws is told so itself, and no other",
    async (engine) => {
      const told: unknown[] = [];
      const notes = { name: "notes:list", args: { owner: "ada" } };
      const call = { ...notes, identity: null, journal: null };
      const clumsy = engine.follow({
        onState: () => {
          throw new Error("clumsy");
        },
        onError: (error) => told.push((error as Error).message),
        onEnd: () => {},
      });
      clumsy.add(1, call);
      const careful = engine.follow({
        onState: (_ts, changes) => {
          for (const result of changes.values()) {
            told.push(result.ok && (result.value as Doc[]).length);
          }
        },
        onError: (error) => told.push(error),
        onEnd: () => {},
      });
      careful.add(1, call);
      await settled(engine);
      await addNote(engine, "ada");
      await settled(engine);
      assertEquals(told, ["clumsy", 0, "clumsy", 1]);
    },
  ),

  engineCase(
    "a callback that another one stops is not called any more",
    async (engine) => {
      const watch = engine.watch("notes:list", { owner: "ada" });
      const seen: string[] = [];
      let stop = () => {};
      watch.subscribe((notes) => {
        seen.push(`one ${(notes as Doc[]).length}`);
        if (seen.length > 2) stop();
      });
      stop = watch.subscribe((notes) =>
        seen.push(`other ${(notes as Doc[]).length}`)
      );
      await settled(engine);
      await addNote(engine, "ada");
      await settled(engine);
      assertEquals(seen, ["one 0", "other 0", "one 1"]);
      watch.close();
    },
  ),

  engineCase(
    "calls of next that wait together each get a result, or the end",
    async (engine) => {
      const watch = engine.watch("notes:list", { owner: "ada" });
      const results = watch[Symbol.asyncIterator]();
      await results.next();
      const waiting = [0, 1, 2, 3].map(() => results.next());
      for (let count = 0; count < 2; count++) {
        await addNote(engine, "ada");
        await settled(engine);
      }
      watch.close();
      const lengths = (await Promise.all(waiting))
        .map(({ done, value }) => done || (value as Doc[]).length);
      assertEquals(lengths, [1, 2, true, true]);
    },
  ),
];
