import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { relative } from "node:path";
import { OwnFile } from "../../src/store/own_file.ts";
import { openDatabase } from "../../src/store/sqlite_open.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { assertStoreError } from "../../src/testing/store/support.ts";
import { inDirectory } from "../support/host_files.ts";

const SCRIPT = new URL("./store_process.ts", import.meta.url).href;

function spawn(
  command: string,
  path: string,
  permissions: string[] = ["--allow-all"],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      ...permissions,
      SCRIPT,
      command,
      path,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Reads lines until one satisfies the test or the output ends; gives the last whole line. */
async function readUntil(
  child: Deno.ChildProcess,
  isEnough: (line: string) => boolean,
): Promise<string> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let last = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const lines = text.split("\n");
    text = lines.pop()!;
    last = lines.at(-1) ?? last;
    if (done || lines.some(isEnough)) {
      await reader.cancel();
      return last;
    }
  }
}

Deno.test("a file that ends within a page opens if the log has the rest, also by a link to another folder", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    const left = `${directory}/left`;
    await Deno.mkdir(left);
    const store = openSqliteStore({ path });
    store.write([{ key: "a", value: "1" }]);
    store.flush();
    // As a crash leaves them, after a checkpoint for which there was no room.
    for (const name of ["a.db", "a.db-wal"]) {
      await Deno.copyFile(`${directory}/${name}`, `${left}/${name}`);
    }
    store.close();
    await Deno.writeFile(`${left}/a.db`, new Uint8Array(9), { append: true });
    await Deno.symlink(`${left}/a.db`, `${directory}/link.db`);
    const again = openSqliteStore({ path: `${directory}/link.db` });
    assertEquals(again.get("a"), "1");
    again.close();
  });
});

Deno.test("a relative path is that from the working directory, as permissions for a link do not hold for its file", async () => {
  await inDirectory(async (directory) => {
    await Deno.symlink("a.db", `${directory}/link.db`);
    const path = relative(Deno.cwd(), `${directory}/link.db`);
    const database = openDatabase(path);
    assertEquals(new OwnFile(database, path).path, `${Deno.cwd()}/${path}`);
    database.close();
  });
});

Deno.test("what flush returned from survives a kill, batches are whole", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    const child = spawn("fill", path);
    const last = await readUntil(child, (line) => Number(line) >= 60);
    child.kill("SIGKILL");
    await child.stdin.close();
    await child.status;
    const store = openSqliteStore({ path });
    const count = [...store.scan({ start: "" })].length;
    assertStrictEquals(count % 10, 0);
    assert(count / 10 > Number(last), `${count} keys, acknowledged ${last}`);
    store.close();
  });
});

Deno.test("a file that another process holds is STORE_LOCKED until it ends", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    const child = spawn("hold", path);
    assertStrictEquals(await readUntil(child, () => true), "opened");
    assertStoreError(() => openSqliteStore({ path }), "STORE_LOCKED");
    await child.stdin.close();
    await child.status;
    openSqliteStore({ path }).close();
  });
});

Deno.test("of processes that open one file at once exactly one gets it", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    // The first round makes the file, the second one opens it.
    for (let round = 0; round < 2; round++) {
      const children = Array.from({ length: 4 }, () => spawn("hold", path));
      const answers = await Promise.all(
        children.map((child) => readUntil(child, () => true)),
      );
      await Promise.all(children.map((child) => child.stdin.close()));
      await Promise.all(children.map((child) => child.status));
      assertEquals(
        answers.map((answer) => answer.split(" ")[0]).sort(),
        ["STORE_LOCKED", "STORE_LOCKED", "STORE_LOCKED", "opened"],
      );
    }
  });
});

Deno.test("a missing permission of Deno is STORE_OPEN_FAILED and named", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    for (
      const [given, missing] of [
        [[], "--allow-read"],
        [["--allow-read"], "--allow-write"],
      ] as const
    ) {
      const child = spawn("hold", path, [...given]);
      const answer = await readUntil(child, () => true);
      await child.stdin.close();
      await child.status;
      assertStringIncludes(answer, "STORE_OPEN_FAILED");
      assertStringIncludes(answer, missing);
    }
  });
});
