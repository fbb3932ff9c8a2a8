import { ClientError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";
import { shown } from "./shown.ts";
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

/** Throws `INVALID_ARGUMENT` for options that are no object, and for the first whose name is not known. */
export function checkNames(
  owner: string,
  options: object,
  known: object,
): void {
  if (typeof options !== "object" || options === null) {
    throw mustBe(`options of ${owner}`, "an object", options);
  }
  const wrong = unknownOption(owner, options, known);
  if (wrong) throw new ClientError("INVALID_ARGUMENT", wrong.text);
}

/** Throws {@link mustBe} for what is neither undefined nor a number from `min` to `max`. */
export function checkNumber(
  name: string,
  value: unknown,
  min: number,
  max: number,
  isWhole = false,
): void {
  if (value === undefined) return;
  if (
    typeof value === "number" && value >= min && value <= max &&
    (!isWhole || Number.isInteger(value))
  ) return;
  throw mustBe(
    name,
    `a ${isWhole ? "whole " : ""}number from ${min} to ${max}`,
    value,
  );
}

/** True for an object that has the three methods of a client. */
export function isSyncConvexClient(value: unknown): value is SyncConvexClient {
  const client = value as Partial<SyncConvexClient> | null | undefined;
  return typeof client?.query === "function" &&
    typeof client.mutation === "function" &&
    typeof client.action === "function";
}
