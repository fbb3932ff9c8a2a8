/** Packages that `convex.json` leaves out of the bundles that are pushed. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  ExternalPackages,
  type Install,
} from "../../tools/serve/external_packages.ts";
import type { LoadedFunctions } from "../../tools/serve/load_functions.ts";
import { PushReceiver } from "../../tools/serve/push_receiver.ts";

const server = JSON.stringify(
  new URL("../../node_modules/convex/dist/esm/server/index.js", import.meta.url)
    .href,
);
const url = "http://127.0.0.1:3210";

function step(receiver: PushReceiver, name: string): Promise<unknown> {
  const source = `import { actionGeneric } from ${server};
    import told from "told";
    export const say = actionGeneric(async () =>
      [told.word, (await import("told")).default.word]);`;
  const body = {
    dryRun: false,
    appDefinition: {
      definition: null,
      dependencies: [],
      schema: null,
      changedModules: [{ path: "a.js", source, environment: "node" }],
    },
    componentDefinitions: [],
    nodeDependencies: [{ name: "told", version: "1.2.3" }],
  };
  return receiver.take(
    `deploy2/${name}`,
    new Request(url, { method: "POST", body: JSON.stringify(body) }),
  );
}

/** What the function says, after the files that it was loaded from are gone. */
async function said(functions: LoadedFunctions): Promise<unknown> {
  const { say } = functions.modules.a as unknown as {
    say: { _handler(): Promise<unknown> };
  };
  return await say._handler();
}

Deno.test("packages that a push leaves out are installed once, and found after a restart", async () => {
  const folder = await Deno.makeTempDir();
  const asked: string[] = [];
  const install: Install = async (folder) => {
    asked.push(await Deno.readTextFile(`${folder}/package.json`));
    const own = `${folder}/node_modules/told`;
    await Deno.mkdir(own, { recursive: true });
    await Deno.writeTextFile(`${own}/package.json`, `{ "main": "index.js" }`);
    await Deno.writeTextFile(
      `${own}/index.js`,
      `exports.word = require("path").join("a", "b");`,
    );
  };
  let served: LoadedFunctions | undefined;
  const open = (install: Install) =>
    new PushReceiver(
      `${folder}/pushed.json`,
      { cloud: url, site: url },
      (functions) => {
        served = functions;
        return Promise.resolve();
      },
      new ExternalPackages(`${folder}/packages`, install),
    );
  const error = await assertRejects(
    () => step(open(() => Promise.reject(new Error("no net"))), "start_push"),
    Error,
    "cannot be installed: no net",
  ) as Error & { code: string };
  assertEquals(error.code, "ExternalPackages");

  const receiver = open(install);
  await step(receiver, "start_push");
  await step(receiver, "wait_for_schema");
  assertEquals(await said(served!), ["a/b", "a/b"]);
  await step(receiver, "start_push");
  const again = open(() => Promise.reject(new Error("no net")));
  assertEquals(await said(await again.latest()), ["a/b", "a/b"]);
  assertEquals(asked.length, 1);
  assertStringIncludes(asked[0]!, `{"told":"1.2.3"}`);
  await Deno.remove(folder, { recursive: true });
});
