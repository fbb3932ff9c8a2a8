/**
 * Translates thrown values for callers.
 *
 * @module
 */
import {
  ConvexError,
  EngineError,
  isConvexError,
  isCortexError,
} from "../../errors.ts";
import { copyValue } from "../../values/copy.ts";

/** A class of errors constructed from a text, or from the data of a `ConvexError`. */
type ErrorClass = new (content?: never) => Error;

/** Marks an error of the engine that a function did not catch. */
const UNCAUGHT = Symbol("uncaught");
/** Key of the text that says where a function threw an error. */
const PLACES = Symbol("places");

/** Extracts, from the stack of an error, the lines for callers, such as ` at handler (../convex/notes.ts:3:8)`. */
export type PlacesOf = (stack: string) => readonly string[];

/**
 * Prepares an error that a function threw: the data of a `ConvexError` are copied, like a result. If they are not a
 * valid value, returns the error about that, which replaces it for a calling function as well.
 */
export function withCopiedData(error: unknown): unknown {
  if (!isConvexError(error)) {
    if (isCortexError(error)) {
      Object.defineProperty(error, UNCAUGHT, { value: true });
    }
    return error;
  }
  try {
    const data = copyValue(error.data ?? null, "data of a ConvexError");
    // A frozen error keeps its own, which are copied where they leave the engine.
    Reflect.set(error, "data", data);
    return error;
  } catch (invalid) {
    return withCopiedData(invalid);
  }
}

/**
 * An error as the calling function gets it: an error of the engine or a `ConvexError` unchanged, anything else as a
 * plain error with the same text. Other classes and members are lost, as on Convex, where the two functions share no
 * memory.
 */
export function asCarried(error: unknown): unknown {
  if (isCortexError(error)) return error;
  const isConvex = isConvexError(error);
  const Carrier: ErrorClass = isConvex ? classBelowError(error) : Error;
  if (Object(error).constructor === Carrier) return error;
  const { message, stack } = error instanceof Error
    ? error
    : { message: String(error), stack: undefined };
  const carried = new Carrier((isConvex ? error.data : message) as never);
  return Object.assign(carried, stack && { stack });
}

/**
 * An error as the calling function gets it on Convex: a new error with the text that outside callers see. An error of
 * the engine stays as it is.
 */
export function asRethrown(error: unknown): unknown {
  if (isCortexError(error)) return error;
  const text = uncaughtText(error);
  if (!isConvexError(error)) return new Error(text);
  const { data } = error;
  return Object.assign(new (classBelowError(error))(text as never), { data });
}

/**
 * An error of the function `name` as outside callers get it: a `ConvexError`, an error of the engine, or else
 * `FUNCTION_ERROR`.
 */
export function outwardError(error: unknown, name: string): unknown {
  if (isConvexError(error)) {
    try {
      // Keeps the text, which has the members in the function's order: the copy sorts them.
      const { message } = error as { message?: unknown };
      return new ConvexError(
        copyValue(error.data ?? null, "data of a ConvexError"),
        typeof message === "string"
          ? { message, cause: error }
          : { cause: error },
      );
    } catch (invalid) {
      return functionError(invalid, name);
    }
  }
  return isCortexError(error) ? error : functionError(error, name);
}

/** Records where in the functions an error was thrown. */
export function notePlaces(error: unknown, placesOf: PlacesOf): void {
  if (!(error instanceof Error) || !Object.isExtensible(error)) return;
  const lines = placesOf(String(error.stack));
  if (lines.length === 0) return;
  // Followed by an empty line, as on Convex.
  const value = ["", ...lines, ""].join("\n");
  Object.defineProperty(error, PLACES, { value, configurable: true });
}

/** The lines that follow the text of an error: where it was thrown, if known. */
export function placesOf(error: unknown): string {
  return (Object(error) as { [PLACES]?: string })[PLACES] ?? "";
}

/** Whether it is an error of the engine that a function got and did not catch. */
export function isUncaught(error: object): boolean {
  return UNCAUGHT in error;
}

/** The text for an error that a function did not catch. Errors of the engine appear as plain ones, as on Convex. */
export function uncaughtText(error: unknown): string {
  if (!(error instanceof Error)) return `Uncaught ${textOfThrown(error)}`;
  const isOwn = isCortexError(error) && !isConvexError(error);
  const parts = [isOwn ? "Error" : error.name, error.message];
  // An error of a called function already has the prefix, which is not repeated for each call around it.
  const text = /^Uncaught [\w$]+: /.test(error.message)
    ? error.message
    : `Uncaught ${parts.filter(Boolean).join(": ")}`;
  return text + placesOf(error);
}

/** The text of a thrown value that is not an error, as V8 prints it. */
function textOfThrown(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  return `#<${thrown.constructor?.name || "Object"}>`;
}

/** `ConvexError` itself, given an error whose class may derive from it and may have been renamed by a bundler. */
function classBelowError(error: Error): ErrorClass {
  let at = Object.getPrototypeOf(error);
  for (
    let above = at;
    above && above.constructor.name !== "Error";
    above = Object.getPrototypeOf(above)
  ) at = above;
  return at.constructor;
}

function functionError(error: unknown, name: string): EngineError {
  return new EngineError("FUNCTION_ERROR", uncaughtText(error), {
    data: { name },
    cause: error,
  });
}
