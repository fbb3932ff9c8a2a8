import { assertEquals } from "@std/assert";
import { testScale } from "../support/test_env.ts";

const SCRIPT = new URL("./paged_process.ts", import.meta.url).href;
/** What the process may have for its objects; the code alone takes a third of it. */
const HEAP_MEBIBYTES = 32;

Deno.test("a file larger than memory is written, read and changed", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const mebibytes = Math.ceil(HEAP_MEBIBYTES * (1.5 + 10 * testScale()));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--quiet",
        // Collects on its own thread: others come too late on a busy machine.
        `--v8-flags=--max-old-space-size=${HEAP_MEBIBYTES},--single-threaded-gc`,
        SCRIPT,
        String(mebibytes),
      ],
      env: { TMPDIR: directory },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assertEquals([code, text(stdout)], [0, "done\n"], text(stderr));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
