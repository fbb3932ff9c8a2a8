import { mustBe } from "../engine/must_be.ts";

/** Throws `INVALID_ARGUMENT` unless the argument is an object. */
export function mustBeObject(
  name: string,
  bound: string,
  value: unknown,
): void {
  mustBe(name, bound, typeof value === "object" && value !== null, value);
}

/** Throws `INVALID_ARGUMENT` unless the argument is a function. */
export function mustBeFunction(name: string, value: unknown): void {
  mustBe(name, "a function", typeof value === "function", value);
}
