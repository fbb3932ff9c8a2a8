import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { badRequest, HttpFault } from "../../src/server/http/http_fault.ts";
import { readBytes } from "../../src/server/http/request_body.ts";
import { encodeBase64Url } from "../../src/values/base64.ts";
import { formatJson } from "../../src/values/format_json.ts";
import { notePlaces, uncaughtText } from "../../src/engine/functions/thrown.ts";
import type { Definition } from "./definition.ts";
import type { ExternalPackage } from "./external_packages.ts";
import { checkNodeModule, type Exports } from "./check_functions.ts";
import { placesInPushed, withMap } from "./places.ts";
import type { FunctionSource } from "./load_functions.ts";
import { withSharedErrors } from "./shared_errors.ts";
import { type Variables, variablesText } from "./variables.ts";

/** A module as `npx convex` sends it: bundled, beside the chunks that it shares with others. */
export interface PushedModule {
  /** Such as `messages.js`, or `_deps/ABC.js` of a chunk. */
  path: string;
  /** Its text. */
  source: string;
  /** Which places of its sources it is made of, as JSON. */
  sourceMap?: string;
  /** Where it is meant to run. */
  environment: "isolate" | "node";
}

/** What is pushed of the app, or of a component. */
export interface PushedPart {
  /** Its configuration, if it has one. */
  definition: PushedModule | null;
  /** Components that it uses, by where their configurations are. */
  dependencies: string[];
  /** Its schema, if it has one. */
  schema: PushedModule | null;
  /** Its functions, if it is the app. */
  changedModules?: PushedModule[];
  /** Its functions, if it is a component. */
  functions?: PushedModule[];
  /** Version of `convex` that it was bundled with. */
  udfServerVersion?: string;
  /** Where its configuration is, as those who use it name it; empty for the app. */
  definitionPath?: string;
}

/** What `npx convex dev` and `deploy` send. */
export interface PushRequest {
  /** Whether nothing is to be changed. */
  dryRun: boolean;
  /** The app. */
  appDefinition: PushedPart;
  /** The components that it uses, directly or not. */
  componentDefinitions: PushedPart[];
  /** Packages that were left out of the bundles. */
  nodeDependencies: ExternalPackage[];
}

const CHUNK = /^_deps\//;
const EXTENSION = /\.[cm]?js$/;

/** Longest push, in bytes, as it comes and unpacked: a few bytes may unpack to more than there is memory. */
const MAX_PUSH_BYTES = 256 * 1024 * 1024;

/** Reads the body of a push, compressed or not. Throws `HttpFault` for what is none. */
export async function readPush(
  request: Request,
  maxBytes: number = MAX_PUSH_BYTES,
): Promise<unknown> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes === undefined) throw tooLarge(maxBytes);
  const encoding = request.headers.get("content-encoding");
  try {
    const plain = unpacked(bytes, encoding, maxBytes);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw badRequest("BadJsonBody", `The push cannot be read: ${message}`);
  }
}

function unpacked(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: string | null,
  maxOutputLength: number,
): Uint8Array {
  const options = { maxOutputLength };
  switch (encoding) {
    case "br":
      return brotliDecompressSync(bytes, options);
    case "gzip":
      return gunzipSync(bytes, options);
    default:
      return bytes;
  }
}

function tooLarge(maxBytes: number): HttpFault {
  return new HttpFault(
    413,
    "RequestTooLarge",
    `A push must have at most ${maxBytes} bytes`,
  );
}

/** Throws `HttpFault` for a module that would be written elsewhere than below the folder of the push. */
function checkPath({ path }: PushedModule): void {
  const isBelow = /^[^\\\0]+$/.test(path) &&
    path.split("/").every((step) => !["", ".", ".."].includes(step));
  if (isBelow) return;
  throw badRequest("InvalidModules", `${formatJson(path)} is no module's path`);
}

/** The functions of a push, written to files and loaded from there. `end` removes the files. */
export class PushedFunctions implements FunctionSource {
  readonly #parts: Map<string, PushedPart>;
  readonly #folder: string;
  /** What configurations define, by path: each is loaded once. */
  readonly #definitions = new Map<string, Promise<Definition | undefined>>();
  /** Modules as they were first loaded, by path of their part. */
  readonly #modules = new Map<string, { [path: string]: Exports }>();
  #copies = 0;

  /** Takes what was pushed, and a folder for its files. Throws `HttpFault` for a module that would leave the folder. */
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

  /** Paths of the app, which is empty, and of its components. */
  get paths(): string[] {
    return [...this.#parts.keys()];
  }

  /** What a configuration defines. */
  definition(path: string): Promise<Definition | undefined> {
    const known = this.#definitions.get(path) ?? this.#definition(path);
    this.#definitions.set(path, known);
    return known;
  }

  async #definition(path: string): Promise<Definition | undefined> {
    const { definition, dependencies } = this.#part(path);
    if (!definition) return undefined;
    const folder = `${this.#folder}/definition${this.#copies++}`;
    // Configurations import those of the components that they use by where these are.
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
    const { default: defined } = await load(
      `${folder}/${definition.path}`,
      definition.source.replace(
        /(["'])(\.\/_componentDeps\/[\w-]+)\1/g,
        (_, quote, file) => `${quote}${file}.js${quote}`,
      ),
    );
    return defined as Definition;
  }

  /** Its modules, with what is `process.env` to them. */
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
      const exports = await load(`${folder}/${path}`).catch((error) => {
        notePlaces(error, placesInPushed);
        throw new Error(
          `Failed to analyze ${path}: ${uncaughtText(error)}`,
          { cause: error },
        );
      });
      if (environment === "node") checkNodeModule(name, exports);
      modules[name] = exports;
    }
    if (!this.#modules.has(path)) this.#modules.set(path, modules);
    return modules;
  }

  /** Its modules, whatever `process.env` is to them. */
  async anyModules(path: string): Promise<{ [path: string]: Exports }> {
    return this.#modules.get(path) ?? await this.modules(path);
  }

  /** What evaluates its `auth.config`, anew each time; undefined where there is none. */
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
        return (await load(`${folder}/${name}`)).default;
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

/** Writes a module and loads it. */
async function load(path: string, source?: string): Promise<Exports> {
  if (source !== undefined) await write(path, source);
  const host = globalThis as { Convex?: object };
  try {
    // Some libraries refuse to be loaded elsewhere than on a backend.
    host.Convex = {};
    return await import(new URL(`file://${path}`).href);
  } finally {
    delete host.Convex;
  }
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text);
}

/** A module's text for Node, in which packages in CommonJS find `require` for Node's own modules, as on Convex. */
function withRequire(source: string): string {
  if (/\b(const|let)\s+require\b/.test(source)) return source;
  return `import { createRequire as __requireIn } from "node:module"; var require = __requireIn(import.meta.url);${source}`;
}

/** A module's text, to which `process.env` is these variables. */
function withEnvironment(
  source: string,
  env: Variables | undefined,
): string {
  if (env === undefined || !source.includes("process.env")) return source;
  // As long as before, so that the rest of the line stays where its source map says.
  return variablesText(env) + source.replace(
    /\b(globalThis\.)?process\.env\b/g,
    (found) => "__env".padEnd(found.length),
  );
}
