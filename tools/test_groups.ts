/** Modules that import several test files each, because `deno test` loads the sources anew for every module it runs. */
import { pathOf, root } from "./command.ts";

/** Files of a folder that share a module; more, and at the end one processor waits for another. */
const MOST = 8;
/** Folders whose files take long, start programs, or must have the globals to themselves: each runs as it is. */
const BY_THEMSELVES = ["tests/contracts", "tests/package", "tests/convex_test"];

/** What `deno test` is given. */
export interface TestGroups extends AsyncDisposable {
  /** Paths of test files, and of modules that import several; those that take longest come first. */
  modules: string[];
}

/** Every test file, by folder. */
export async function testFiles(
  folder = "tests",
): Promise<{ [folder: string]: string[] }> {
  const files: string[] = [];
  let below: { [folder: string]: string[] } = {};
  for await (const { name, isDirectory } of Deno.readDir(pathOf(folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) below = { ...below, ...await testFiles(path) };
    else if (name.endsWith("_test.ts")) files.push(path);
  }
  return files.length > 0 ? { [folder]: files.sort(), ...below } : below;
}

/** Puts the files of each folder into groups, but for those that `isAlone` leaves out. */
export async function groupTests(
  isAlone: (file: string) => boolean,
): Promise<TestGroups> {
  const folder = await Deno.makeTempDir({ prefix: "tests_" });
  const long: string[] = [];
  const groups: string[] = [];
  for (const [name, all] of Object.entries(await testFiles())) {
    const files = all.filter((file) => !isAlone(file));
    if (BY_THEMSELVES.includes(name)) {
      long.push(...files);
      continue;
    }
    const count = Math.ceil(files.length / MOST);
    for (let group = 0; group < count; group++) {
      const path = `${folder}/${name.replaceAll("/", "_")}_${group}.ts`;
      const own = files.filter((_, at) => at % count === group);
      await Deno.writeTextFile(path, own.map(imported).join(""));
      groups.push(path);
    }
  }
  return {
    modules: [...long, ...groups],
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function imported(file: string): string {
  return `import ${JSON.stringify(new URL(file, root).href)};\n`;
}
