import { convexBehaviour } from "../engine/convex_behaviour.ts";
import { asCarried } from "../engine/functions/thrown.ts";
import { checkIdentifiers } from "./check_identifiers.ts";
import { mockBehaviour } from "./mock/behaviour.ts";
import { addMockWords, inBothWords } from "./mock/reword.ts";
import { SteadyClock } from "./steady_clock.ts";
import type { TestBehaviour } from "./test_behaviour.ts";
import type { ConvexTestOptions } from "./types.ts";

/**
 * Convex's behaviour, with what tests need in addition. Error messages contain the words of both Convex and
 * `convex-test`.
 */
const convexInTests: TestBehaviour = {
  ...convexBehaviour,
  clock: (now) => new SteadyClock(now),
  schema(schema) {
    checkIdentifiers(schema, addMockWords);
    return schema;
  },
  mayIndexTime: true,
  hasOwnGlobals: true,
  globalRefusal(name) {
    const text = convexBehaviour.globalRefusal(name);
    const words = mockBehaviour.globalRefusal(name);
    return text && words ? inBothWords(text, words) : text;
  },
  // Tests compare the texts of such errors, also where components store them.
  carried: (error) => addMockWords(asCarried(error)),
  reword: addMockWords,
  // Tests of components schedule functions that do not exist.
  allowsMissing: true,
  hasTimerEach: true,
};

/** The behaviour that a test asks for. */
export function behaviourOf(
  compat: ConvexTestOptions<never>["compat"] = "convex",
): TestBehaviour {
  return compat === "convex-test" ? mockBehaviour : convexInTests;
}
