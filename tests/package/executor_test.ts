import { assertEquals } from "@std/assert";
import { deno, pathOf } from "../../tools/command.ts";
import { stage } from "../../tools/stage.ts";

const program = `
import { createExecutor } from "jsr:@cortex/memory/executor";

const executor = createExecutor({ handler: (n) => n ** 2, maxWorkers: 2 });
console.log(await Promise.all([executor.run(7), executor.run(8)]), executor.kind);
await executor.close();
`;

Deno.test("the published sources start workers on Deno without permissions", async () => {
  const folder = "dist/test/executor";
  await stage(`${folder}/package`);
  await Deno.writeTextFile(
    pathOf(`${folder}/deno.json`),
    JSON.stringify({
      imports: {
        "jsr:@cortex/memory/executor": "./package/src/executor/mod.ts",
      },
      lock: false,
    }),
  );
  await Deno.writeTextFile(pathOf(`${folder}/program.js`), program);
  const { code, stdout, stderr } = await deno(
    ["run", "--no-prompt", "--cached-only", "program.js"],
    { cwd: pathOf(folder), quiet: true, timeoutMs: 60_000 },
  );
  assertEquals(
    { code, stdout },
    { code: 0, stdout: "[ 49, 64 ] web-worker\n" },
    stderr,
  );
});
