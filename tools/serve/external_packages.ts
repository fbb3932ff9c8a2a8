import { createHash } from "node:crypto";
import { HttpFault } from "../../src/server/http/http_fault.ts";
import { deno, isFile } from "../command.ts";

/** A package that a project does not bundle. */
export interface ExternalPackage {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
}

/** Installs the dependencies of the `package.json` in a folder. */
export type Install = (folder: string) => Promise<void>;

/** File that marks a folder whose packages are installed. */
const DONE = "installed";

/** Installs the packages that pushed modules for Node import. Each set is installed once, in a folder of its own. */
export class ExternalPackages {
  readonly #folder: string;
  readonly #install: Install;

  /** `folder` contains a folder for each set of packages. */
  constructor(folder: string, install: Install = installFromNpm) {
    this.#folder = folder;
    this.#install = install;
  }

  /** A folder below which modules find the packages. Throws `HttpFault` if they cannot be installed. */
  async folderOf(packages: readonly ExternalPackage[]): Promise<string> {
    const dependencies = Object.fromEntries(
      packages.map(({ name, version }) => [name, version]).sort(),
    );
    const text = JSON.stringify({ private: true, dependencies });
    const hash = createHash("sha256").update(text).digest("hex");
    const folder = `${this.#folder}/${hash.slice(0, 16)}`;
    if (await isFile(`${folder}/${DONE}`)) return folder;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/package.json`, text);
    // Otherwise, a configuration in a folder above would apply.
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      `{ "nodeModulesDir": "auto" }`,
    );
    try {
      await this.#install(folder);
    } catch (error) {
      throw new HttpFault(
        400,
        "ExternalPackages",
        `The packages that convex.json leaves out of the bundles cannot be installed: ${
          (error as Error).message
        }`,
      );
    }
    await Deno.writeTextFile(`${folder}/${DONE}`, "");
    return folder;
  }
}

/** As on Convex, packages cannot run scripts. */
async function installFromNpm(folder: string): Promise<void> {
  const { code, stderr } = await deno(["install", "--quiet"], {
    cwd: folder,
    quiet: true,
  });
  if (code !== 0) throw new Error(stderr.trim());
}
