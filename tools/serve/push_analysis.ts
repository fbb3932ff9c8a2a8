import type { Registered } from "../../src/engine/functions/functions.ts";
import { type Exports, kindOf } from "./check_functions.ts";
import type { PushedFunctions } from "./pushed_functions.ts";

/** The exported form of a configuration. */
interface DefinitionExport {
  definitionType: object;
  httpPrefix?: string;
  childComponents: { name: string; path: string }[];
  httpMounts: object;
  envVars?: unknown[];
}

type Branch = { type: "branch"; branch: [string, Branch | Leaf][] };
type Leaf = { type: "leaf"; leaf: string };

const APP: DefinitionExport = {
  definitionType: { type: "app" },
  childComponents: [],
  httpMounts: {},
};

/** The description of pushed functions from which `npx convex` generates types. */
export async function analysisOf(
  source: PushedFunctions,
): Promise<{ analysis: object; app: object }> {
  const analysis: { [path: string]: object } = {};
  const definitions = new Map<string, DefinitionExport>();
  for (const path of source.paths) {
    const defined = await source.definition(path) as unknown as
      | { export(): DefinitionExport }
      | undefined;
    const { httpPrefix, ...definition } = defined?.export() ?? APP;
    definitions.set(path, definition);
    const { schema, ...modules } = await source.anyModules(path);
    analysis[path] = {
      definition: {
        ...definition,
        path,
        definitionType: {
          ...definition.definitionType,
          ...(httpPrefix !== undefined && { httpPrefix }),
        },
        exports: exportsOf(modules),
      },
      schema: schema ? schemaOf(schema) : null,
      functions: Object.fromEntries(
        Object.entries(modules).map((
          [name, exports],
        ) => [`${name}.js`, { functions: functionsOf(exports) }]),
      ),
      udfConfig: { serverVersion: "0.0.0" },
    };
  }
  const place = (definitionPath: string, componentPath: string): object => {
    const { childComponents } = definitions.get(definitionPath)!;
    return {
      definitionPath,
      componentPath,
      args: {},
      childComponents: Object.fromEntries(
        childComponents.map((
          { name, path },
        ) => [
          name,
          place(path, componentPath === "" ? name : `${componentPath}/${name}`),
        ]),
      ),
      httpRoutes: { httpModuleRoutes: null, mounts: [] },
      exports: {},
    };
  };
  return { analysis, app: place("", "") };
}

function schemaOf({ default: schema }: Exports): object {
  return JSON.parse((schema as { export(): string }).export());
}

function functionsOf(exports: Exports): object[] {
  return Object.entries(exports).flatMap(([name, exported]) => {
    const registered = exported as Registered | null | undefined;
    const udfType = kindOf(registered);
    if (!registered || !udfType) return [];
    return [{
      name,
      udfType,
      visibility: { kind: registered.isPublic ? "public" : "internal" },
      args: registered.exportArgs?.() ?? null,
      returns: registered.exportReturns?.() ?? null,
    }];
  });
}

/** The public functions of a component, as the tree of names by which they are called. */
function exportsOf(modules: { [path: string]: Exports }): Branch {
  const root: Branch = { type: "branch", branch: [] };
  for (const [path, exports] of Object.entries(modules)) {
    for (const [name, exported] of Object.entries(exports)) {
      const registered = exported as Registered | null | undefined;
      if (!registered?.isPublic || !kindOf(registered)) continue;
      let at = root;
      for (const part of path.split("/")) at = branchOf(at, part);
      const leaf = `_reference/function/${path}:${name}`;
      at.branch.push([name, { type: "leaf", leaf }]);
    }
  }
  return root;
}

function branchOf(parent: Branch, name: string): Branch {
  const found = parent.branch.find(([other]) => other === name)?.[1];
  if (found?.type === "branch") return found;
  const made: Branch = { type: "branch", branch: [] };
  parent.branch.push([name, made]);
  return made;
}
