import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";
import { pathOf } from "../command.ts";

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
} from "convex/server";
export const env = process.env;`,
  dataModel: "export {};",
};

/** Leaves Node's own modules to the host, but where a package has another one in the place of it. */
export const builtinPlugin: Plugin = {
  name: "modules of Node",
  setup(build) {
    build.onResolve({ filter: /^[a-z:_/0-9]+$/ }, async (args) => {
      const { path, importer, resolveDir, kind, pluginData } = args;
      if (pluginData === "asked" || !isBuiltin(path)) return undefined;
      const found = await build.resolve(path, {
        importer,
        resolveDir,
        kind,
        pluginData: "asked",
      });
      // Where a package says that there is to be none, esbuild makes an empty one.
      return found.errors.length === 0
        ? undefined
        : { path: `node:${path.replace(/^node:/, "")}`, external: true };
    });
  },
};

/** Supplies modules of `_generated` that are not there. */
export const generatedPlugin: Plugin = {
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

/** What Convex's bundler has beyond esbuild: `.wasm` files are modules of WebAssembly, `server-only` is nothing. */
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
      if (args.pluginData === "asked") return undefined;
      const { path, importer, resolveDir, kind, namespace } = args;
      if (namespace === "wasm") return { path, namespace: "wasm bytes" };
      const found = await build.resolve(path, {
        importer,
        resolveDir,
        kind,
        pluginData: "asked",
      });
      return found.errors.length > 0
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

/** Leaves packages where they are, as those must be that read files of their own or have parts in machine code. */
export function externalPlugin(packages: readonly string[]): Plugin {
  return {
    name: "convex external packages",
    setup(build) {
      build.onResolve({ filter: /^[^./#]/ }, async (args) => {
        const { path, importer, resolveDir, kind, pluginData } = args;
        const [, name = ""] = /^((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
        const isExternal = packages.includes(name) ||
          packages.includes("*") && name !== "convex";
        if (pluginData === "asked" || !isExternal) return undefined;
        const found = await build.resolve(path, {
          importer,
          resolveDir,
          kind,
          pluginData: "asked",
        });
        // What is no package, such as a path of a tsconfig.json, is bundled.
        return /\/node_modules\//.test(found.path)
          ? { path: `file://${found.path}`, external: true }
          : undefined;
      });
    },
  };
}
