/** Functions make secrets of what `crypto` gives them: nothing else that they give away may tell it. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const draw = mutationGeneric(() => {
  const bytes = (
    count: number,
  ) => [...crypto.getRandomValues(new Uint8Array(count))];
  const chance = [Math.random(), Math.random()];
  const words = crypto.getRandomValues(new Uint32Array(8).subarray(2, 4));
  return {
    chance,
    given: bytes(5),
    secret: bytes(6),
    uuid: crypto.randomUUID(),
    words: [...new Uint8Array(words.buffer)],
  };
});

async function drawn(random?: (bytes: Uint8Array<ArrayBuffer>) => void) {
  const engine = openEngine({
    modules: { "a.ts": { draw } },
    store: openMemoryStore(),
    ...(random && { random }),
  });
  try {
    const { value } = await engine.run("mutation", "a:draw", {});
    return value as unknown as
      & {
        [name in "chance" | "given" | "secret" | "words"]: number[];
      }
      & { uuid: string };
  } finally {
    await engine.close();
  }
}

Deno.test("crypto in a mutation gives the engine's random bytes as they are, each once", async () => {
  let next = 0;
  const { given, secret, uuid, words, chance } = await drawn((bytes) =>
    bytes.forEach((_, at) => bytes[at] = next++ % 251)
  );
  const [first = 0] = words.slice(8);
  const following = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => (from + at) % 251);
  assertEquals(words, [
    ...Array(8).fill(0),
    ...following(first, 8),
    ...Array(16).fill(0),
  ]);
  assertEquals([...given, ...secret], following(given[0]!, 11));
  assertEquals(given[0], (first + 8) % 251);
  const bytes = uuid.replaceAll("-", "").match(/../g)!
    .map((hex) => parseInt(hex, 16));
  assertEquals(bytes.slice(0, 6), following((secret[5]! + 1) % 251, 6));
  // Its own numbers come from a seed, so that they cost little.
  assert(chance.every((number) => number >= 0 && number < 1));
});

Deno.test("without random of its own, an engine has the host's", async () => {
  const [one, other] = [await drawn(), await drawn()];
  assertNotEquals(one.secret, other.secret);
  assertNotEquals(one.uuid, other.uuid);
});
