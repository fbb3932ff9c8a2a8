import { shown } from "../at_once.ts";
import { unknownOption } from "../unknown_option.ts";

/** Types of options by name, as `typeof` returns them. */
export type OptionTypes<Options> = {
  readonly [name in keyof Required<Options>]: string;
};

/** Throws `TypeError` unless `options` is an object whose members all have known names and the types in `types`. */
export function checkTypes(
  owner: string,
  options: object,
  types: { readonly [name: string]: string },
): void {
  checkObject(owner, "options", options);
  const unknown = unknownOption(owner, options, types);
  if (unknown) throw new TypeError(unknown.text);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (value === null || typeof value !== types[name]) {
      throw wrong(owner, name, `of type ${types[name]}`, value);
    }
    if (typeof value === "number") checkCount(owner, name, value, Infinity);
  }
}

/** Throws `TypeError` unless the value is a whole number from 1 to `most`, or `Infinity` if `most` is. */
export function checkCount(
  owner: string,
  name: string,
  value: number,
  most: number,
): void {
  const isWhole = Number.isInteger(value) || value === Infinity;
  if (isWhole && value >= 1 && value <= most) return;
  const end = most === Infinity ? "on, or Infinity" : `to ${most}`;
  throw wrong(owner, name, `a whole number from 1 ${end}`, value);
}

/** Throws `TypeError` unless the value, if there is one, is an absolute http(s) URL. */
export function checkUrl(owner: string, name: string, value?: string): void {
  if (value === undefined || /^https?:\/\/./.test(value)) return;
  throw wrong(owner, name, "an absolute http(s) URL", value);
}

/** Throws `TypeError` for the first name that is almost a known one; other unknown names are ignored. */
export function checkNearNames(
  owner: string,
  options: object,
  known: object,
): void {
  for (const [name, value] of Object.entries(options)) {
    const unknown = unknownOption(owner, { [name]: value }, known);
    if (unknown?.text.includes("did you mean")) {
      throw new TypeError(unknown.text);
    }
  }
}

/** Throws `TypeError` unless the value is an object, such as modules by path. */
export function checkObject(owner: string, name: string, value: unknown): void {
  if (typeof value === "object" && value !== null) return;
  throw wrong(owner, name, "an object", value);
}

/** Throws `TypeError` unless the value is a server; it might be the engine, by mistake. */
export function checkServer(owner: string, server: unknown): void {
  const { handle } = Object(server) as { handle?: unknown };
  if (typeof handle === "function") return;
  throw wrong(owner, "server", "what createConvexServer returns", server);
}

/** Throws `TypeError` unless the value has the method. */
export function checkMethod(
  owner: string,
  name: string,
  value: unknown,
  method: string,
): void {
  const { [method]: found } = Object(value) as { [name: string]: unknown };
  if (typeof found === "function") return;
  throw wrong(owner, name, `an object with the method ${method}`, value);
}

function wrong(
  owner: string,
  name: string,
  bound: string,
  value: unknown,
): TypeError {
  return new TypeError(
    `${owner}: ${name} must be ${bound}, got ${shown(value)}`,
  );
}
