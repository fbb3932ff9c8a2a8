/** The files of a `convex/` folder. */

const CONFIG = /^convex\.config\.(ts|js|mts|mjs)$/;
const SOURCE = /\.([cm]?[jt]s|[jt]sx)$/;

/** The directive of a module that runs on Node, which comments and other directives may precede. */
const USE_NODE =
  /^(?:\s|;|\/\/[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/|(["'])use (?!node)\w+\1)*(["'])use node\2/;

/** Whether a path is that of a `convex.config`. */
export function isConfig(path: string): boolean {
  return CONFIG.test(path.replace(/.*\//, ""));
}

/** A module's path without its extension. */
export function stemOf(path: string): string {
  return path.replace(SOURCE, "");
}

/** Whether a file has functions. As on Convex, one in TypeScript has an import or an export to be a module. */
export function isModule(path: string, text: string): boolean {
  return !/\.tsx?$/.test(path) || /^\s{0,100}(import|export)/m.test(text);
}

/** Whether a module runs on Node. Throws for one that must not. */
export function isForNode(path: string, text: string): boolean {
  if (!USE_NODE.test(text)) return false;
  if (!/^(http|crons)$/.test(stemOf(path))) return true;
  throw new Error(`"use node" directive is not allowed for ${path}.`);
}

/** Name of the file in a folder that configures its components, if there is one. */
export async function configOf(folder: string): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(folder)) {
    if (CONFIG.test(name)) return name;
  }
  return undefined;
}

/** Paths of the modules in a folder. As on Convex, files with a second dot in their name are none. */
export async function modulePaths(root: string, below = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${below}`)) {
    if (/^[.#]|^node_modules$| /.test(name)) continue;
    if (isDirectory) {
      const folder = `${below}${name}`;
      // A folder with a `convex.config` of its own is a component.
      const isOwn = folder !== "_generated" &&
        await configOf(`${root}/${folder}`) === undefined;
      if (isOwn) paths.push(...await modulePaths(root, `${folder}/`));
    } else if (SOURCE.test(name)) {
      const stem = stemOf(name);
      const isAuth = below === "" && stem === "auth.config";
      // A `schema` in a subfolder is not a schema.
      const isModule = !stem.includes(".") &&
        (below === "" || stem !== "schema");
      if (isAuth || isModule) paths.push(below + name);
    }
  }
  return paths.sort();
}
