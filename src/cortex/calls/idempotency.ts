/** How the idempotency key of a method reaches the mutations that it makes. */
import { MAX_KEY_LENGTH } from "../limits.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";
import { ClientError } from "../../errors.ts";
import { fingerprint } from "./fingerprint.ts";
import { got, isText } from "../rules/rules.ts";
import type { WriteControls } from "../types/common.ts";

/** Controls of one mutation. */
export interface KeyedControls extends WriteControls {
  /**
   * The caller's request, which is hashed in place of the mutation's arguments where those are partly generated, such
   * as ids.
   */
  asked?: unknown;
  /** Whether the key was derived from another one. */
  isPart?: boolean;
  /** Methods without a dry run refuse it: a caller who wants a preview must not trigger the real thing. */
  dryRun?: unknown;
}

/** Arguments that make a mutation idempotent. */
export interface KeyArgs {
  /** The key. */
  idempotencyKey?: string;
  /** Hash of the request. Default: the backend's, of the arguments. */
  idempotencyHash?: string;
}

/** Throws `INVALID_ARGUMENT` for an invalid key. */
export function checkKey(
  { idempotencyKey: key, isPart = false }: KeyedControls,
): void {
  if (key === undefined || isPart) return;
  if (!isText(key) || key.length > MAX_KEY_LENGTH) {
    throw new ClientError(
      INVALID_ARGUMENT,
      `idempotencyKey must be a string of 1 to ${MAX_KEY_LENGTH} characters, not only blanks: ${
        got(key)
      }`,
    );
  }
}

/**
 * Returns the key as arguments of a mutation; no arguments without a key. Where `asked` stands for the arguments, the
 * method's own options are hashed with it.
 */
export function keyArgs(controls: KeyedControls | undefined): KeyArgs {
  const { idempotencyKey, asked, signal: _, timeoutMs: __, ...options } =
    controls ?? {};
  if (idempotencyKey === undefined) return {};
  return {
    idempotencyKey,
    ...(asked !== undefined &&
      { idempotencyHash: fingerprint([asked, options]) }),
  };
}

/**
 * Controls for one of several mutations, with a key derived from the method's. The first, number 0, has the key itself,
 * so that the key is refused to a method of one mutation.
 */
export function partOf<Controls extends KeyedControls>(
  controls: Controls | undefined,
  part: string | number,
): Controls | undefined {
  const { idempotencyKey: key } = controls ?? {};
  return key === undefined || part === 0
    ? controls
    : { ...controls!, idempotencyKey: `${key}#${part}`, isPart: true };
}
