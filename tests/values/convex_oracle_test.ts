import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  compareValues as compareConvex,
  convexToJson,
  getConvexSize,
  jsonToConvex,
  v,
  type Value as ConvexValue,
} from "convex/values";
import { compareValues } from "../../src/values/compare.ts";
import { copyValue } from "../../src/values/copy.ts";
import { jsonToValue, valueToJson } from "../../src/values/json.ts";
import { encodeKey } from "../../src/values/key.ts";
import { valueSize } from "../../src/values/size.ts";
import type { JsonValue, Value } from "../../src/values/types.ts";
import {
  validateValue,
  type ValidatorJson,
} from "../../src/values/validate.ts";
import {
  type Random,
  randomValue,
  withSeed,
} from "../../src/testing/support/random.ts";
import { assertSameValue, show } from "../../src/testing/values/support.ts";
import { testScale, testSeed } from "../support/test_env.ts";

/** Runs a check with random values against the client's own library. */
function oracle(name: string, check: (random: Random) => void): void {
  Deno.test(`oracle: ${name}`, () => {
    const seed = testSeed();
    const rounds = Math.ceil(100_000 * testScale());
    console.log(`seed ${seed}, ${rounds} rounds`);
    withSeed(seed, (random) => {
      for (let round = 0; round < rounds; round++) check(random);
    });
  });
}

oracle("JSON is what the convex package writes and reads", (random) => {
  const value = randomValue(random);
  const theirs = convexToJson(value as ConvexValue);
  assertEquals(valueToJson(value), theirs as JsonValue);
  assertSameValue(jsonToValue(theirs as JsonValue), value);
  assertSameValue(jsonToConvex(theirs) as Value, value);
});

oracle("sizes are those of the convex package", (random) => {
  const value = randomValue(random);
  assertStrictEquals(
    valueSize(value),
    getConvexSize(value as ConvexValue),
    show(value),
  );
});

oracle("values and keys order as in the convex package", (random) => {
  const a = randomValue(random);
  // Values that differ in one place only are the ones that go wrong.
  const b = random.below(2) === 0 ? randomValue(random) : mutate(random, a);
  const expected = Math.sign(
    compareConvex(a as ConvexValue, b as ConvexValue),
  );
  const text = `${show(a)} and ${show(b)}`;
  assertStrictEquals(compareValues(a, b), expected, text);
  const [left, right] = [encodeKey([a]), encodeKey([b])];
  assertStrictEquals(left < right ? -1 : left > right ? 1 : 0, expected, text);
});

oracle("a value fits the validator that was made for it", (random) => {
  const value = randomValue(random);
  const validator = validatorOf(random, value);
  const options = { tableOfId: () => undefined };
  const problem = validateValue(validator, value, options);
  assertStrictEquals(problem?.message, undefined, show(value));
});

/** The value with one place changed. */
function mutate(random: Random, value: Value): Value {
  const copy = copyValue(value, "value");
  if (Array.isArray(copy) && copy.length > 0) {
    const at = random.below(copy.length);
    copy[at] = mutate(random, copy[at]!);
    return copy;
  }
  if (
    typeof copy === "object" && copy !== null &&
    !(copy instanceof ArrayBuffer) && Object.keys(copy).length > 0
  ) {
    const object = copy as { [name: string]: Value };
    const name = random.pick(Object.keys(object));
    object[name] = mutate(random, object[name]!);
    return object;
  }
  return typeof copy === "string"
    ? copy + random.pick(["\0", "a", "\u{1f600}"])
    : randomValue(random, 1);
}

/** A validator of the convex package that the value fits, in the form it exports. */
function validatorOf(random: Random, value: Value): ValidatorJson {
  // The exported form is not in the package's public types.
  return (builderOf(random, value) as unknown as { json: ValidatorJson }).json;
}

type Builder = Parameters<typeof v.array>[0];

function builderOf(random: Random, value: Value): Builder {
  if (random.below(8) === 0) return v.any();
  if (random.below(8) === 0) return v.union(v.null(), builderOf(random, value));
  switch (typeof value) {
    case "bigint":
      return random.below(2) === 0 ? v.int64() : v.literal(value);
    case "number":
      return random.below(2) === 0 ? v.float64() : v.literal(value);
    case "boolean":
      return random.below(2) === 0 ? v.boolean() : v.literal(value);
    case "string":
      return random.below(2) === 0 ? v.string() : v.literal(value);
  }
  if (value === null) return v.null();
  if (value instanceof ArrayBuffer) return v.bytes();
  if (Array.isArray(value)) {
    return v.array(
      v.union(...value.map((element) => builderOf(random, element))),
    );
  }
  const names = Object.keys(value);
  if (random.below(2) === 0) {
    return v.record(
      v.string(),
      v.union(...names.map((name) => builderOf(random, value[name]!))),
    );
  }
  const fields = names.map((name) => {
    const field = builderOf(random, value[name]!);
    return [name, random.below(2) === 0 ? v.optional(field) : field];
  });
  return v.object({
    ...Object.fromEntries(fields),
    absent: v.optional(v.string()),
  });
}
