/** Picks fields of an input by their names; none if there is no input. */
export function pick<Input extends object, Name extends keyof Input>(
  input: Input | null | undefined,
  ...names: Name[]
): Pick<Input, Name> {
  return Object.fromEntries(
    names.map((name) => [name, input?.[name]]),
  ) as Pick<Input, Name>;
}
