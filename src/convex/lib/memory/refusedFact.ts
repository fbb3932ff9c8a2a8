/** Reports of facts that could not be stored. */
import { INVALID_FACT } from "../codes.ts";
import { v } from "convex/values";
import { cutText } from "../text/cutText.ts";
import { isExpected } from "../errors.ts";

/** Characters shown of a statement. */
const MAX_SHOWN = 80;

/** Validator of a refusal. */
export const refusedFact = v.object({
  fact: v.string(),
  code: v.string(),
  message: v.string(),
});

/** Makes the report of a fact that `checkFact` refused; rethrows any other error. */
export function refusalOf(
  statement: string,
  error: unknown,
): typeof refusedFact.type {
  if (!isExpected(error)) throw error;
  const message = String(error.data);
  const code = /^[A-Z0-9_]+/.exec(message)?.[0] ?? INVALID_FACT;
  return { fact: cutText(statement, MAX_SHOWN), code, message };
}
