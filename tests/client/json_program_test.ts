/** Long answers, cut into steps and built again, beside `JSON.parse` and `jsonToValue`. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  build,
  parseWhole,
  scanAndBuild,
} from "../../src/client/json/json_builder.ts";
import { JsonScanner } from "../../src/client/json/json_scanner.ts";
import { encode, unescaped } from "../../src/client/exchange/encode_text.ts";
import { nextTurn } from "../../src/client/next_turn.ts";
import { Slicer } from "../../src/client/slicer.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { jsonToValue, valueToJson } from "../../src/values/json.ts";
import type { Value } from "../../src/values/types.ts";
import { testScale, testSeed } from "../support/test_env.ts";

function finish<T>(work: Generator<number, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

type Way = (text: Uint8Array) => unknown;

/** The ways to build a text by its scan; `undefined` where the scanner leaves it to others. */
const scans: Way[] = [
  (text) => finish(scanAndBuild(text)),
  (text) => {
    const scanner = new JsonScanner(text, true);
    if (!scanner.scan(Infinity)) return undefined;
    return finish(build({ ...scanner, text }));
  },
];
const ways: Way[] = [(text) => finish(parseWhole(text)), ...scans];

const LETTERS = ["a", "\\", '"', "é", "日", "😀", "\n", "\u0000", "z"];
const NAMES = ["k", 'a"b', "a\\c", "_x", "constructor"];

function text(random: Random): string {
  const length = random.below(random.below(8) === 0 ? 300_000 : 60);
  if (random.below(3) === 0) return "z".repeat(length);
  return Array.from({ length }, () => random.pick(LETTERS)).join("");
}

function value(random: Random, depth = 0): Value {
  const many = random.below(12);
  switch (random.below(depth > 4 ? 7 : 9)) {
    case 0:
      return random.pick([null, true, false, NaN, -0, Infinity, 0, -1.5]);
    case 1:
      return random.below(1e6) / 7;
    case 2:
    case 3:
      return text(random);
    case 4:
      return BigInt(random.below(1e9));
    case 5:
      return new Uint8Array(random.below(many === 0 ? 60_000 : 900))
        .map((_, at) => at * many).buffer;
    case 6:
      return Array.from(
        { length: random.below(many === 0 ? 3000 : 40) },
        () => random.below(1e6) / 3 - 1e5,
      );
    case 7:
      return Array.from({ length: many }, () => value(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from(
          { length: many },
          (_, at) => [random.pick(NAMES) + at, value(random, depth + 1)],
        ),
      );
  }
}

/** The value of a text, or nothing when it has none. */
function expected(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: jsonToValue(JSON.parse(new TextDecoder().decode(bytes))) };
  } catch {
    return undefined;
  }
}

function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.below(3) === 0) return bytes.slice(0, random.below(bytes.length));
  const copy = bytes.slice();
  const codes = [...'"\\,:{}[]$0\n\0'].map((code) => code.charCodeAt(0));
  copy[random.below(copy.length)] = random.pick(codes);
  return copy;
}

/** Turns that the event loop has while something is done. */
async function countTurns<T>(
  run: () => Promise<T>,
): Promise<{ turns: number; result: T }> {
  let turns = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      await nextTurn();
      turns++;
    }
  })();
  const result = await run();
  isOver = true;
  await counting;
  return { turns, result };
}

Deno.test("a text that was cut into steps gives the value that it holds, and none when it is damaged", () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const count = Math.ceil(600 * testScale());
  console.log(`seed ${seed}, ${count} texts`);
  for (let run = 0; run < count; run++) {
    const answer = { status: "success", value: value(random), logLines: [] };
    const json = JSON.stringify(
      valueToJson(answer),
      null,
      random.below(5) === 0 ? 2 : 0,
    );
    const bytes = new TextEncoder().encode(json);
    const wanted = expected(bytes)!.value;
    for (const way of ways) {
      const copy = bytes.slice();
      assertEquals(way(copy), wanted, `seed ${seed}`);
      assert(copy.every((code, at) => code === bytes[at]), `seed ${seed}`);
      for (let times = 0; times < 3; times++) {
        const bad = damaged(bytes, random);
        const outcome = expected(bad);
        let got: unknown;
        try {
          got = way(bad.slice());
          // Nothing said is said by whoever looks at the whole.
          if (got === undefined) continue;
        } catch {
          assertEquals(outcome, undefined, `seed ${seed}: refused`);
          continue;
        }
        assertEquals({ value: got }, outcome, `seed ${seed}: taken`);
      }
    }
  }
});

