/** Distinguishes the answers of Cortex's backend functions from those of other functions. */
import { ClientError } from "../../errors.ts";
import { cut, got } from "../rules/rules.ts";

/** Gives the answer back if it has the lists; throws `BAD_RESPONSE` otherwise. */
export function checkAnswer<Answer>(
  name: string,
  answer: Answer,
  lists: readonly (keyof Answer & string)[],
): Answer {
  const missing = lists.find((list) =>
    !Array.isArray((answer as Partial<Answer> | null)?.[list])
  );
  if (missing === undefined) return answer;
  throw new ClientError(
    "BAD_RESPONSE",
    `${
      cut(name)
    } was not answered by Cortex's backend: ${missing} must be an array; ${
      got(answer)
    }`,
  );
}
