import type { BuildOptions, Plugin } from "esbuild";
import { fileURLToPath, pathToFileURL } from "node:url";
import { pathOf } from "../command.ts";
import { checkNodeModule, type Exports } from "./check_functions.ts";
import {
  builtinPlugin,
  externalPlugin,
  generatedPlugin,
  specialPlugin,
} from "./bundle_plugins.ts";
import type { Definition } from "./definition.ts";
import { withSharedErrors } from "./shared_errors.ts";
import { type Variables, variablesText } from "./variables.ts";

/** A line with the directive of a module that is for Node. */
const USE_NODE = /^\s*(["'])use node\1;?\s*$/m;
const CONFIG = /^convex\.config\.(ts|js|mts|mjs)$/;
const SOURCE = /\.([cm]?[jt]s|[jt]sx)$/;

/**
 * Bundles the modules of folders with functions by esbuild, as `npx convex deploy` does, and loads them. Imports need no
 * extension, `_generated` need not be there, and `convex` is ours where the folder's project has none.
 */
export class FunctionBundler {
  readonly #esbuild: typeof import("esbuild");
  /** Of a folder, what Convex's own runtime would run and what Node would. */
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
   * Lends a bundler to work, and ends esbuild after it.
   *
   * @param externalPackages Names of packages that are loaded from where they are; `*`: all.
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

  /** What the `convex.config` in a folder defines, if there is one. Throws for a component that uses itself. */
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
      [this.#componentPlugin([...users, folder])],
    );
    return (await load(text)).definition as Definition;
  }

  /**
   * Loads the modules of a folder, by their path without extension: once more each time, as each use of a component has
   * modules of its own.
   *
   * @param env What `process.env` is to them. Default: the app's.
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

  /** What evaluates the `auth.config` in a folder, anew each time; undefined where there is none. */
  async authConfig(
    folder: string,
  ): Promise<(() => Promise<unknown>) | undefined> {
    const name = "auth.config";
    const path = (await modulePaths(folder)).find((path) =>
      path.replace(SOURCE, "") === name
    );
    if (path === undefined) return undefined;
    const text = await this.#bundlePaths(folder, [path], false, "browser");
    return async () =>
      ((await load(text)).all as { [path: string]: Exports })[name]!.default;
  }

  /** Apart from one another, since packages may have other modules for Node. */
  async #bundleModules(folder: string, hasEnv: boolean): Promise<string[]> {
    const own: string[] = [];
    const forNode: string[] = [];
    for (const path of await modulePaths(folder)) {
      const text = await Deno.readTextFile(`${folder}/${path}`);
      (USE_NODE.test(text) ? forNode : own).push(path);
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
      `${JSON.stringify(path.replace(SOURCE, ""))}: m${at}`
    );
    lines.push(`export const all = { ${members.join(", ")} };`);
    return await this.#bundle(
      lines.join("\n"),
      folder,
      [],
      hasEnv
        ? { "process.env": "__env", "globalThis.process.env": "__env" }
        : {},
      platform,
    );
  }

  async #bundle(
    contents: string,
    resolveDir: string,
    plugins: Plugin[],
    define: { [expression: string]: string } = {},
    platform: "browser" | "node" = "node",
  ): Promise<string> {
    const { outputFiles } = await this.#esbuild.build({
      ...buildOptions,
      platform,
      plugins: [...this.#plugins, ...plugins],
      define: { ...buildOptions.define, ...define },
      // So that stacks name the files as they are.
      absWorkingDir: resolveDir,
      sourceRoot: `${pathToFileURL(resolveDir)}/`,
      stdin: { contents, resolveDir, sourcefile: "convex_functions.ts" },
      // Packages in CommonJS ask for Node's modules in their own way.
      banner: {
        js: `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(${JSON.stringify(`${resolveDir}/`)});`,
      },
    });
    return withSharedErrors(outputFiles[0]!.text);
  }

  /** Gives a configuration that imports that of a component what Convex gives it: where that is, and its name. */
  #componentPlugin(users: readonly string[]): Plugin {
    return {
      name: "convex components",
      setup: (build) => {
        build.onResolve(
          { filter: /convex\.config(\.[a-z]+)?$/ },
          async (args) => {
            const { path, importer, resolveDir, kind, pluginData } = args;
            const isUse = CONFIG.test(importer.replace(/.*\//, ""));
            if (pluginData === "asked" || !isUse) return undefined;
            const found = await build.resolve(path, {
              importer,
              resolveDir,
              kind,
              pluginData: "asked",
            });
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

async function configOf(folder: string): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(folder)) {
    if (CONFIG.test(name)) return name;
  }
  return undefined;
}

/** Files of a folder that are modules with functions, or configure them: as Convex, those without a second dot. */
async function modulePaths(root: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    if (/^[.#]|^node_modules$| /.test(name)) continue;
    if (isDirectory) {
      const folder = `${below}${name}`;
      // A component below the app's folder has its functions for itself.
      const isOwn = folder !== "_generated" &&
        await configOf(`${root}/${folder}`) === undefined;
      if (isOwn) paths.push(...await modulePaths(root, `${folder}/`));
    } else if (SOURCE.test(name)) {
      const stem = name.replace(SOURCE, "");
      const isConfig = below === "" && stem === "auth.config";
      // Only the schema of the folder itself is one.
      const isModule = !stem.includes(".") &&
        (below === "" || stem !== "schema");
      if (isConfig || isModule) paths.push(below + name);
    }
  }
  return paths.sort();
}

async function load(text: string): Promise<Exports> {
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  const host = globalThis as { Convex?: object };
  try {
    await Deno.writeTextFile(file, text);
    // Some libraries refuse to be loaded elsewhere than on a backend.
    host.Convex = {};
    return await import(new URL(`file://${file}`).href);
  } catch (cause) {
    throw new Error(`${placeIn(cause)}${messageOf(cause)}`, { cause });
  } finally {
    delete host.Convex;
    await Deno.remove(file);
  }
}

/** Says which module threw while it was loaded: a module of the folder rather than one of a package that it calls. */
function placeIn(error: unknown): string {
  const { stack } = Object(error) as { stack?: string };
  const frames = String(stack).match(/file:\/\/[^\s)]+:\d+:\d+/g) ?? [];
  const frame = frames.find((frame) => !frame.includes("/node_modules/")) ??
    frames[0];
  return frame ? `${fileURLToPath(frame)} threw while it was loaded: ` : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const buildOptions = {
  bundle: true,
  write: false,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  keepNames: true,
  sourcemap: "inline",
  // Places in the files are all that is wanted of the map: with their text, modules take three times as long to load.
  sourcesContent: false,
  define: { "process.env.NODE_ENV": '"production"' },
  conditions: ["convex", "module", "import"],
  nodePaths: [pathOf("node_modules")],
  logLevel: "silent",
} satisfies BuildOptions & { write: false };
