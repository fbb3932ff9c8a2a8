/**
 * The process that the kill test ends: `PATH FIRST` opens the engine in the file and writes entries from the first on,
 * a few at a time, for ever. It prints the number of each when its mutation has resolved.
 */
import { openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";

const [path, first] = Deno.args as [string, string];
const engine = openEngine({
  schema,
  modules,
  store: openSqliteStore({ path }),
});
const say = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
say("open");
for (let entry = Number(first);; entry += 3) {
  await Promise.all(
    [entry, entry + 1, entry + 2].map(async (own) => {
      await engine.mutation("ledger:write", { entry: own });
      say(String(own));
    }),
  );
}
