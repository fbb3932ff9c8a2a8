/** Module for a browser page: the runner calls `runContracts` and gets the report. */
import { assert, assertEquals } from "@std/assert";
import { createExecutor } from "../../src/executor/executor.ts";
import { runAll } from "../contracts/all.ts";

/** For a page whose content security policy forbids `data:`: the executor runs without a worker, and says so. */
async function runStrict(): Promise<void> {
  const executor = createExecutor({ handler: (n) => Number(n) ** 2 });
  assertEquals(await executor.run(7), 49);
  assertEquals(executor.kind, "inline");
  assert(/content security policy/.test(executor.refusal?.message ?? ""));
  await executor.close();
}

Object.assign(globalThis, {
  // As in `cli.ts`: cases of the facade share nothing and wait for workers and connections.
  runContracts: (url?: string) =>
    runAll(url === undefined ? undefined : { url }, { facade: 4 }),
  runStrict,
});