Deno.test("what Convex forbids is left to who looks at the whole", () => {
  for (
    const json of [
      '{"a":{"$bytes":"AAAA","b":1}}',
      '{"a":{"b":1,"$bytes":"AAAA"}}',
      '{"a":{"$set":[]}}',
      `{"a":{"$bites":"${"A".repeat(1000)}"}}`,
      '{"a":{"é":1}}',
      '{"a":{"\\u0024bytes":"AAAA"}}',
      '{"a":{"__proto__":1}}',
      `{"a":${"[".repeat(300)}${"]".repeat(300)}}`,
      `{"a":{"$bytes":"${"A".repeat(1000)}-AAA"}}`,
      "[1]",
      "null",
      "",
    ]
  ) {
    for (const way of scans) {
      let built: unknown;
      try {
        built = way(new TextEncoder().encode(json));
      } catch {
        continue;
      }
      assertEquals(built, undefined, json);
    }
  }
});

Deno.test("a long text is built with turns of the event loop in between", async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, id) => ({ id, name: `row ${id}`, vector: [1.5, 2.5], text: "x" }),
  );
  const long = { rows, text: "日".repeat(1e6), bytes: "AAAA".repeat(5e5) };
  const bytes = new TextEncoder().encode(
    JSON.stringify({ ...long, bytes: { $bytes: long.bytes } }),
  );
  const { turns, result: built } = await countTurns(() =>
    new Slicer().run(scanAndBuild(bytes)) as Promise<typeof long>
  );
  assertEquals(built.rows, rows);
  assertEquals(built.text, long.text);
  assert(turns >= bytes.length / 512 / 1024, `${turns} turns`);
});

Deno.test("work that is given up ends in between", async () => {
  const giveUp = new AbortController();
  let parts = 0;
  function* work(): Generator<number, void> {
    for (;;) {
      if (++parts === 3) giveUp.abort("enough");
      yield 1e6;
    }
  }
  const turns = new Slicer();
  const ended = turns.run(work(), giveUp.signal).catch((reason) => reason);
  function* next(): Generator<number, string> {
    yield 1;
    return "next";
  }
  assertEquals(await Promise.all([ended, turns.run(next())]), [
    "enough",
    "next",
  ]);
  assertEquals(parts, 3);
});

Deno.test("works that come one after another share the time of a turn", async () => {
  function* work(): Generator<number, void> {
    yield 200 * 1024;
  }
  const shared = new Slicer();
  const { turns } = await countTurns(async () => {
    for (let works = 0; works < 10; works++) await shared.run(work());
  });
  assert(turns >= 4, `${turns} turns`);
});

Deno.test("a text in parts is encoded as one, wherever a letter is cut", () => {
  const text = `${"x".repeat(128 * 1024 - 1)}😀日${"x".repeat(200_000)}😀`;
  const whole = new TextEncoder().encode(text);
  for (const cut of [0, 1, 128 * 1024 - 1, 128 * 1024, text.length - 1]) {
    const parts = [text.slice(0, cut), "", text.slice(cut)];
    // However wrong the length that it is told.
    for (const length of [0, cut, text.length, whole.length]) {
      assertEquals(finish(encode(parts, length)), whole, `cut at ${cut}`);
    }
  }
  assertThrows(() => [...encode(["a\ud800"], 4)], TypeError);
});

Deno.test("the inside of a JSON string is read as JSON.parse reads it, wherever it is cut", () => {
  const random = seededRandom(testSeed());
  for (let round = 0; round < 40 * testScale(); round++) {
    const said = text(random);
    // Some servers escape all that is no ASCII, halves of letters included.
    const inside = JSON.stringify(said).slice(1, -1).replace(
      random.below(2) === 0 ? /[^\0-\x7f]/g : /$^/,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    const bytes = new TextEncoder().encode(inside);
    assertEquals(
      finish(encode(unescaped(bytes), bytes.length)),
      new TextEncoder().encode(said),
    );
  }
  const bad = new TextEncoder().encode('a"b');
  assertThrows(() => [...unescaped(bad)], SyntaxError);
});
