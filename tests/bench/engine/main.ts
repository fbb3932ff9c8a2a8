/**
 * The engine against Convex's mock and against SQLite alone, in Deno and in Node 24. Run by
 * `deno task bench:engine [SIZES [PART ...]]`; sizes are numbers of documents, by default `1000,10000,100000`; parts
 * are `reads`, `bulk`, `vectors` of the engines `mock`, `memory`, `file`, and `writes`: by default all.
 */
import { pathOf } from "../../../tools/command.ts";
import { installRuntimes } from "../../../tools/runtimes.ts";
import { type Line, report } from "./report.ts";

const sizes = Deno.args[0] ?? "1000,10000,100000";
const parts = Deno.args.slice(1);
const script = pathOf("tests/bench/engine/run.ts");

async function run(
  program: string,
  args: readonly string[],
): Promise<Line[]> {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout } = await new Deno.Command(program, {
      args: [...args, script, folder, sizes, ...parts],
      stdout: "piped",
      stderr: "inherit",
    }).output();
    if (code !== 0) throw new Error(`${program} ended with code ${code}`);
    return new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const node = (await installRuntimes()).node(24);
const runtimes: [string, () => Promise<Line[]>][] = [
  [
    `Deno ${Deno.version.deno}`,
    () =>
      run(Deno.execPath(), [
        "run",
        "-A",
        "--v8-flags=--max-old-space-size=6000",
      ]),
  ],
  [
    "Node 24",
    () => run(node, ["--no-warnings", "--max-old-space-size=6000"]),
  ],
];
for (const [name, measure] of runtimes) {
  console.log(`\n${report(name, await measure())}`);
}
