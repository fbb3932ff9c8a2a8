import { isCortexError } from "../../src/errors.ts";

/** Code of the error that a call rejects with; undefined when it resolves. Throws what is no error of ours. */
export async function codeOf(
  call: Promise<unknown>,
): Promise<string | undefined> {
  try {
    await call;
  } catch (error) {
    if (!isCortexError(error)) throw error;
    return error.code;
  }
}
