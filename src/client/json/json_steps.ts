/**
 * Steps that build a value, each followed by its operands. Ranges are of bytes of the text. A step adds what it makes
 * to the innermost container that is begun, under the name that was given last where that is an object.
 */
export const STEP = {
  /** Begins an array. */
  array: 0,
  /** Begins an object. */
  object: 1,
  /** Ends the innermost container. */
  end: 2,
  /** Range of a field's name, quotes included. */
  name: 3,
  /** Range of members between two separators. */
  members: 4,
  /** The same, where a `$integer`, `$float` or `$bytes` is among them. */
  specialMembers: 5,
  /** Range of a part of a long string. */
  stringPart: 6,
  /** The parts so far are a string. */
  string: 7,
  /** Range of base64 of bytes. */
  base64: 8,
  /** Index of a value that was decoded. */
  value: 9,
  /** First index and count of numbers that were packed. */
  numbers: 10,
} as const;

/** Operands of each step. */
const OPERANDS = [0, 0, 0, 2, 2, 2, 2, 0, 2, 1, 2];

/** The ranges of text in a program's steps, and where they stand in it. */
export function* ranges(
  steps: ArrayLike<number>,
): Generator<{ at: number; from: number; to: number }> {
  for (let at = 0; at < steps.length;) {
    const step = steps[at++]!;
    const isRange = OPERANDS[step] === 2 && step !== STEP.numbers;
    if (isRange) yield { at, from: steps[at]!, to: steps[at + 1]! };
    at += OPERANDS[step]!;
  }
}

/** An answer's text, and the steps that build its value. */
export interface JsonProgram {
  /** Steps and operands, see `STEP`. */
  steps: ArrayLike<number>;
  /** The text, as UTF-8. */
  text: Uint8Array;
  /** Values that were decoded. */
  values: readonly unknown[];
  /** Numbers that were packed. */
  numbers: Float64Array;
}
