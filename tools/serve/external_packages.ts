import { createHash } from "node:crypto";
import { HttpFault } from "../../src/server/http/http_fault.ts";
import { deno, isFile } from "../command.ts";

/** A package that a project leaves out of its bundles, and the version that it has. */
export interface ExternalPackage {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
}

/** Installs what the `package.json` in a folder names. Rejects with what is wrong. */
export type Install = (folder: string) => Promise<void>;

/** Is in a folder once its packages are there. */
const DONE = "installed";

/** Packages that pushed modules for Node import, each set of them installed once, in a folder of its own. */
export class ExternalPackages {
  readonly #folder: string;
  readonly #install: Install;

  /** Takes the folder that the others are in. */
  constructor(folder: string, install: Install = installFromNpm) {
    this.#folder = folder;
    this.#install = install;
  }

  /** A folder below which modules find the packages. Throws `HttpFault` where these cannot be installed. */
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
    // So that no configuration above it is its own.
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

/** As Convex does; packages run no scripts of theirs. */
async function installFromNpm(folder: string): Promise<void> {
  const { code, stderr } = await deno(["install", "--quiet"], {
    cwd: folder,
    quiet: true,
  });
  if (code !== 0) throw new Error(stderr.trim());
}
