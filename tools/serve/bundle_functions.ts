import type { BuildOptions, Plugin } from "esbuild";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../src/values/message_of.ts";
import { pathOf } from "../command.ts";
import { checkNodeModule, type Exports } from "./check_functions.ts";
import {
  builtinPlugin,
  externalPlugin,
  generatedPlugin,
  resolveOtherwise,
  specialPlugin,
} from "./bundle_plugins.ts";
import type { Definition } from "./definition.ts";
import {
  configOf,
  isConfig,
  isForNode,
  isModule,
  modulePaths,
  stemOf,
} from "./function_files.ts";
import { importFunctions } from "./import_functions.ts";
import { FILE } from "./places.ts";
import { withSharedErrors } from "./shared_errors.ts";
import { type Variables, variablesText } from "./variables.ts";

/**
 * Bundles and loads the functions of folders with esbuild, as `npx convex deploy` does. Imports need no extension. If
 * `_generated` or the package `convex` is missing, a replacement is used.
 */
export class FunctionBundler {
  readonly #esbuild: typeof import("esbuild");
  /** Bundles of each folder: that of Convex's own runtime, and that of Node if there is one. */
  readonly #texts: Map<string, Promise<string[]>> = new Map();
  readonly #definitions: Map<string, Promise<Definition | undefined>> =
    new Map();
  readonly #plugins: Plugin[];

