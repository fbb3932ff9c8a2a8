/** `mutable.update`: compare-and-set. */
import { assertEquals } from "@std/assert";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  rejectionOf,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Cases of `mutable.update`. */
export const mutableUpdateContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "mutable.update() computes from the present value, and nothing is lost when two do",
    async (cortex) => {
      const { mutable } = cortex;
      await mutable.set("n", "list", ["a"]);
      await mutable.update<string[]>("n", "list", async (list) => {
        await Promise.resolve();
        return [...list, "b"];
      });
      assertEquals(await mutable.get("n", "list"), ["a", "b"]);
      await mutable.set("n", "count", 0);
      const loop = async () => {
        for (let n = 0; n < 20; n++) {
          await mutable.update<number>("n", "count", (x) => x + 1);
        }
      };
      await Promise.all([loop(), loop()]);
      assertEquals(await mutable.get("n", "count"), 40);
      await mutable.set("n", "crowd", 0);
      await Promise.all(
        Array.from(
          { length: 30 },
          () => mutable.update<number>("n", "crowd", (x) => x + 1),
        ),
      );
      assertEquals(await mutable.get("n", "crowd"), 30);
      let called = false;
      await assertCode(
        () =>
          mutable.update("n", "unknown", () => {
            called = true;
            return 1;
          }),
        "MUTABLE_KEY_NOT_FOUND",
      );
      assertEquals(called, false);
      const error = await rejectionOf(() =>
        mutable.update("n", "count", () => {
          throw new Error("no");
        })
      );
      assertEquals([error.message, await mutable.get("n", "count")], [
        "no",
        40,
      ]);
      await assertCode(
        () => mutable.update("n", "count", () => undefined),
        "MISSING_VALUE",
      );
    },
  ),
  cortexCase(
    "mutable.update() that loses ten races rejects with MUTABLE_CONFLICT",
    async (cortex) => {
      const { mutable } = cortex;
      await mutable.set("n", "k", 0);
      let calls = 0;
      await assertCode(
        () =>
          mutable.update<number>("n", "k", async (value) => {
            calls++;
            await mutable.increment("n", "k");
            return value;
          }),
        "MUTABLE_CONFLICT",
      );
      assertEquals([calls, await mutable.get("n", "k")], [10, 10]);
    },
  ),
  cortexCase(
    "mutable.update() keeps a value that was deleted and set anew meanwhile",
    async ({ mutable }) => {
      await mutable.set("n", "k", 1);
      const seen: number[] = [];
      const { value } = await mutable.update<number>("n", "k", async (was) => {
        seen.push(was);
        if (seen.length === 1) {
          await mutable.delete("n", "k");
          await mutable.set("n", "k", 100);
        }
        return was + 1;
      });
      assertEquals([seen, value], [[1, 100], 101]);
    },
  ),
];
