import { EngineError } from "../../errors.ts";
import { cutText, MAX_TEXT_LENGTH } from "../../values/format.ts";

/** Where a function is: the component's path (`""` is the app) and `module:export`. */
export interface FunctionAddress {
  /** Path of the component, such as `""` or `workflow/workpool`. */
  component: string;
  /** `module:export`. */
  name: string;
  /** Whether the function must be public, as when a parent calls its child. */
  mustBePublic: boolean;
}

const HANDLE = "function://";
const CHILD = "_reference/childComponent/";

/**
 * Resolves a reference, as seen from a component: a string, a reference of `api` or `components`, one made by
 * `makeFunctionReference`, or a function handle.
 */
export function functionAddress(
  reference: unknown,
  from: string,
): FunctionAddress {
  if (typeof reference === "string") {
    return reference.startsWith(HANDLE)
      ? parseHandle(reference)
      : { component: from, name: reference, mustBePublic: false };
  }
  if (
    reference !== null &&
    (typeof reference === "object" || typeof reference === "function")
  ) {
    const symbols = reference as { [key: symbol]: unknown };
    const name = symbols[Symbol.for("functionName")];
    if (typeof name === "string") return functionAddress(name, from);
    const path = symbols[Symbol.for("toReferencePath")];
    if (typeof path === "string" && path.startsWith(CHILD)) {
      return childAddress(path, from);
    }
  }
  throw new EngineError(
    "FUNCTION_NOT_FOUND",
    `${
      cutText(String(reference), MAX_TEXT_LENGTH)
    } is not a functionReference: expected one such as api.messages.send or "messages:send"`,
  );
}

/** The handle of a function: a text that identifies it wherever it is called from. */
export function functionHandle({ component, name }: FunctionAddress): string {
  return `${HANDLE}${component};${name}`;
}

/** Resolves `_reference/childComponent/name/module/export`. */
function childAddress(path: string, from: string): FunctionAddress {
  const [child = "", ...rest] = path.slice(CHILD.length).split("/");
  const exportName = rest.pop() ?? "default";
  return {
    component: from === "" ? child : `${from}/${child}`,
    name: `${rest.join("/")}:${exportName}`,
    mustBePublic: true,
  };
}

function parseHandle(handle: string): FunctionAddress {
  const rest = handle.slice(HANDLE.length);
  const semicolon = rest.indexOf(";");
  if (semicolon < 0) {
    throw new EngineError(
      "FUNCTION_NOT_FOUND",
      `not a function handle: ${JSON.stringify(handle.slice(0, 80))}`,
    );
  }
  return {
    component: rest.slice(0, semicolon),
    name: rest.slice(semicolon + 1),
    mustBePublic: false,
  };
}
