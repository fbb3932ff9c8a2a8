import { EngineError } from "../errors.ts";
import type { ValidatorJson } from "../values/validate.ts";

/** Kinds of function that can be called by name. */
export type FunctionType = "query" | "mutation" | "action";

/** A registered function. */
export interface FunctionDefinition {
  /** `module:export`. */
  name: string;
  /** Query, mutation or action. */
  type: FunctionType;
  /** Whether it may be called from outside. */
  isPublic: boolean;
  /** Its plain handler. */
  handler: (ctx: unknown, args: unknown) => unknown;
  /** What its arguments must be. */
  args: ValidatorJson;
  /** What its result must be; null: anything. */
  returns: ValidatorJson | null;
}

/** Modules by path, each with its exports by name. */
export type FunctionModules = {
  [path: string]: { [exportName: string]: unknown };
};

/** What `convex/server`'s builders make. */
interface Registered {
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  isPublic?: boolean;
  exportArgs?(): string;
  exportReturns?(): string;
  _handler?: FunctionDefinition["handler"];
}

/** Every function of a backend, by name. */
export class FunctionRegistry {
  readonly #modules: Map<string, { [exportName: string]: unknown }> = new Map();
  readonly #definitions: Map<string, FunctionDefinition> = new Map();

  /** Takes the modules; their functions are looked at when they are called. */
  constructor(modules: FunctionModules) {
    for (const [path, exports] of Object.entries(modules)) {
      this.#modules.set(canonicalModule(path), exports);
    }
  }

  /**
   * A function by name. Throws `FUNCTION_NOT_FOUND` when there is none, when it is of another type, and, if it must be
   * public, when it is internal: an outsider learns no internal names.
   */
  find(
    name: string,
    type: FunctionType | "any",
    mustBePublic: boolean,
  ): FunctionDefinition {
    const path = canonicalName(name);
    const definition = this.#definitions.get(path) ?? this.#read(path);
    if (!definition || (mustBePublic && !definition.isPublic)) {
      const visibility = mustBePublic ? "public " : "";
      throw new EngineError(
        "FUNCTION_NOT_FOUND",
        `Could not find ${visibility}function for '${
          path.slice(0, 80)
        }'. Did you forget to run \`npx convex dev\`?`,
        { data: { name: path } },
      );
    }
    if (type !== "any" && definition.type !== type) {
      throw new EngineError(
        "FUNCTION_NOT_FOUND",
        `Trying to execute ${
          path.slice(0, 80)
        } as ${type}, but it is defined as ${definition.type}`,
        { data: { name: path } },
      );
    }
    return definition;
  }

  #read(path: string): FunctionDefinition | undefined {
    const colon = path.lastIndexOf(":");
    const exports = this.#modules.get(path.slice(0, colon));
    const exportName = path.slice(colon + 1);
    if (!exports || !Object.hasOwn(exports, exportName)) return undefined;
    const registered = exports[exportName] as Registered | null | undefined;
    const type = registered?.isQuery
      ? "query"
      : registered?.isMutation
      ? "mutation"
      : registered?.isAction
      ? "action"
      : undefined;
    if (!type || !registered?._handler) return undefined;
    const definition: FunctionDefinition = {
      name: path,
      type,
      isPublic: registered.isPublic === true,
      handler: registered._handler,
      args: JSON.parse(registered.exportArgs?.() ?? '{"type":"any"}'),
      returns: JSON.parse(registered.exportReturns?.() ?? "null"),
    };
    this.#definitions.set(path, definition);
    return definition;
  }
}

/** The name in a function reference: a string, a reference of `api`, or one made by `makeFunctionReference`. */
export function referenceName(reference: unknown): string {
  if (typeof reference === "string") return reference;
  const name = reference !== null &&
      (typeof reference === "object" || typeof reference === "function")
    ? (reference as { [key: symbol]: unknown })[Symbol.for("functionName")]
    : undefined;
  if (typeof name === "string") return name;
  throw new EngineError(
    "FUNCTION_NOT_FOUND",
    `expected a function reference such as api.memory.remember or "memory:remember", got ${typeof reference}`,
  );
}

/** `dir/mod.js:fn` → `dir/mod:fn`; without a function name: its default export. */
function canonicalName(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon < 0
    ? `${canonicalModule(name)}:default`
    : `${canonicalModule(name.slice(0, colon))}:${name.slice(colon + 1)}`;
}

function canonicalModule(path: string): string {
  return path.replace(/^\.?\//, "").replace(/\.(m?[jt]s|[jt]sx)$/, "");
}
