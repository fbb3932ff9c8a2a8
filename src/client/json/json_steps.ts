import * as STEP from "./json_step_codes.ts";

/** Operands of each step. */
const OPERANDS = [0, 0, 0, 2, 2, 2, 2, 0, 2, 1, 2];

/** The ranges of text in a program's steps, and the index of each range. */
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
  /** Steps and operands, see `json_step_codes.ts`. */
  steps: ArrayLike<number>;
  /** The text, as UTF-8. */
  text: Uint8Array;
  /** Decoded values. */
  values: readonly unknown[];
  /** Packed numbers. */
  numbers: Float64Array;
}
