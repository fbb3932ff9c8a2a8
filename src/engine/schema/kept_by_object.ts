/**
 * A function that is computed once for each object that it is asked about, and forgotten with the object. For what
 * does not change any more; tests make an engine each, most of them of the same schemas.
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
