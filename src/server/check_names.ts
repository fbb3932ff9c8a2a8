import { unknownOption } from "../unknown_option.ts";

/** Throws `TypeError` for the first option whose name is not known. */
export function checkNames(
  owner: string,
  options: object,
  known: object,
): void {
  const unknown = unknownOption(owner, options, known);
  if (unknown) throw new TypeError(unknown.text);
}
