/**
 * Builds the npm package: ES modules for Node 20 or newer and their types, without dependencies. `deno task npm`
 *
 * Each export of `deno.json` becomes a module of the package; what they share, and what is loaded on demand, lies in
 * `chunks`. The packages of `@std` are bundled; any other package that an export names is a peer, left to its user.
 */
import denoConfig from "../deno.json" with { type: "json" };
import packageConfig from "../package.json" with { type: "json" };
import { deno, pathOf } from "./command.ts";
import { copyDocuments } from "./documents.ts";
import { generated } from "./gen.ts";
import { bundledFiles, thirdPartyNotices } from "./notices.ts";

const folder = "dist/npm";

/**
 * Versions of peers that do, where older ones than ours do: npm refuses to install the package beside any other, also
 * for those who never call what needs the peer. `tests/package/npm_test.ts` looks at what it is used for.
 */
const OLDEST: { [peer: string]: string } = { convex: "^1.17.0" };

/** Name of an export's module below the package, without ending. */
const moduleName = (specifier: string) =>
  specifier === "." ? "mod" : specifier.replace("./", "");

/** Declarations of an export's source, below the folder of types. */
const typesOf = (path: string) => path.slice(2).replace(/\.ts$/, ".d.ts");

/** Bundles the exports; returns the files in the bundles and the packages that they leave to their user. */
async function bundle(): Promise<{ files: string[]; peers: string[] }> {
  const { build, stop } = await import("esbuild");
  try {
    const { metafile } = await build({
      entryPoints: Object.fromEntries(
        Object.entries(denoConfig.exports)
          .map(([name, path]) => [moduleName(name), pathOf(path)]),
      ),
      outdir: pathOf(folder),
      bundle: true,
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      format: "esm",
      platform: "neutral",
      target: "es2022",
      charset: "utf8",
      mainFields: ["module", "main"],
      external: [
        "node:*",
        "bun:*",
        "cloudflare:*",
        ...Object.keys(packageConfig.devDependencies)
          .filter((name) => !name.startsWith("@std/")),
      ].filter((name) => name !== "deno-std"),
      metafile: true,
      logLevel: "error",
    });
    const named = Object.values(metafile.outputs)
      .flatMap(({ imports }) => imports)
      .filter(({ external, path }) => external && !/^[a-z]+:/.test(path))
      .map(({ path }) => /^(?:@[^/]+\/)?[^/]+/.exec(path)![0]);
    return {
      files: Object.keys(metafile.inputs),
      peers: [...new Set(named)].sort(),
    };
  } finally {
    await stop();
  }
}

/** Runs the TypeScript compiler. Throws what it complains of. */
export async function tsc(args: string[], cwd?: string): Promise<void> {
  const { code, stdout } = await deno([
    "run",
    "-A",
    pathOf("node_modules/typescript/bin/tsc"),
    ...args,
  ], { cwd, quiet: true });
  if (code !== 0) throw new Error(`tsc failed:\n${stdout}`);
}

/** Writes the types, a declaration a module. */
async function declare(): Promise<void> {
  await tsc([
    ...Object.values(denoConfig.exports),
    ...["--ignoreConfig", "--declaration", "--emitDeclarationOnly"],
    ...["--allowImportingTsExtensions", "--rewriteRelativeImportExtensions"],
    ...["--module", "nodenext", "--target", "es2023", "--skipLibCheck"],
    ...["--lib", "es2024,dom,dom.iterable,esnext.disposable"],
    ...["--types", "node", "--outDir", `${folder}/types`, "--rootDir", "."],
  ]);
  // What can be disposed of must be known as such to a project whose `lib` is of an older year.
  for (const path of Object.values(denoConfig.exports)) {
    const file = pathOf(`${folder}/types/${typesOf(path)}`);
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      `/// <reference lib="esnext.disposable" />\n${text}`,
    );
  }
}

/** Builds the package and returns its folder. */
export async function buildNpm(): Promise<string> {
  await Deno.remove(pathOf(folder), { recursive: true }).catch(() => {});
  const [{ files, peers }] = await Promise.all([bundle(), declare()]);
  const { name, version, license } = denoConfig;
  const versions = packageConfig.devDependencies as Record<string, string>;
  await Deno.writeTextFile(
    pathOf(`${folder}/package.json`),
    JSON.stringify(
      {
        name,
        version,
        license,
        description: "Memory for AI agents, embedded or on Convex",
        type: "module",
        sideEffects: false,
        engines: { node: ">=20" },
        // For TypeScript's oldest way of resolving, and tools like it.
        main: `./${moduleName(".")}.js`,
        types: "./types/mod.d.ts",
        exports: {
          ...Object.fromEntries(
            Object.entries(denoConfig.exports).map(([specifier, path]) => [
              specifier,
              {
                types: `./types/${typesOf(path)}`,
                default: `./${moduleName(specifier)}.js`,
              },
            ]),
          ),
          // Tools read a package's version from there.
          "./package.json": "./package.json",
        },
        ...(peers.length > 0 && {
          peerDependencies: Object.fromEntries(
            peers.map((peer) => [peer, OLDEST[peer] ?? `^${versions[peer]}`]),
          ),
          peerDependenciesMeta: Object.fromEntries(
            peers.map((peer) => [peer, { optional: true }]),
          ),
        }),
      },
      null,
      2,
    ) + "\n",
  );
  await copyDocuments(folder);
  await Deno.writeTextFile(
    pathOf(`${folder}/THIRD_PARTY_NOTICES`),
    await thirdPartyNotices([
      ...files,
      ...await bundledFiles(generated.map(({ target }) => target)),
    ]),
  );
  return pathOf(folder);
}

if (import.meta.main) console.log(`built ${await buildNpm()}`);
