/** Copies the named fields of an input; none if there is no input. */
export function pick<Input extends object, Name extends keyof Input>(
  input: Input | null | undefined,
  ...names: Name[]
): Pick<Input, Name> {
  return Object.fromEntries(
    names.map((name) => [name, input?.[name]]),
  ) as Pick<Input, Name>;
}
