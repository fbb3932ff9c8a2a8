import type { Plugin } from "esbuild";
import { pathOf } from "../command.ts";

/** What a `convex/` folder holds. */
export interface LoadedFunctions {
  /** Modules with functions, by their path without extension. */
  modules: { [path: string]: { [exportName: string]: unknown } };
  /** Default export of `schema`, if there is one. */
  schema: object | undefined;
  /** Default export of `auth.config`, if there is one. */
  authConfig: unknown;
}

const SOURCE = /\.(ts|tsx|js|jsx|mjs|mts)$/;
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
  const paths = await modulePaths(root);
  if (paths.length === 0) {
    throw new Error(`there are no functions in ${folder}`);
  }
  const names = paths.map((path) => path.replace(SOURCE, ""));
  const entry = [
    ...paths.map((path, at) =>
      `import * as m${at} from ${JSON.stringify(`./${path}`)};`
    ),
    `export const all = { ${
      names.map((name, at) => `${JSON.stringify(name)}: m${at}`).join(", ")
    } };`,
  ].join("\n");
  const { all } = await bundle(entry, root);
  const { schema, "auth.config": authConfig, ...modules } = all;
  return {
    modules,
    schema: schema?.default as object | undefined,
    authConfig: authConfig?.default,
  };
}

async function modulePaths(root: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory && name !== "_generated") {
      paths.push(...await modulePaths(root, `${below}${name}/`));
    } else if (SOURCE.test(name) && !NO_MODULE.test(name)) {
      paths.push(below + name);
    }
  }
  return paths.sort();
}

async function bundle(
  contents: string,
  resolveDir: string,
): Promise<{ all: LoadedFunctions["modules"] }> {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, sourcefile: "convex_functions.ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    sourcemap: "inline",
    conditions: ["convex", "module", "import"],
    nodePaths: [pathOf("node_modules")],
    // Packages in CommonJS ask for Node's modules in their own way.
    banner: {
      js: `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(${JSON.stringify(`${resolveDir}/`)});`,
    },
    plugins: [generatedPlugin],
    logLevel: "silent",
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
