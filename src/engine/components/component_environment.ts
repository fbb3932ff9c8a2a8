import { shown } from "../../at_once.ts";
import { EngineError } from "../../errors.ts";

/** Variables by name. */
export type Environment = { readonly [name: string]: string };

/** Variables that every function of a deployment sees, also in components. */
const OF_DEPLOYMENT = ["CONVEX_CLOUD_URL", "CONVEX_SITE_URL"];

/** The environment of a component with the given variables. Throws `INVALID_ARGUMENT` for a value that is no string. */
export function componentEnvironment(
  path: string,
  given: Environment,
): Environment {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "string") continue;
    throw new EngineError(
      "INVALID_ARGUMENT",
      `env.${name} of the component "${path}" must be a string; got ${
        shown(value)
      }`,
    );
  }
  const { env = {} } = (globalThis as {
    process?: { env?: { [name: string]: unknown } };
  }).process ?? {};
  const own: { [name: string]: string } = {};
  for (const name of OF_DEPLOYMENT) {
    const value = env[name];
    if (typeof value === "string") own[name] = value;
  }
  return Object.freeze(Object.assign(own, given));
}
