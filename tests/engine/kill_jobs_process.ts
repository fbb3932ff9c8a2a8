/**
 * The process that the kill test of scheduled functions ends: `PATH FIRST` opens the engine in the file, which runs what
 * is due, and makes plans from the first on, for ever. It prints the number of each when its mutation has resolved.
 */
import { openEngine } from "../../src/engine/engine.ts";
import { hostClock } from "../../src/embedded/host_clock.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";

const [path, first] = Deno.args as [string, string];
const engine = openEngine({
  schema,
  modules,
  store: openSqliteStore({ path }),
  timers: hostClock,
  crons: false,
});
const say = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
say("open");
for (let plan = Number(first);; plan++) {
  await engine.mutation("plans:make", { plan });
  say(String(plan));
  // Lets what is due run.
  await new Promise((resolve) => setTimeout(resolve, 0));
}
