import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pathOf } from "../command.ts";
import { encodeBase64 } from "../../src/values/base64.ts";
import type { PlacesOf } from "../../src/engine/engine.ts";

/** Prefix of the names of sources of pushed modules, as the host reports them in a stack. */
const PUSHED = "convex-push:";

/** A line of a stack: whether it was waited, what was called, and where. */
const FRAME =
  /^ +at (async )?(?:(.*?) \()?((?:file|convex-push):\S+?):(\d+):(\d+)\)?$/;
/** What lies between the engine and the functions. */
const CONVEX = /\/node_modules\/convex\//;

/** Where errors were thrown in pushed functions, whose sources are named as `npx convex` has named them. */
export const placesInPushed: PlacesOf = (stack) =>
  lines(
    stack,
    (url) =>
      url.startsWith(PUSHED) ? decodeURI(url.slice(PUSHED.length)) : undefined,
  );

/**
 * Where errors were thrown in the functions of a folder, or in packages that they use. Files are named as `npx convex`
 * would name them, from a folder beside that of the functions: nobody learns where the project is.
 */
export function placesIn(folder: string): PlacesOf {
  const project = dirname(folder);
  const engine = pathOf("src/");
  const isOf = (path: string) =>
    path.startsWith(`${folder}/`) ||
    path.startsWith(`${project}/`) && !path.startsWith(engine);
  return (stack) =>
    lines(stack, (url) => {
      if (!url.startsWith("file:")) return undefined;
      const path = fileURLToPath(url);
      if (isOf(path)) return relative(`${project}/out`, path);
      const [, name] = /.*(\/node_modules\/.*)/.exec(path) ?? [];
      return name && `..${name}`;
    });
}

function lines(
  stack: string,
  nameOf: (url: string) => string | undefined,
): string[] {
  return stack.split("\n").flatMap((line) => {
    const [, async = "", called = "<anonymous>", url, row, column] =
      FRAME.exec(line) ?? [];
    const name = url && !CONVEX.test(url) && nameOf(url);
    // Convex counts columns from 0.
    return name
      ? [`    at ${async}${called} (${name}:${row}:${Number(column) - 1})`]
      : [];
  });
}

/** The map of a pushed module, without what its sources say; none of what is no map. */
export function mapOf(json: unknown): string | undefined {
  if (typeof json !== "string") return undefined;
  try {
    const { sourcesContent: _, ...map } = JSON.parse(json);
    return JSON.stringify(map);
  } catch {
    return undefined;
  }
}

/** The text of a pushed module with its source map, by which the host reports places in its sources. */
export function withMap(text: string, json: string | undefined): string {
  const map = mapOf(json);
  if (map === undefined) return text;
  const { sources, ...rest } = JSON.parse(map);
  const named = sources.map((name: string) => `${PUSHED}${encodeURI(name)}`);
  const bytes = new TextEncoder().encode(
    JSON.stringify({ ...rest, sourceRoot: "", sources: named }),
  );
  const own = text.replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return `${own}\n//# sourceMappingURL=data:application/json;base64,${
    encodeBase64(bytes)
  }\n`;
}
