import { assert, assertEquals } from "@std/assert";

Deno.test("the last test that is closed leaves the globals as they were defined", async () => {
  const worker = new Worker(import.meta.resolve("./globals_worker.ts"), {
    type: "module",
  });
  const [open, first, last] = await new Promise<string[][]>(
    (resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    },
  );
  worker.terminate();
  for (const changed of [open!, first!]) {
    for (const name of ["Date", "fetch", "crypto"]) {
      assert(changed.includes(name), name);
    }
  }
  assertEquals(last, []);
});
