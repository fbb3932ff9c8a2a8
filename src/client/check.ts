import { ClientError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";
import { isRecord } from "../values/kinds.ts";
import { shown } from "../values/shown.ts";
import type { SyncConvexClient } from "./types.ts";

/** The error of an argument that is not what it must be: names it, what is allowed, and what it is. */
export function mustBe(
  name: string,
  bound: string,
  value: unknown,
  text: string = shown(value),
): ClientError {
  return new ClientError(
    "INVALID_ARGUMENT",
    `${name} must be ${bound}; got ${text}`,
  );
}

/** The error of a source that cannot do something. */
export function lacking(what: string): ClientError {
  return new ClientError("UNSUPPORTED", `This source has no ${what}`);
}

/** Looks at an argument or option that is given. Throws {@link mustBe} when it is not what it must be. */
export type Check = (value: unknown, name: string) => void;

/** The options that there are, each with its check. */
export type OptionChecks<Options> = {
  readonly [name in keyof Required<Options>]: Check;
};

/**
 * Throws `INVALID_ARGUMENT` for options that are no object, for the first whose name is not known, and for the first
 * that its check refuses, which is named after `holder`.
 */
export function checkOptions(
  owner: string,
  options: unknown,
  checks: { readonly [name: string]: Check },
  holder = "",
): void {
  if (!isRecord(options)) {
    throw mustBe(`options of ${owner}`, "an object", options);
  }
  const wrong = unknownOption(owner, options, checks);
  if (wrong) throw new ClientError("INVALID_ARGUMENT", wrong.text);
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined) checks[name]!(value, holder + name);
  }
}

/** A check by a condition. */
export const that =
  (bound: string, holds: (value: unknown) => boolean): Check =>
  (
    value,
    name,
  ) => {
    if (!holds(value)) throw mustBe(name, bound, value);
  };

/** Anything goes. */
export const anything: Check = () => {};

/** An object of any kind. */
export const anObject: Check = that(
  "an object",
  (value) => Object(value) === value,
);

/** A function. */
export const aFunction: Check = that("a function", isFunction);

/** A number from `min` to `max`. */
export const numberFrom = (min: number, max: number, isWhole = false): Check =>
  that(
    `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`,
    (value) =>
      typeof value === "number" && value >= min && value <= max &&
      (!isWhole || Number.isInteger(value)),
  );

/** One of some words. */
export const oneOf = (...words: string[]): Check =>
  that(
    words.map((word) => `"${word}"`).join(" or "),
    (value) => words.includes(value as string),
  );

/** Where something is. */
export const anAddress: Check = that("a URL or a string", isAddress);

/** True for what may be an address. */
export function isAddress(value: unknown): value is string | URL {
  return typeof value === "string" || value instanceof URL;
}

/** True for functions and classes. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

/** True for an object that has the three methods of a client. */
export function isSyncConvexClient(value: unknown): value is SyncConvexClient {
  const client = value as Partial<SyncConvexClient> | null | undefined;
  return [client?.query, client?.mutation, client?.action].every(isFunction);
}
