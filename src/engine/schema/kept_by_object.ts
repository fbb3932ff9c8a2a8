/**
 * Memoises a function of an immutable object, as long as the object lives. Useful in tests, which create many engines
 * of the same schema.
 */
export function keptByObject<Input extends object, Output>(
  compute: (input: Input) => Output,
): (input: Input) => Output {
  const known = new WeakMap<Input, { output: Output }>();
  return (input) => {
    let found = known.get(input);
    if (!found) known.set(input, found = { output: compute(input) });
    return found.output;
  };
}
