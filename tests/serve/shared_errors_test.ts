import { assert, assertEquals } from "@std/assert";
import { build, stop } from "esbuild";
import { pathOf } from "../../tools/command.ts";
import { withSharedErrors } from "../../tools/serve/shared_errors.ts";

Deno.test("ConvexErrors of two bundles know one another, as npx convex writes them, and know nothing else", async () => {
  const options = [
    { keepNames: true },
    { keepNames: true, minifySyntax: true, minifyIdentifiers: true },
  ];
  const classes: (new (data: unknown) => Error)[] = [];
  for (const option of options) {
    const { outputFiles } = await build({
      ...option,
      stdin: {
        contents: `export { ConvexError } from "convex/values";`,
        resolveDir: pathOf("."),
      },
      bundle: true,
      write: false,
      format: "esm",
      target: "esnext",
    });
    const text = withSharedErrors(outputFiles[0]!.text);
    const module = await import(
      `data:text/javascript,${encodeURIComponent(text)}`
    );
    classes.push(module.ConvexError);
  }
  await stop();
  const [One, Two] = classes as [typeof classes[0], typeof classes[0]];
  assert(One !== Two);
  class Own extends One {}
  const own = new Own(1);
  assertEquals([own instanceof Own, own instanceof One, own instanceof Two], [
    ...[true, true, true],
  ]);
  assertEquals([new Two(1) instanceof One, new Two(1) instanceof Own], [
    true,
    false,
  ]);
  const others = [new Error("a"), null, 1, {}, [], { name: "ConvexError" }];
  for (const other of others) assert(!(other instanceof One), `${other}`);
});
