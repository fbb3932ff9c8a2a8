import { EngineError } from "../../errors.ts";
import type { ValidatorJson } from "../../values/validate.ts";
import { commitTsOf, type Invoked } from "./commit_ts_of.ts";

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
  /** Validator of its arguments. */
  args: ValidatorJson;
  /** Validator of its result; null: anything. */
  returns: ValidatorJson | null;
  /** Whether Convex would run it in Node, where arguments have a lower size limit. */
  isNode?: boolean | undefined;
}

/** A module's exports by name. */
export type ModuleExports = { [exportName: string]: unknown };

/**
 * Modules by path, each as its exports or as a loader of them, as `import.meta.glob("./**\/*.*s")` returns them. Paths
 * are relative to the folder that contains `_generated`; without one, to the `convex` folder that contains them all, if
 * any.
 */
export type FunctionModules = {
  [path: string]: ModuleExports | (() => Promise<unknown>);
};

/** Runs the loader of a module. */
export type LoadAround = <T>(load: () => Promise<T>) => Promise<T>;

/** A function as `convex/server`'s builders make it. */
export interface Registered extends Invoked {
  isQuery?: boolean;
  isMutation?: boolean;
  isAction?: boolean;
  isPublic?: boolean;
  /** Whether its module says "use node", as the loader of modules knows. */
  isNode?: boolean;
  exportArgs?(): string;
  exportReturns?(): string;
  _handler?: FunctionDefinition["handler"];
  isRegistered?: boolean;
}

/** Every function of a backend, by name. */
export class FunctionRegistry {
  readonly #modules: Map<string, FunctionModules[string]>;
  readonly #definitions: Map<string, FunctionDefinition> = new Map();
  readonly #loading: Map<string, Promise<void>> = new Map();
  readonly #loaders: Map<string, () => Promise<unknown>> = new Map();
  #writer: Registered | undefined;
  #commitTs: object | undefined;

  readonly #around: LoadAround;
  readonly #readAs: (validator: ValidatorJson) => ValidatorJson;

  /**
   * `around` wraps the loaders of modules; `readAs` adapts validators. Modules are loaded, and functions read, when
   * they are first called.
   */
  constructor(
    modules: FunctionModules,
    around: LoadAround,
    readAs: (validator: ValidatorJson) => ValidatorJson,
  ) {
    this.#around = around;
    this.#readAs = readAs;
    this.#modules = modulesByName(modules);
  }

  /**
   * A function by name; a promise if its module must be loaded first. Throws `FUNCTION_NOT_FOUND` if there is none, if
   * it is of another type, and, if it must be public, for an internal one, so that outsiders cannot learn internal
   * names.
   */
  find(
    name: string,
    type: FunctionType | "any",
    mustBePublic: boolean,
  ): FunctionDefinition | Promise<FunctionDefinition> {
    // Most names are canonical already; canonicalising each time would cost as much as the lookup.
    const same = this.#definitions.get(name);
    const path = same?.name ?? canonicalName(name);
    const known = same ?? this.#definitions.get(path);
    if (known !== undefined) return checked(path, known, type, mustBePublic);
    const module = path.slice(0, path.lastIndexOf(":"));
    const loading = this.#load(module);
    const hasModule = this.#modules.has(module);
    const read = () => {
      const definition = this.#read(path);
      const exported = definition ? undefined : this.#shown(path);
      const modules = this.#modules.size;
      const facts = { hasModule, modules, exported, type };
      return checked(path, definition, type, mustBePublic, facts);
    };
    return loading ? loading.then(read) : read();
  }

  /** A function of any type; undefined when there is none. A promise only while its module is loaded. */
  findAny(
    name: string,
  ): FunctionDefinition | undefined | Promise<FunctionDefinition | undefined> {
    const path = canonicalName(name);
    const loading = this.#load(path.slice(0, path.lastIndexOf(":")));
    const read = () => this.#definitions.get(path) ?? this.#read(path);
    return loading ? loading.then(read) : read();
  }

  /** Whether the module in a function's name exists. */
  hasModuleOf(name: string): boolean {
    const path = canonicalName(name);
    return this.#modules.has(path.slice(0, path.lastIndexOf(":")));
  }

  /** Runs the loader of a function's module once more, only for the turns that it takes; the result is ignored. */
  reload(name: string): Promise<unknown> | undefined {
    const path = canonicalName(name);
    const module = path.slice(0, path.lastIndexOf(":"));
    const loader = this.#loaders.get(module) ?? this.#modules.get(module);
    return typeof loader === "function" ? loader() : undefined;
  }

  /** The default export of a module, such as a router or cron jobs; undefined if there is no such module. */
  async defaultExport(module: string): Promise<unknown> {
    await this.#load(module);
    return (this.#modules.get(module) as ModuleExports | undefined)?.default;
  }

  /** The commit-timestamp placeholder of the copy of `convex` that the functions use; undefined if unknown. */
  get commitTs(): object | undefined {
    if (this.#commitTs === undefined && this.#writer) {
      this.#commitTs = commitTsOf(this.#writer);
      this.#writer = undefined;
    }
    return this.#commitTs;
  }

  #load(module: string): Promise<void> | undefined {
    const loader = this.#modules.get(module);
    if (typeof loader !== "function") return undefined;
    let loading = this.#loading.get(module);
    if (loading === undefined) {
      loading = (async () => {
        try {
          const loaded = await this.#around(async () => await loader());
          this.#modules.set(module, loaded as ModuleExports);
          this.#loaders.set(module, loader);
        } finally {
          // If loading failed, the next call tries again.
          this.#loading.delete(module);
        }
      })();
      this.#loading.set(module, loading);
    }
    return loading;
  }

