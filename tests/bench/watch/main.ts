/**
 * What following queries costs: `deno task bench:watch`. Ten thousand queries, each of its own range of one index; then
 * mutations one by one, which change one of them, none of them, or run in an engine that nobody follows.
 */
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { settled } from "../../../src/testing/engine/subject.ts";
import { modules, schema } from "../../fixtures/sync_backend.ts";

const QUERIES = 10_000;
const MUTATIONS = 2000;

function open(): Engine {
  return openEngine({
    schema: schema as unknown as { export(): string },
    modules,
    store: openMemoryStore(),
  });
}

/** Time of a mutation with what follows from it, in microseconds. */
async function measure(
  engine: Engine,
  channelOf: (at: number) => string,
): Promise<number> {
  const startMs = performance.now();
  for (let at = 0; at < MUTATIONS; at++) {
    const message = { channel: channelOf(at), text: "x" };
    await engine.mutation("messages:send", message);
  }
  await settled(engine);
  return (performance.now() - startMs) / MUTATIONS * 1000;
}

const quiet = open();
const followed = open();
let told = 0;
for (let at = 0; at < QUERIES; at++) {
  followed.watch("messages:list", { channel: `${at}` }).subscribe(() => told++);
}
const startMs = performance.now();
await settled(followed);
const firstMs = performance.now() - startMs;
await measure(quiet, () => "warm");
const alone = await measure(quiet, () => "other");
const none = await measure(followed, () => "other");
told = 0;
const one = await measure(followed, (at) => `${at}`);
const show = (us: number) => `${us.toFixed(0)} µs`;
console.log(
  `first results of ${QUERIES} followed queries: ${firstMs.toFixed(0)} ms`,
);
console.log(`a mutation that nobody follows:           ${show(alone)}`);
console.log(`a mutation that changes none of them:     ${show(none)}`);
console.log(
  `a mutation that changes one, until told:  ${show(one)} (${told} told)`,
);
await quiet.close();
await followed.close();
