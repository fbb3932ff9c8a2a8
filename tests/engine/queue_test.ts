import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { assert } from "@std/assert";
import { SerialQueue } from "../../src/engine/transaction/queue.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

Deno.test("a queue that is never empty keeps no task that has ended", async () => {
  const queue = new SerialQueue(() => {});
  const kept: WeakRef<object>[] = [];
  let started = 0;
  let left = 0;
  const add = (): Promise<void> => {
    const args = { text: "x" };
    kept.push(new WeakRef(args));
    return queue.run(async () => {
      await undefined;
      args.text = "y";
      if (++started !== 3000) return;
      // Others still wait.
      await new Promise((resolve) => setTimeout(resolve));
      gc();
      left = kept.filter((ref) => ref.deref()).length;
    });
  };
  const client = async () => {
    while (kept.length < 3600) await add();
  };
  await Promise.all(Array.from({ length: 600 }, client));
  assert(left > 0 && left < 2000, `${left}`);
});
