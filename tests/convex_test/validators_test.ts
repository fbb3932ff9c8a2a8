// deno-lint-ignore-file no-explicit-any -- schemas and values are data here
/** Random validators and values near them: what is taken, where and in which words what is not. */
import { assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  makeFunctionReference,
  mutationGeneric,
} from "convex/server";
import { type GenericValidator, v } from "convex/values";
import { convexTest as theirs } from "convex-test";
import { convexTest as compat } from "../../src/convex_test/compat.ts";
import { convexTest as convex } from "../../src/convex_test/mod.ts";
import { type Random, seededRandom } from "../../src/testing/support/random.ts";
import { overSeeds } from "../support/test_env.ts";
import { outcomeOf, type Test } from "./both.ts";

/** A validator as data: `id` of table `notes`. */
type Shape =
  | { type: "any" | "null" | "number" | "int64" | "boolean" | "string" }
  | { type: "bytes" | "id" }
  | { type: "literal"; value: any }
  | { type: "array"; of: Shape }
  | { type: "record"; keys: Shape; of: Shape }
  | { type: "union"; of: Shape[] }
  | { type: "object"; fields: { [name: string]: Field } };
type Field = { of: Shape; optional: boolean };

const NAMES = ["a", "b", "c", "b c", "__"];
const leaves = [
  ...["any", "null", "number", "int64", "boolean", "string", "bytes", "id"],
] as const;
const literals = ["a", "b", 0, 1, 1.5, 3n, true, false];

function randomShape(random: Random, depth: number): Shape {
  const kinds = ["leaf", "leaf", "literal", "array", "record", "union"];
  const kind = depth === 0
    ? random.pick(["leaf", "literal"])
    : random.pick([...kinds, "object", "object"]);
  const inner = () => randomShape(random, depth - 1);
  switch (kind) {
    case "leaf":
      return { type: random.pick(leaves) };
    case "literal":
      return { type: "literal", value: random.pick(literals) };
    case "array":
      return { type: "array", of: inner() };
    case "record":
      return {
        type: "record",
        keys: random.pick<Shape>([
          { type: "string" },
          { type: "string" },
          { type: "id" },
        ]),
        of: inner(),
      };
    case "union":
      return {
        type: "union",
        of: Array.from({ length: random.below(4) }, inner),
      };
    default:
      return { type: "object", fields: randomFields(random, depth) };
  }
}

function randomFields(random: Random, depth: number): { [n: string]: Field } {
  const fields: { [name: string]: Field } = {};
  for (let left = random.below(4); left > 0; left--) {
    fields[random.pick(NAMES)] = {
      of: randomShape(random, depth - 1),
      optional: random.below(3) === 0,
    };
  }
  return fields;
}

function validatorOf(shape: Shape): GenericValidator {
  switch (shape.type) {
    case "id":
      return v.id("notes");
    case "literal":
      return v.literal(shape.value);
    case "array":
      return v.array(validatorOf(shape.of) as any);
    case "record":
      return v.record(
        validatorOf(shape.keys) as any,
        validatorOf(shape.of) as any,
      );
    case "union":
      return v.union(...shape.of.map((of) => validatorOf(of) as any));
    case "object":
      return v.object(fieldsOf(shape.fields));
    default:
      return v[shape.type]();
  }
}

function fieldsOf(fields: { [name: string]: Field }): any {
  const entries = Object.entries(fields).map(([name, { of, optional }]) => {
    const validator = validatorOf(of);
    return [name, optional ? v.optional(validator as any) : validator];
  });
  return Object.fromEntries(entries);
}

interface Ids {
  notes: string;
  others: string;
}

/** A value that mostly fits. */
function randomValue(random: Random, shape: Shape | undefined, ids: Ids): any {
  if (random.below(12) === 0) shape = undefined;
  if (!shape) {
    return random.pick<any>([
      ...literals,
      ...[null, "", "text", -0, NaN, 2, [], [1], {}, { a: 1 }, { zz: "x" }],
      ...[new ArrayBuffer(1), ids.notes, ids.others, "notes"],
    ]);
  }
  const inner = (of: Shape) => randomValue(random, of, ids);
  switch (shape.type) {
    case "any":
      return randomValue(random, undefined, ids);
    case "null":
      return null;
    case "number":
      return random.pick([0, -0, 1.5, NaN, -Infinity, 1e21]);
    case "int64":
      return random.pick([0n, -1n, 2n ** 63n - 1n]);
    case "boolean":
      return random.below(2) === 0;
    case "string":
      return random.pick(["", "a", "\"'`\n", "é"]);
    case "bytes":
      return random.pick([new ArrayBuffer(0), new Uint8Array([1, 2]).buffer]);
    case "id":
      return ids.notes;
    case "literal":
      return shape.value;
    case "array":
      return Array.from({ length: random.below(3) }, () => inner(shape.of));
    case "record":
      return Object.fromEntries(
        Array.from({ length: random.below(3) }, () => [
          shape.keys.type === "id" && random.below(4) > 0
            ? ids.notes
            : random.pick(["a", "k y", ids.others]),
          inner(shape.of),
        ]),
      );
    case "union":
      return shape.of.length === 0 ? null : inner(random.pick(shape.of));
    default:
      return randomObject(random, shape.fields, ids);
  }
}

function randomObject(
  random: Random,
  fields: { [name: string]: Field },
  ids: Ids,
): any {
  const value: any = {};
  for (const [name, { of, optional }] of Object.entries(fields)) {
    if (random.below(optional ? 2 : 15) === 0) {
      if (random.below(2) === 0) value[name] = undefined;
    } else value[name] = randomValue(random, of, ids);
  }
  if (random.below(12) === 0) value.extra = 1;
  return value;
}