  /** An export of a loaded module. */
  #exported(path: string): unknown {
    const colon = path.lastIndexOf(":");
    const exports = this.#modules.get(path.slice(0, colon)) as
      | ModuleExports
      | undefined;
    const exportName = path.slice(colon + 1);
    return exports && Object.hasOwn(exports, exportName)
      ? exports[exportName]
      : undefined;
  }

  /** Describes an export that is not a Convex function; undefined when there is no such export. */
  #shown(path: string): string | undefined {
    const exported = this.#exported(path);
    if (exported === undefined) return undefined;
    return typeof exported === "function"
      ? "function"
      : String(exported).slice(0, 80);
  }

  #read(path: string): FunctionDefinition | undefined {
    const registered = this.#exported(path) as Registered | null | undefined;
    if (!registered) return undefined;
    const type = functionTypeOf(registered);
    const handler = handlerOf(registered);
    if (!type || !handler) return undefined;
    if (type === "mutation" && this.#commitTs === undefined) {
      this.#writer = registered;
    }
    const args = JSON.parse(registered.exportArgs?.() ?? '{"type":"any"}');
    if (args.type !== "any" && args.type !== "object") {
      throw new EngineError(
        "INVALID_SCHEMA",
        `Invalid JSON returned from ${
          path.slice(0, 80).replace(":", ".js:")
        }.exportArgs(): Args validator must be an object or any`,
      );
    }
    const returns = JSON.parse(registered.exportReturns?.() ?? "null");
    const definition: FunctionDefinition = {
      name: path,
      type,
      isPublic: registered.isPublic === true,
      handler,
      args: this.#readAs(args),
      returns: returns && this.#readAs(returns),
      isNode: registered.isNode,
    };
    this.#definitions.set(path, definition);
    return definition;
  }
}

/** The handler of a function. Before 1.16, the builders of `convex` return the handler itself, with a mark. */
export function handlerOf(
  registered: Registered,
): FunctionDefinition["handler"] | undefined {
  if (registered._handler) return registered._handler;
  return registered.isRegistered === true && typeof registered === "function"
    ? registered as FunctionDefinition["handler"]
    : undefined;
}

/** The type of a function; undefined for an export that is not one. */
export function functionTypeOf(exported: Registered): FunctionType | undefined {
  if (exported.isQuery) return "query";
  if (exported.isMutation) return "mutation";
  return exported.isAction ? "action" : undefined;
}

function checked(
  path: string,
  definition: FunctionDefinition | undefined,
  type: FunctionType | "any",
  mustBePublic: boolean,
  facts: object = {},
): FunctionDefinition {
  if (!definition || (mustBePublic && !definition.isPublic)) {
    const visibility = mustBePublic ? "public " : "";
    throw new EngineError(
      "FUNCTION_NOT_FOUND",
      `Could not find ${visibility}function for '${
        path.slice(0, 80)
      }'. Did you forget to run \`npx convex dev\`?`,
      { data: { name: path, ...facts } },
    );
  }
  if (type !== "any" && definition.type !== type) {
    throw new EngineError(
      "FUNCTION_NOT_FOUND",
      `Trying to execute ${
        path.slice(0, 80).replace(/:(?=[^:]*$)/, ".js:")
      } as ${capital(type)}, but it is defined as ${capital(definition.type)}.`,
      { data: { name: path } },
    );
  }
  return definition;
}

function capital(type: string): string {
  return type[0]!.toUpperCase() + type.slice(1);
}

/** Modules by their part of a function's name: `dir/mod`. */
export function modulesByName(
  modules: FunctionModules,
): Map<string, FunctionModules[string]> {
  const named = new Map<string, FunctionModules[string]>();
  const root = rootOf(Object.keys(modules));
  for (const [path, module] of Object.entries(modules)) {
    if (!path.startsWith(root)) continue;
    // Of two modules with the same name, such as `a.ts` and the `a.js` compiled from it, the later wins, as in
    // convex-test.
    named.set(canonicalModule(path.slice(root.length)), module);
  }
  return named;
}

/**
 * The folder that function names are relative to: the outermost one that contains `_generated`, or else the folder
 * `convex` if all modules are in it.
 */
function rootOf(paths: readonly string[]): string {
  let root: string | undefined;
  for (const path of paths) {
    const at = /(?:^|\/)_generated\//.exec(path)?.index;
    if (at === undefined) continue;
    const folder = path.slice(0, path.startsWith("_generated/") ? 0 : at + 1);
    if (root === undefined || folder.length < root.length) root = folder;
  }
  const convex = /^(?:.*?\/)?convex\//.exec(paths[0] ?? "")?.[0] ?? "";
  return root ?? (paths.every((path) => path.startsWith(convex)) ? convex : "");
}

/** `dir/mod.js:fn` → `dir/mod:fn`; a module alone stands for its default export. */
export function canonicalName(name: string): string {
  const colon = name.lastIndexOf(":");
  return colon < 0
    ? `${canonicalModule(name)}:default`
    : `${canonicalModule(name.slice(0, colon))}:${name.slice(colon + 1)}`;
}

function canonicalModule(path: string): string {
  return path.replace(/^\.?\//, "").replace(/\.([cm]?[jt]s|[jt]sx)$/, "");
}
