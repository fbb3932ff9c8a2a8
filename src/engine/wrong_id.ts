import { EngineError } from "../errors.ts";

/**
 * The error for a value that is no id of the table asked for.
 *
 * @param wanted name of that table, where there is one
 * @param got name of the table that it is an id of; null for one that does not exist, undefined for no id
 */
export function wrongId(
  message: string,
  id: unknown,
  wanted?: string,
  got?: string | null,
): EngineError {
  return new EngineError("INVALID_ID", message, {
    data: {
      id: String(id).slice(0, 80),
      ...(typeof id !== "string" && { type: typeof id }),
      wanted,
      got,
    },
  });
}
