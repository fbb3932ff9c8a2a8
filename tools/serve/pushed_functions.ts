import { badRequest } from "../../src/server/http/http_fault.ts";
import { encodeBase64Url } from "../../src/values/base64.ts";
import { formatJson } from "../../src/values/format_json.ts";
import { notePlaces, uncaughtText } from "../../src/engine/functions/thrown.ts";
import type { Definition } from "./definition.ts";
import { importFunctions } from "./import_functions.ts";
import { checkNodeModule, type Exports } from "./check_functions.ts";
import { placesInPushed, withMap } from "./places.ts";
import type { PushedModule, PushedPart, PushRequest } from "./push_request.ts";
import type { FunctionSource } from "./load_functions.ts";
import { withSharedErrors } from "./shared_errors.ts";
import { type Variables, variablesText } from "./variables.ts";

const CHUNK = /^_deps\//;
const EXTENSION = /\.[cm]?js$/;

/** Throws `HttpFault` for a module that would be written elsewhere than below the folder of the push. */
function checkPath({ path }: PushedModule): void {
  const isBelow = /^[^\\\0]+$/.test(path) &&
    path.split("/").every((step) => !["", ".", ".."].includes(step));
  if (isBelow) return;
  throw badRequest("InvalidModules", `${formatJson(path)} is no module's path`);
}

/** The functions of a push, written to files and loaded from there. */
export class PushedFunctions implements FunctionSource {
  readonly #parts: Map<string, PushedPart>;
  readonly #folder: string;
  /** Definitions by path; each is loaded once. */
  readonly #definitions = new Map<string, Promise<Definition | undefined>>();
  /** Modules as first loaded, by the path of the component. */
  readonly #modules = new Map<string, { [path: string]: Exports }>();
  #copies = 0;

  /** `folder` is for the files. Throws `HttpFault` for a module whose path leaves it. */
  constructor(request: PushRequest, folder: string) {
    const { appDefinition, componentDefinitions } = request;
    this.#folder = folder;
    this.#parts = new Map([["", appDefinition]]);
    for (const part of componentDefinitions) {
      this.#parts.set(part.definitionPath!, part);
    }
    for (const part of this.#parts.values()) {
      const { definition, schema, changedModules, functions } = part;
      [definition, schema, changedModules, functions].flat()
        .forEach((module) => module && checkPath(module));
    }
  }

  /** Paths of the components; the app's is empty. */
  get paths(): string[] {
    return [...this.#parts.keys()];
  }

  /** See `FunctionSource`. */
  definition(path: string): Promise<Definition | undefined> {
    const known = this.#definitions.get(path) ?? this.#definition(path);
    this.#definitions.set(path, known);
    return known;
  }

  async #definition(path: string): Promise<Definition | undefined> {
    const { definition, dependencies } = this.#part(path);
    if (!definition) return undefined;
    const folder = `${this.#folder}/definition${this.#copies++}`;
    // A configuration imports those of the components that it uses by their paths.
    for (const other of dependencies) {
      const own = await this.definition(other);
      const imported = {
        componentDefinitionPath: other,
        defaultName: own?._name,
      };
      const name = encodeBase64Url(new TextEncoder().encode(other));
      await write(
        `${folder}/_componentDeps/${name}.js`,
        `export default ${JSON.stringify(imported)};`,
      );
    }
    const file = `${folder}/${definition.path}`;
    await write(
      file,
      definition.source.replace(
        /(["'])(\.\/_componentDeps\/[\w-]+)\1/g,
        (_, quote, file) => `${quote}${file}.js${quote}`,
      ),
    );
    return (await importFunctions(file)).default as Definition;
  }

  /** See `FunctionSource`. */
  async modules(
    path: string,
    env?: Variables,
  ): Promise<{ [path: string]: Exports }> {
    const part = this.#part(path);
    const functions = part.changedModules ?? part.functions ?? [];
    const all = part.schema ? [...functions, part.schema] : functions;
    const folder = `${this.#folder}/modules${this.#copies++}`;
    for (const { path, source, sourceMap, environment } of all) {
      const own = withSharedErrors(withEnvironment(source, env));
      const text = environment === "node" ? withRequire(own) : own;
      await write(`${folder}/${path}`, withMap(text, sourceMap));
    }
    const modules: { [path: string]: Exports } = {};
    for (const { path, environment } of all) {
      if (CHUNK.test(path)) continue;
      const name = path.replace(EXTENSION, "");
      const exports = await importFunctions(`${folder}/${path}`).catch(
        (error) => {
          notePlaces(error, placesInPushed);
          throw new Error(
            `Failed to analyze ${path}: ${uncaughtText(error)}`,
            { cause: error },
          );
        },
      );
      if (environment === "node") checkNodeModule(name, exports);
      modules[name] = exports;
    }
    if (!this.#modules.has(path)) this.#modules.set(path, modules);
    return modules;
  }

  /** Modules of the app or of a component, whatever their `process.env`. */
  async anyModules(path: string): Promise<{ [path: string]: Exports }> {
    return this.#modules.get(path) ?? await this.modules(path);
  }

  /** See `FunctionSource`. */
  authConfig(path: string): Promise<(() => Promise<unknown>) | undefined> {
    const { changedModules = [] } = this.#part(path);
    const name = "auth.config.js";
    const used = changedModules.filter(({ path }) =>
      path === name || CHUNK.test(path)
    );
    const evaluate = async () => {
      const folder = await Deno.makeTempDir();
      try {
        for (const { path, source } of used) {
          await write(`${folder}/${path}`, source);
        }
        return (await importFunctions(`${folder}/${name}`)).default;
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    };
    const isThere = used.some(({ path }) => path === name);
    return Promise.resolve(isThere ? evaluate : undefined);
  }

  #part(path: string): PushedPart {
    const part = this.#parts.get(path);
    if (part) return part;
    throw new Error(`the component in ${path} was not pushed`);
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** The text of a module for Node with `require`, by which CommonJS packages load Node's modules, as on Convex. */
function withRequire(source: string): string {
  if (/\b(const|let)\s+require\b/.test(source)) return source;
  return `import { createRequire as __requireIn } from "node:module"; var require = __requireIn(import.meta.url);${source}`;
}

/** The text of a module whose `process.env` is replaced by these variables. */
function withEnvironment(
  source: string,
  env: Variables | undefined,
): string {
  if (env === undefined || !source.includes("process.env")) return source;
  // Padded to the same length, so that the source map stays right.
  return variablesText(env) + source.replace(
    /\b(globalThis\.)?process\.env\b/g,
    (found) => "__env".padEnd(found.length),
  );
}
