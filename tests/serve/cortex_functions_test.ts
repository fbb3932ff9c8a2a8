/** The functions that `deno task serve` serves by default. */
import { assert, assertEquals } from "@std/assert";
import { pathOf } from "../../tools/command.ts";
import { cortexFunctions } from "../../tools/serve/cortex_functions.ts";

const site = {
  cloud: "http://127.0.0.1:3210",
  site: "http://127.0.0.1:3211",
};
const provider = { domain: "https://login.example.com", applicationID: "app" };

Deno.test("the providers of an auth.config that was added to Cortex's functions are known", async () => {
  const { authConfig } = await cortexFunctions(site);
  assertEquals(authConfig, undefined);

  // Beside the packages of the clone, which functions import.
  const folder = pathOf("dist/test/cortex_functions");
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(
    pathOf("tests/fixtures/client_backend.ts"),
    `${folder}/backend.ts`,
  );
  await Deno.writeTextFile(
    `${folder}/auth.config.ts`,
    `export default { providers: [${JSON.stringify(provider)}] };`,
  );
  const functions = await cortexFunctions(site, folder);
  assertEquals(functions.authConfig, { providers: [provider] });
  assert(functions.authConfigNow && functions.modules.backend);
  await Deno.remove(folder, { recursive: true });
});
