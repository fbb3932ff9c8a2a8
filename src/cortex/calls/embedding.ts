/** Makes vectors by a callback that takes one text, or by an embedder that takes several. */
import { FINITE_NUMBER } from "../rules/words.ts";
import { MemoryValidationError, type ValidationError } from "../../errors.ts";
import { INVALID_EMBEDDING, listed, vector } from "../rules/field_rules.ts";
import { got } from "../rules/rules.ts";
import type { Embedder } from "../types/config.ts";
import type { EmbedFn } from "../types/memory.ts";

/** Makes a vector for each text; undefined if the callback returned none. */
export type EmbedTexts = (
  texts: string[],
  signal: AbortSignal | undefined,
) => Promise<(number[] | undefined)[]>;

const isVector = vector(FINITE_NUMBER);

type ErrorClass = new (
  message: string,
  code: string,
  field?: string,
) => ValidationError;

/** Calls the callback once per text, all at the same time. */
export function embedEach(
  embed: EmbedFn,
  errorClass: ErrorClass = MemoryValidationError,
): EmbedTexts {
  return (texts) =>
    Promise.all(
      texts.map(async (text) => checked(await embed(text), errorClass)),
    );
}

/** Embeds all texts in one call of the embedder. */
export function embedTogether(
  embedder: Embedder,
  errorClass: ErrorClass = MemoryValidationError,
): EmbedTexts {
  return async (texts, signal) => {
    if (texts.length === 0) return [];
    const vectors = await embedder(texts, { signal });
    if (!Array.isArray(vectors) || vectors.length !== texts.length) {
      throw new errorClass(
        `embedder must return ${texts.length} vectors, one a text: ${
          got(vectors)
        }`,
        INVALID_EMBEDDING,
        "embedder",
      );
    }
    return vectors.map((vector) => checked(vector, errorClass));
  };
}

/** Null and empty mean "no vector". */
function checked(
  made: ArrayLike<number> | null | undefined,
  errorClass: ErrorClass,
): number[] | undefined {
  if (made === null || made === undefined) return undefined;
  const embedding = listed(made);
  const fault = isVector(embedding, "embedding", {});
  if (fault) {
    throw new errorClass(fault.message, fault.code, fault.field);
  }
  return made.length === 0 ? undefined : embedding as number[];
}
