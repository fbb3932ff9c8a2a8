/**
 * The other process of the store's tests: `hold PATH` opens the store, says how that went and holds it until standard
 * input ends; `fill PATH` writes batches of ten keys for ever and prints each number after its flush.
 */

import type { StoreError } from "../../src/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";

const [command, path] = Deno.args as [string, string];
const say = (text: string) =>
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

try {
  const store = openSqliteStore({ path });
  if (command === "hold") {
    say("opened");
    await Deno.stdin.read(new Uint8Array(1));
    store.close();
  } else {
    for (let batch = 0;; batch++) {
      store.write(Array.from({ length: 10 }, (_, i) => ({
        key: `b${String(batch).padStart(6, "0")}-${i}`,
        value: "v".repeat(500),
      })));
      store.flush();
      say(String(batch));
    }
  }
} catch (error) {
  say(`${(error as StoreError).code} ${(error as Error).message}`);
}
