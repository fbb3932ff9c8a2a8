import { mustBe } from "./check.ts";

/** The member that holds the function's name in Convex's typed references (`api.memory.remember`). */
const FUNCTION_NAME = Symbol.for("functionName");

/**
 * Name of the function that a name or a Convex reference stands for, in Convex's canonical form: `memory.js:remember`
 * is `memory:remember`, and `memory` is `memory:default`.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` for anything else, called by `what` it is.
 */
export function functionName(ref: unknown, what: string): string {
  let name = ref;
  try {
    name = (ref as { [FUNCTION_NAME]?: unknown })[FUNCTION_NAME] ?? ref;
  } catch {
    // Nothing, or a part of Convex's `api` that is no function, such as `api.memory`.
  }
  if (typeof name !== "string" || name === "") {
    throw mustBe(
      what,
      `a function's name, such as "memory:remember", or a Convex function reference`,
      ref,
    );
  }
  const colon = name.lastIndexOf(":");
  const path = colon < 0 ? name : name.slice(0, colon);
  const exportName = colon < 0 ? "default" : name.slice(colon + 1);
  const module = path.endsWith(".js") ? path.slice(0, -3) : path;
  return `${module}:${exportName}`;
}
