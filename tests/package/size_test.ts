import { assert } from "@std/assert";
import { stop } from "esbuild";
import { measureOurs } from "../bench/size/programs.ts";

Deno.test("what an edge host loads stays within its budget", async () => {
  const sizes = await measureOurs();
  await stop();
  // At once: the client and the facade's shell. Then the modules, by the first call of each.
  assert(sizes.client <= 9_190, `the client takes ${sizes.client}`);
  assert(sizes.facade <= 12_000, `client and facade take ${sizes.facade}`);
  assert(
    sizes.facadeRemembering <= 46_990,
    `with what remember, recall and live queries load it is ${sizes.facadeRemembering}`,
  );
  assert(
    sizes.everything <= 71_310,
    `with every module it is ${sizes.everything}`,
  );
});
