import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/errors.ts";
import {
  as,
  between,
  controls,
  cut,
  notBlank,
  oneOf,
  optional,
  positiveInteger,
  rules,
  string,
  when,
} from "../../src/cortex/rules/rules.ts";

const check = rules(ConfigError, [
  ["name", string(), notBlank()],
  ["size.width", as("width", optional(between("RANGE", 0, 10)))],
  ["kind", when((all) => all.name === "kinded", oneOf("KIND", ["a", "b"]))],
  ["count", optional(positiveInteger("COUNT"))],
]);

function fault(args: object): [string, string, string | undefined] {
  const error = assertThrows(() => check(args), ConfigError) as ConfigError;
  return [error.code, error.message, error.field];
}

Deno.test("rules() reports the first fault of the first wrong argument", () => {
  check({ name: "n" });
  check({ name: "n", size: { width: 10 }, count: 1 });
  assertEquals(fault({ count: 0 }), [
    "MISSING_REQUIRED_FIELD",
    "name is required and must be a string: got undefined",
    "name",
  ]);
  assertEquals(
    fault({ name: "  " })[1],
    "name cannot be empty: got a string of 2 characters",
  );
  assertEquals(fault({ name: "n", size: { width: -1 } }), [
    "RANGE",
    "width must be between 0 and 10: current value is -1",
    "width",
  ]);
  assertEquals(fault({ name: "kinded" })[0], "KIND");
  assertEquals(
    fault({ name: "n", count: "2" })[1],
    'count must be a positive integer and must be a number: current value is "2"',
  );
});

Deno.test("a check says of an object in place of a text that it holds that the text must not be in it", () => {
  assertEquals(fault({ name: { name: "n", size: {} } }), [
    "MISSING_REQUIRED_FIELD",
    "name is required and must be a string: got object; name must not be in an object",
    "name",
  ]);
  assertEquals(
    fault({ name: { size: {} } })[1],
    "name is required and must be a string: got object",
  );
  assertEquals(fault({ ...["a name"] }), [
    "MISSING_REQUIRED_FIELD",
    "arguments must be in an object: got a string, an array or the like",
    undefined,
  ]);
});

Deno.test("a check refuses controls, misspelt ones too, where its rows do not name them", () => {
  const plain = rules(ConfigError, [["name"], ["size.width"]]);
  const last = rules(ConfigError, [
    ["name"],
    controls(),
    ["options.dryRun"],
    controls("options."),
  ]);
  const given = { timeoutMs: 5, onProgress: () => {} };
  assertEquals<object>(
    last({ name: "n", ...given, options: { signal: 1, dryRun: true } }),
    { name: "n", options: { dryRun: true } },
  );
  for (const [name, value] of Object.entries({ ...given, timeout: 5 })) {
    for (const args of [{ [name]: value }, { size: { [name]: value } }]) {
      const control = name === "timeout" ? "timeoutMs" : name;
      const { code, field } = assertThrows(
        () => plain(args),
        ConfigError,
        `${control} must be in the options, the last argument`,
      ) as ConfigError;
      assertEquals([code, field], ["UNKNOWN_ARGUMENT", name]);
    }
  }
});

Deno.test("a check gives back what its rows name, down to members, and leaves what it was given", () => {
  const named = rules(ConfigError, [
    ["name", string()],
    ["size?"],
    ["size:width?"],
    ["-size.height?"],
    ["colors?"],
    ["until"],
  ]);
  const stray = { colour: "red", note: "n" };
  const size = { width: 1, depth: 3, height: 2 };
  const given = { name: "n", size, colors: [{ red: 1 }], ...stray };
  assertEquals<object>(named(given), {
    name: "n",
    size: { width: 1, height: 2 },
    colors: [{ red: 1 }],
  });
  assertEquals(Object.keys(size), ["width", "depth", "height"]);
  assertEquals<object>(named({ name: "n", until: undefined, size: null }), {
    name: "n",
    size: null,
    until: undefined,
  });
  assertEquals<object>(named({ name: "n", size: { depth: 3 } }), {
    name: "n",
    size: {},
  });
});

Deno.test("messages cut what they show at 80 characters", () => {
  assertEquals(cut("a".repeat(80)), "a".repeat(80));
  assertEquals(cut("a".repeat(81)), `${"a".repeat(79)}…`);
  const [, message] = fault({ name: "kinded", kind: "x".repeat(500) });
  assertEquals(message.length < 160, true);
});
