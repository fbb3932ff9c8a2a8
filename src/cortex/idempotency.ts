/** How the idempotency key of a method reaches the mutations that it makes. */
import { ClientError } from "../errors.ts";
import { fingerprint } from "./fingerprint.ts";
import { got } from "./rules.ts";
import type { WriteControls } from "./types/common.ts";

/** Longest key, in characters; the backend takes longer ones, made of it. */
const MAX_KEY_LENGTH = 256;

/** Controls of one mutation. */
export interface KeyedControls extends WriteControls {
  /** What was asked for, where the mutation's arguments are partly made up, such as ids: it stands for them. */
  asked?: unknown;
}

/** What a mutation takes so that it is done once. */
export interface KeyArgs {
  /** The key. */
  idempotencyKey?: string;
  /** Hash of what was asked for. Default: the backend's, of the arguments. */
  idempotencyHash?: string;
}

/** Throws `INVALID_ARGUMENT` for what is no key. */
export function checkKey(key: unknown): void {
  if (key === undefined) return;
  if (
    typeof key !== "string" || key.trim() === "" || key.length > MAX_KEY_LENGTH
  ) {
    throw new ClientError(
      "INVALID_ARGUMENT",
      `idempotencyKey must be a string of 1 to ${MAX_KEY_LENGTH} characters, not only blanks: ${
        got(key)
      }`,
    );
  }
}

/** The key as arguments of a mutation; nothing without one. */
export function keyArgs(controls: KeyedControls | undefined): KeyArgs {
  const { idempotencyKey, asked } = controls ?? {};
  if (idempotencyKey === undefined) return {};
  return {
    idempotencyKey,
    ...(asked !== undefined && { idempotencyHash: fingerprint(asked) }),
  };
}

/** Controls for one of several mutations: a key of its own, made of the method's. */
export function partOf<Controls extends KeyedControls>(
  controls: Controls | undefined,
  part: string | number,
): Controls | undefined {
  return controls?.idempotencyKey === undefined
    ? controls
    : { ...controls, idempotencyKey: `${controls.idempotencyKey}#${part}` };
}