  private constructor(
    esbuild: typeof import("esbuild"),
    externalPackages: readonly string[],
  ) {
    this.#esbuild = esbuild;
    this.#plugins = [
      generatedPlugin,
      specialPlugin,
      builtinPlugin,
      ...(externalPackages.length > 0
        ? [externalPlugin(externalPackages)]
        : []),
    ];
  }

  /**
   * Calls `work` with a bundler, and stops esbuild afterwards.
   *
   * @param externalPackages Names of packages that are not bundled but loaded from `node_modules`; `*`: all.
   */
  static async lend<T>(
    externalPackages: readonly string[],
    work: (bundler: FunctionBundler) => Promise<T>,
  ): Promise<T> {
    const esbuild = await import("esbuild");
    try {
      return await work(new FunctionBundler(esbuild, externalPackages));
    } finally {
      await esbuild.stop();
    }
  }

  /** The definition in the `convex.config` of a folder, if there is one. Throws for a component that uses itself. */
  async definition(
    folder: string,
    users: readonly string[] = [],
  ): Promise<Definition | undefined> {
    if (users.includes(folder)) {
      throw new Error(`the component in ${folder} uses itself`);
    }
    let definition = this.#definitions.get(folder);
    if (!definition) {
      definition = this.#define(folder, users);
      this.#definitions.set(folder, definition);
    }
    return await definition;
  }

  async #define(
    folder: string,
    users: readonly string[],
  ): Promise<Definition | undefined> {
    const config = await configOf(folder);
    if (config === undefined) return undefined;
    const text = await this.#bundle(
      `export { default as definition } from "./${config}";`,
      folder,
      { plugins: [this.#componentPlugin([...users, folder])] },
    );
    return (await load(text)).definition as Definition;
  }

  /**
   * Loads the modules of a folder, by their path without extension. Each call loads them anew, because each use of a
   * component has its own modules.
   *
   * @param env Their `process.env`. Default: the app's.
   */
  async modules(
    folder: string,
    env?: Variables,
  ): Promise<{ [path: string]: Exports }> {
    let texts = this.#texts.get(folder);
    if (!texts) {
      texts = this.#bundleModules(folder, env !== undefined);
      this.#texts.set(folder, texts);
    }
    const start = env === undefined ? "" : variablesText(env);
    const modules: { [path: string]: Exports } = {};
    const [own, forNode] = await texts;
    Object.assign(modules, (await load(start + own)).all);
    if (forNode === undefined) return modules;
    const { all } = await load(start + forNode);
    for (const [path, exports] of Object.entries(all!)) {
      checkNodeModule(path, exports as Exports);
    }
    return Object.assign(modules, all);
  }

  /** A function that evaluates the `auth.config` of a folder anew; undefined if there is none. */
  async authConfig(
    folder: string,
  ): Promise<(() => Promise<unknown>) | undefined> {
    const name = "auth.config";
    const path = (await modulePaths(folder)).find((path) =>
      stemOf(path) === name
    );
    if (path === undefined) return undefined;
    const text = await this.#bundlePaths(folder, [path], false, "browser");
    return async () =>
      ((await load(text)).all as { [path: string]: Exports })[name]!.default;
  }

  /** Bundles the modules of both runtimes separately, as packages may provide other modules for Node. */
  async #bundleModules(folder: string, hasEnv: boolean): Promise<string[]> {
    const own: string[] = [];
    const forNode: string[] = [];
    const taken: Map<string, string> = new Map();
    for (const path of await modulePaths(folder)) {
      const text = await Deno.readTextFile(`${folder}/${path}`);
      if (!isModule(path, text)) continue;
      const stem = stemOf(path);
      const twin = taken.get(stem);
      // As on Convex, `schema.ts` is the schema also if there is a `schema.js`.
      if (twin !== undefined && stem !== "schema") {
        throw new Error(`${twin} and ${path} would be the same module`);
      }
      taken.set(stem, path);
      (isForNode(path, text) ? forNode : own).push(path);
    }
    return await Promise.all([
      this.#bundlePaths(folder, own, hasEnv, "browser"),
      ...forNode.length > 0
        ? [this.#bundlePaths(folder, forNode, hasEnv, "node")]
        : [],
    ]);
  }

  async #bundlePaths(
    folder: string,
    paths: readonly string[],
    hasEnv: boolean,
    platform: "browser" | "node",
  ): Promise<string> {
    const lines = paths.map((path, at) =>
      `import * as m${at} from ${JSON.stringify(`./${path}`)};`
    );
    const members = paths.map((path, at) =>
      `${JSON.stringify(stemOf(path))}: m${at}`
    );
    lines.push(`export const all = { ${members.join(", ")} };`);
    const env = { "process.env": "__env", "globalThis.process.env": "__env" };
    return await this.#bundle(
      lines.join("\n"),
      folder,
      { platform, define: hasEnv ? env : {} },
    );
  }

  async #bundle(
    contents: string,
    resolveDir: string,
    { plugins = [], define, platform = "node" }: Pick<
      BuildOptions,
      "plugins" | "define" | "platform"
    >,
  ): Promise<string> {
    const { outputFiles } = await this.#esbuild.build({
      ...buildOptions,
      platform,
      plugins: [...this.#plugins, ...plugins],
      define: { ...buildOptions.define, ...define },
      // So that stack traces contain the real paths.
      absWorkingDir: resolveDir,
      sourceRoot: `${pathToFileURL(resolveDir)}/`,
      stdin: { contents, resolveDir, sourcefile: "convex_functions.ts" },
      // CommonJS packages load Node's modules by `require`.
      banner: {
        js: `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(${JSON.stringify(`${resolveDir}/`)});`,
      },
    });
    return withSharedErrors(outputFiles[0]!.text);
  }

  /** Replaces the `convex.config` of a component, where another imports it, by its path and name, as Convex does. */
  #componentPlugin(users: readonly string[]): Plugin {
    return {
      name: "convex components",
      setup: (build) => {
        build.onResolve(
          { filter: /convex\.config(\.[a-z]+)?$/ },
          async (args) => {
            const isUse = isConfig(args.importer);
            const found = isUse && await resolveOtherwise(build, args);
            if (!found) return undefined;
            if (found.errors.length > 0) return found;
            return { path: found.path, namespace: "component" };
          },
        );
        build.onLoad({ filter: /.*/, namespace: "component" }, async (args) => {
          const componentDefinitionPath = args.path.replace(/\/[^/]*$/, "");
          const own = await this.definition(componentDefinitionPath, users);
          return {
            contents: `export default ${
              JSON.stringify({
                componentDefinitionPath,
                defaultName: own?._name,
              })
            };`,
            loader: "js",
          };
        });
      },
    };
  }
}

async function load(text: string): Promise<Exports> {
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeTextFile(file, text);
    return await importFunctions(file);
  } catch (cause) {
    throw new Error(`${placeIn(cause)}${messageOf(cause)}`, { cause });
  } finally {
    await Deno.remove(file);
  }
}

/** Says which module threw while it was loaded. Prefers a module of the folder to one of a package. */
function placeIn(error: unknown): string {
  const { stack } = Object(error) as { stack?: string };
  const frames = String(stack).match(/file:\/\/.+:\d+:\d+/g) ?? [];
  const frame = frames.find((frame) => !frame.includes("/node_modules/")) ??
    frames[0];
  return frame ? `${frame.slice(FILE.length)} threw while it was loaded: ` : "";
}

const buildOptions = {
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  keepNames: true,
  sourcemap: "inline",
  // The map is only used for positions. With the sources in it, loading takes three times as long.
  sourcesContent: false,
  define: { "process.env.NODE_ENV": '"production"' },
  conditions: ["convex", "module", "import"],
  nodePaths: [pathOf("node_modules")],
  logLevel: "silent",
} satisfies BuildOptions & { write: false };
