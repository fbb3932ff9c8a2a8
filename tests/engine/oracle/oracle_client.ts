/** The oracle's backend as a client for a worker: `createClient({ seed })`. */
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { seededRandom } from "../../../src/testing/support/random.ts";
import { modules, schema } from "./oracle_backend.ts";

export function createClient({ seed }: { seed: number }): Engine {
  const random = seededRandom(seed);
  let now = 1_700_000_000_000;
  return openEngine({
    schema,
    modules,
    store: openMemoryStore(),
    now: () => now += 1,
    random: (bytes) => bytes.forEach((_, at) => bytes[at] = random.below(256)),
  });
}
