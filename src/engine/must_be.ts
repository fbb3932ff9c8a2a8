import { shown } from "../at_once.ts";
import { EngineError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";

/** Throws `INVALID_ARGUMENT` for an argument of the wrong type. */
export function mustBe(
  name: string,
  bound: string,
  is: boolean,
  value: unknown,
): void {
  if (is) return;
  throw new EngineError(
    "INVALID_ARGUMENT",
    `${name} must be ${bound}; got ${shown(value)}`,
  );
}

/** Throws `INVALID_ARGUMENT` for the first option that is unknown. */
export function mustHaveNames(
  owner: string,
  options: object,
  known: object,
): void {
  const unknown = unknownOption(owner, options, known);
  if (unknown) throw new EngineError("INVALID_ARGUMENT", unknown.text);
}