/** Whether a value fits, as Convex's documentation has it. */
function fits(shape: Shape, value: any, ids: Ids): boolean {
  switch (shape.type) {
    case "any":
      return value !== undefined;
    case "null":
      return value === null;
    case "number":
      return typeof value === "number";
    case "int64":
      return typeof value === "bigint";
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "bytes":
      return value instanceof ArrayBuffer;
    case "id":
      return value === ids.notes;
    case "literal":
      return Object.is(value, shape.value);
    case "array":
      return Array.isArray(value) &&
        value.every((each) => fits(shape.of, each, ids));
    case "record":
      return isObject(value) &&
        Object.entries(value).every(([key, each]) =>
          each === undefined ||
          fits(shape.keys, key, ids) && fits(shape.of, each, ids)
        );
    case "union":
      return shape.of.some((of) => fits(of, value, ids));
    default:
      return isObject(value) && fitsObject(shape.fields, value, ids);
  }
}

function fitsObject(
  fields: { [name: string]: Field },
  value: any,
  ids: Ids,
): boolean {
  return Object.entries(fields).every(([name, { of, optional }]) =>
    value[name] === undefined ? optional : fits(of, value[name], ids)
  ) && Object.keys(value).every((name) =>
    value[name] === undefined || Object.hasOwn(fields, name)
  );
}

function isObject(value: any): boolean {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof ArrayBuffer);
}

Deno.test("oracle: validators take what they describe, and nothing else", () =>
  overSeeds(400, async (seed) => {
    const { options, given, stored, returned, trials } = programOf(seed);
    const t = convex(options) as unknown as Test;
    const ids = await makeIds(t);
    for (const trial of trials) {
      const { how } = trial;
      const { value, outcome } = await attempt(t, ids, trial);
      const isTaken = how === "returns"
        ? fits(returned, value ?? null, ids)
        : fitsObject(how === "args" ? given : stored, value, ids);
      if (isTaken !== isFailure(outcome)) continue;
      const all = { how, given, returned, value, outcome };
      throw new Error(`taken: ${isTaken}? ${Deno.inspect(all, { depth: 9 })}`);
    }
    await t.close();
  }));

Deno.test("oracle: under compat validators refuse in the words of convex-test", () =>
  // Each makes the next slower: both take the place of the same globals.
  overSeeds(200, async (seed) => {
    const { options, given, returned, trials } = programOf(seed);
    // `convex-test` takes no literal that is a bigint, and -0 for 0.
    const shapes = Deno.inspect({ given, returned }, { depth: 99 });
    if (/value: (3n|0)\b/.test(shapes)) return;
    const both = [theirs, compat].map((make) => (make as any)(options) as Test);
    const ids = await Promise.all(both.map(makeIds));
    for (const trial of trials) {
      const [expected, actual] = [
        await attempt(both[0]!, ids[0]!, trial),
        await attempt(both[1]!, ids[1]!, trial),
      ];
      // It fails by itself over `null` in the place of an object.
      if (/undefined or null/.test(Deno.inspect(expected.outcome))) continue;
      assertEquals(actual.outcome, expected.outcome, trial.how);
    }
    await both[1]!.close();
  }));

/** What is tried: a value for the arguments, the result or a document. */
interface Trial {
  how: "args" | "returns" | "docs";
  /** The value for these ids. */
  value(ids: Ids): any;
}

function programOf(seed: number) {
  const random = seededRandom(seed);
  const given = randomFields(random, 3);
  const stored = withoutSpaces(given);
  const returned = randomShape(random, 3);
  const options = {
    schema: defineSchema({
      notes: defineTable({}),
      others: defineTable({}),
      docs: defineTable(fieldsOf(stored)),
    }),
    modules: {
      "./_generated/api.ts": () => Promise.resolve({}),
      "./m.ts": () =>
        Promise.resolve({
          args: mutationGeneric({ args: fieldsOf(given), handler: () => 1 }),
          returns: mutationGeneric({
            returns: validatorOf(returned) as any,
            handler: (_ctx, { value }: any) => value,
          }),
        }),
    },
  };
  const trials = Array.from({ length: 20 }, (): Trial => {
    const how = random.pick(["args", "returns", "docs"] as const);
    const from = random.below(2 ** 32);
    const fields = how === "args" ? given : stored;
    const value = (ids: Ids) =>
      how === "returns"
        ? randomValue(seededRandom(from), returned, ids)
        : randomObject(seededRandom(from), fields, ids);
    return { how, value };
  });
  return { options, given, stored, returned, trials };
}

function makeIds(t: Test): Promise<Ids> {
  return t.run(async (ctx: any) => ({
    notes: await ctx.db.insert("notes", {}),
    others: await ctx.db.insert("others", {}),
  }));
}

async function attempt(t: Test, ids: Ids, { how, value: make }: Trial) {
  const value = make(ids);
  const outcome = await outcomeOf(() => {
    if (how === "docs") {
      return t.run(async (ctx: any) => {
        await ctx.db.insert("docs", value);
        return 1;
      });
    }
    const reference = makeFunctionReference<"mutation">(`m:${how}`);
    return t.mutation(reference, how === "args" ? value : { value });
  });
  return { value, outcome };
}

function isFailure(outcome: any): boolean {
  return isObject(outcome) && Object.hasOwn(outcome, "thrown");
}

/** Fields whose names a table may have. */
function withoutSpaces(fields: { [n: string]: Field }): { [n: string]: Field } {
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.filter(([name]) => /^[a-z]+$/.test(name)));
}
