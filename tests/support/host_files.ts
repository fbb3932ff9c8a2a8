/** SQLite and files of the host that runs the tests, whichever it is. */
import { isCortexError } from "../../src/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";

/** The few calls of Node's file system that tests need. */
export interface NodeFs {
  mkdtempSync(prefix: string): string;
  rmSync(path: string, options: { recursive: true }): void;
  readFileSync(path: string): Uint8Array;
  writeFileSync(path: string, bytes: Uint8Array): void;
  existsSync(path: string): boolean;
  renameSync(path: string, newPath: string): void;
}

/** Whether this host has SQLite; a host without it says so with a code of its own. */
export function hasSqlite(): boolean {
  try {
    openSqliteStore({ path: ":memory:" }).close();
    return true;
  } catch (error) {
    if (isCortexError(error) && error.code === "STORE_UNAVAILABLE") {
      return false;
    }
    throw error;
  }
}

/** Runs a function with a directory of its own, which is removed afterwards. Not on hosts without files. */
export async function inDirectory<Result>(
  run: (directory: string, fs: NodeFs) => Result | Promise<Result>,
): Promise<Result> {
  const fs = builtin<NodeFs>("node:fs");
  const { tmpdir } = builtin<{ tmpdir(): string }>("node:os");
  const directory = fs.mkdtempSync(`${tmpdir()}/cortex-`);
  try {
    return await run(directory, fs);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

function builtin<Module>(name: string): Module {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule: (name: string) => Module };
  };
  return process.getBuiltinModule(name);
}
