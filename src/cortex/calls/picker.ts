import { pick } from "./pick.ts";

/**
 * Makes a function that takes the known fields of an input and passes over whatever else it has, as programs do that
 * hand on objects of their own. A field that is not named does not compile.
 */
export function picker<Input extends object>(
  fields: Record<keyof Input, true>,
): (input: Input) => Input {
  const names = Object.keys(fields) as (keyof Input)[];
  return (input) => pick(input, ...names);
}
