import type { BuildOptions, Plugin } from "esbuild";
import { pathOf } from "../command.ts";

/** Functions and their tables. */
export interface Backend {
  /** Modules with functions, by their path without extension. */
  modules: { [path: string]: Exports };
  /** Default export of `schema`, if there is one. */
  schema: object | undefined;
}

/** What a `convex/` folder holds. */
export interface LoadedFunctions extends Backend {
  /** Default export of `auth.config`, if there is one. */
  authConfig: unknown;
  /** Components that `convex.config` uses, by their path. */
  components: { [path: string]: Backend & { httpPrefix?: string } };
}

type Exports = { [exportName: string]: unknown };

/** What `defineApp` and `defineComponent` make, as far as it is used here. */
interface Definition {
  _childComponents: [
    name: string,
    imported: { componentDefinitionPath: string },
    env: unknown,
    httpPrefix?: string,
  ][];
}

const SOURCE = /\.(ts|tsx|js|jsx|mjs|mts)$/;
const CONFIG = /^convex\.config\.(ts|js|mts|mjs)$/;
const NO_MODULE = /(\.d\.ts|\.(test|spec)\.[a-z]+)$/;

/** What `npx convex codegen` would write: names are resolved at run time, so the types are all that is lost. */
const generatedModules: { [name: string]: string } = {
  api: `import { anyApi, componentsGeneric } from "convex/server";
export const api = anyApi;
export const internal = anyApi;
export const components = componentsGeneric();`,
  server: `export {
  actionGeneric as action,
  httpActionGeneric as httpAction,
  internalActionGeneric as internalAction,
  internalMutationGeneric as internalMutation,
  internalQueryGeneric as internalQuery,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";`,
  dataModel: "export {};",
};

/**
 * Bundles the modules of a `convex/` folder and loads them. Imports need no extension, `_generated` need not be there,
 * and `convex` is ours where the folder's project has none. Throws what esbuild or the modules throw.
 */
export async function loadFunctions(folder: string): Promise<LoadedFunctions> {
  const root = await Deno.realPath(folder);
  const folders = [root, ...await componentFolders(root)];
  const paths = await Promise.all(folders.map((each) => modulePaths(each)));
  if (paths[0]!.length === 0) {
    throw new Error(`there are no functions in ${folder}`);
  }
  const imports: string[] = [];
  const tables = folders.map((each, at) => {
    const members = paths[at]!.map((path) => {
      const name = `m${imports.length}`;
      const file = JSON.stringify(`${each}/${path}`);
      imports.push(`import * as ${name} from ${file};`);
      return `${JSON.stringify(path.replace(SOURCE, ""))}: ${name}`;
    });
    return `{ ${members.join(", ")} }`;
  });
  const { all } = await bundle(
    `${imports.join("\n")}\nexport const all = [${tables.join(", ")}];`,
    root,
  );
  const definitionOf = (modules: { [path: string]: Exports }) =>
    modules["convex.config"]?.default as Definition | undefined;
  const components: LoadedFunctions["components"] = {};
  const place = (parent: Definition | undefined, above: string) => {
    const children = parent?._childComponents ?? [];
    for (const [name, imported, , httpPrefix] of children) {
      const path = above === "" ? name : `${above}/${name}`;
      const own = all[folders.indexOf(imported.componentDefinitionPath)]!;
      components[path] = { ...backendOf(own), httpPrefix };
      place(definitionOf(own), path);
    }
  };
  place(definitionOf(all[0]!), "");
  return {
    ...backendOf(all[0]!),
    authConfig: all[0]!["auth.config"]?.default,
    components,
  };
}

function backendOf(all: { [path: string]: Exports }): Backend {
  const {
    schema,
    "auth.config": _auth,
    "convex.config": _config,
    ...modules
  } = all;
  return { modules, schema: schema?.default as object | undefined };
}

/** Folders of the components that the configuration in a folder uses, itself and through others. */
async function componentFolders(
  root: string,
  found: Set<string> = new Set(),
): Promise<Set<string>> {
  const config = await configOf(root);
  if (config === undefined) return found;
  const { build, stop } = await import("esbuild");
  const used = new Set<string>();
  await build({
    ...buildOptions,
    plugins: [generatedPlugin, componentPlugin((folder) => used.add(folder))],
    entryPoints: [`${root}/${config}`],
  }).finally(stop);
  for (const folder of used) {
    if (found.has(folder)) continue;
    found.add(folder);
    await componentFolders(folder, found);
  }
  return found;
}

async function configOf(folder: string): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(folder)) {
    if (CONFIG.test(name)) return name;
  }
  return undefined;
}

async function modulePaths(root: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) {
      const folder = `${below}${name}`;
      // A component below the app's folder has its functions for itself.
      const isOwn = name !== "_generated" &&
        await configOf(`${root}/${folder}`) === undefined;
      if (isOwn) paths.push(...await modulePaths(root, `${folder}/`));
    } else if (SOURCE.test(name) && !NO_MODULE.test(name)) {
      paths.push(below + name);
    }
  }
  return paths.sort();
}

async function bundle(
  contents: string,
  resolveDir: string,
): Promise<{ all: { [path: string]: Exports }[] }> {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    ...buildOptions,
    stdin: { contents, resolveDir, sourcefile: "convex_functions.ts" },
    sourcemap: "inline",
    // Packages in CommonJS ask for Node's modules in their own way.
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(${JSON.stringify(`${resolveDir}/`)});`,
    },
  }).finally(stop);
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeFile(file, outputFiles[0]!.contents);
    return await import(new URL(`file://${file}`).href);
  } finally {
    await Deno.remove(file);
  }
}

/** Supplies modules of `_generated` that are not there. */
const generatedPlugin: Plugin = {
  name: "convex _generated",
  setup(build) {
    const filter = /(^|\/)_generated\/(api|server|dataModel)(\.[a-z]+)?$/;
    build.onResolve({ filter }, async (args) => {
      if (args.pluginData === "asked") return undefined;
      const { path, importer, resolveDir, kind } = args;
      const found = await build.resolve(path, {
        importer,
        resolveDir,
        kind,
        pluginData: "asked",
      });
      if (found.errors.length === 0) return found;
      return { path: filter.exec(path)![2]!, namespace: "generated" };
    });
    build.onLoad({ filter: /.*/, namespace: "generated" }, ({ path }) => ({
      contents: generatedModules[path],
      resolveDir: pathOf("."),
      loader: "js",
    }));
  },
};

/**
 * Gives a configuration that imports that of a component what Convex gives it: where the component is, and its name.
 * `onUse` is told of its folder.
 */
function componentPlugin(onUse: (folder: string) => void): Plugin {
  return {
    name: "convex components",
    setup(build) {
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
          onUse(found.path.replace(/\/[^/]*$/, ""));
          return { path: found.path, namespace: "component" };
        },
      );
      build.onLoad({ filter: /.*/, namespace: "component" }, async (args) => {
        const text = await Deno.readTextFile(args.path);
        const [, defaultName] =
          /defineComponent\s*(?:<[^(]*>)?\(\s*["'`]([^"'`]+)/.exec(text) ?? [];
        const componentDefinitionPath = args.path.replace(/\/[^/]*$/, "");
        return {
          contents: `export default ${
            JSON.stringify({ componentDefinitionPath, defaultName })
          };`,
          loader: "js",
        };
      });
    },
  };
}

const buildOptions = {
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "es2022",
  conditions: ["convex", "module", "import"],
  nodePaths: [pathOf("node_modules")],
  plugins: [generatedPlugin, componentPlugin(() => {})],
  logLevel: "silent",
} satisfies BuildOptions & { write: false };
