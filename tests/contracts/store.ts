import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { storeContract } from "../../src/testing/store/contract.ts";
import {
  type FileStoreSubject,
  storeFileContract,
} from "../../src/testing/store/file_contract.ts";
import { storeScrubCases } from "../../src/testing/store/scrub_cases.ts";
import {
  assertStoreError,
  type StoreSubject,
} from "../../src/testing/store/support.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { hasSqlite, inDirectory } from "../support/host_files.ts";

/** Runs a check with files in a directory of its own. */
function withFiles(
  check: (files: FileStoreSubject) => void | Promise<void>,
): Promise<void> {
  return inDirectory((directory, fs) =>
    check({
      path: (name) => `${directory}/${name}`,
      open: (path) => openSqliteStore({ path }),
      // Copied: the host's own class of buffers is not equal to plain bytes.
      read: (path) => new Uint8Array(fs.readFileSync(path)),
      write: (path, bytes) => fs.writeFileSync(path, bytes),
      exists: (path) => fs.existsSync(path),
      rename: (path, newPath) => fs.renameSync(path, newPath),
    })
  );
}

/** Each `open` makes a new file, `reopen` opens the last one again. */
function inFiles(files: FileStoreSubject): StoreSubject {
  let count = 0;
  return {
    open: () => files.open(files.path(`${++count}.db`)),
    reopen: () => files.open(files.path(`${count}.db`)),
  };
}

function sqliteCases(): ContractCase<void>[] {
  return [
    ...storeContract.map(({ name, run }) => ({
      name: `sqlite: ${name}`,
      run: () => withFiles((files) => run(inFiles(files))),
    })),
    ...[...storeFileContract, ...storeScrubCases].map(({ name, run }) => ({
      name: `sqlite file: ${name}`,
      run: () => withFiles(run),
    })),
  ];
}

const withoutSqlite: ContractCase<void>[] = [{
  name: "a host without SQLite says STORE_UNAVAILABLE and what is needed",
  run: () =>
    assertStoreError(
      () => openSqliteStore({ path: "memories.db" }),
      "STORE_UNAVAILABLE",
      "a file needs Node >= 22.13, Deno >= 2.2 or Bun; otherwise use openDurableObjectStore or openMemoryStore",
    ),
}];

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [
  ...storeContract.map(({ name, run }) => ({
    name: `memory: ${name}`,
    run: () => run({ open: openMemoryStore }),
  })),
  ...hasSqlite() ? sqliteCases() : withoutSqlite,
];
