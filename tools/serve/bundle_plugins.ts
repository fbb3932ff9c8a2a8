import { isBuiltin } from "node:module";
import type {
  OnResolveArgs,
  Plugin,
  PluginBuild,
  ResolveResult,
} from "esbuild";
import { pathOf } from "../command.ts";

/** Replacements for what `npx convex codegen` writes. Only the types are missing, as names are resolved at run time. */
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
} from "convex/server";
export const env = process.env;`,
  dataModel: "export {};",
};

/** Marks an import as one that the plugins must leave alone. */
const OTHERWISE = "otherwise";

/** Resolves an import as if the calling plugin did not exist; undefined for the import that this causes. */
export async function resolveOtherwise(
  build: PluginBuild,
  { path, importer, resolveDir, kind, pluginData }: OnResolveArgs,
): Promise<ResolveResult | undefined> {
  if (pluginData === OTHERWISE) return undefined;
  return await build.resolve(path, {
    importer,
    resolveDir,
    kind,
    pluginData: OTHERWISE,
  });
}

/** Leaves Node's own modules to the host, unless a package replaces them. */
export const builtinPlugin: Plugin = {
  name: "modules of Node",
  setup(build) {
    build.onResolve({ filter: /^[a-z:_/0-9]+$/ }, async (args) => {
      const { path } = args;
      const found = isBuiltin(path) && await resolveOtherwise(build, args);
      // If a package disables a module, esbuild resolves it to an empty one.
      return !found || found.errors.length === 0
        ? undefined
        : { path: `node:${path.replace(/^node:/, "")}`, external: true };
    });
  },
};

/** Replaces missing modules of `_generated`. */
export const generatedPlugin: Plugin = {
  name: "convex _generated",
  setup(build) {
    const filter = /(^|\/)_generated\/(api|server|dataModel)(\.[a-z]+)?$/;
    build.onResolve({ filter }, async (args) => {
      const found = await resolveOtherwise(build, args);
      if (!found || found.errors.length === 0) return found;
      return { path: filter.exec(args.path)![2]!, namespace: "generated" };
    });
    build.onLoad({ filter: /.*/, namespace: "generated" }, ({ path }) => ({
      contents: generatedModules[path],
      resolveDir: pathOf("."),
      loader: "js",
    }));
  },
};

/** Special cases of Convex's bundler: a `.wasm` file is a `WebAssembly.Module`, and `server-only` is empty. */
export const specialPlugin: Plugin = {
  name: "convex special modules",
  setup(build) {
    build.onResolve({ filter: /^server-only$/ }, ({ path }) => ({
      path,
      namespace: "empty",
    }));
    build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({
      contents: "",
    }));
    build.onResolve({ filter: /\.wasm$/ }, async (args) => {
      const { path, namespace } = args;
      if (namespace === "wasm") return { path, namespace: "wasm bytes" };
      const found = await resolveOtherwise(build, args);
      return !found || found.errors.length > 0
        ? found
        : { path: found.path, namespace: "wasm" };
    });
    build.onLoad({ filter: /.*/, namespace: "wasm" }, ({ path }) => ({
      contents: `import bytes from ${JSON.stringify(path)};
export default new WebAssembly.Module(bytes);`,
    }));
    build.onLoad(
      { filter: /.*/, namespace: "wasm bytes" },
      async ({ path }) => ({
        contents: await Deno.readFile(path),
        loader: "binary",
      }),
    );
  },
};

/** Does not bundle these packages. Needed for packages that read their own files or contain native code. */
export function externalPlugin(packages: readonly string[]): Plugin {
  return {
    name: "convex external packages",
    setup(build) {
      build.onResolve({ filter: /^[^./#]/ }, async (args) => {
        const [, name = ""] = /^((?:@[^/]+\/)?[^/]+)/.exec(args.path) ?? [];
        const isExternal = packages.includes(name) ||
          packages.includes("*") && name !== "convex";
        const found = isExternal && await resolveOtherwise(build, args);
        // Anything that is not a package, such as a path alias of a tsconfig.json, is bundled.
        return found && /\/node_modules\//.test(found.path)
          ? { path: `file://${found.path}`, external: true }
          : undefined;
      });
    },
  };
}
