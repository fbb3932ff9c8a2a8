import { dirname, relative } from "node:path";
import { pathOf } from "../command.ts";
import { encodeBase64 } from "../../src/values/base64.ts";
import type { PlacesOf } from "../../src/engine/engine.ts";

/** Prefix of files in stacks. What follows is no URL, as Deno decodes it. */
export const FILE = "file://";
/** Prefix of the sources of pushed modules in stacks. */
const PUSHED = "convex-push:";

/** A line of a stack, but not of code that `eval` ran: whether it is asynchronous, the function, and its position. */
const FRAME =
  /^ +at (?!.*\), <anonymous>:)(async )?(?:(.*?) \()?((?:file|convex-push):.+?):(\d+):(\d+)\)?$/;
/** Frames of the package `convex`, which are left out. */
const CONVEX = /\/node_modules\/convex\//;

/** Finds where an error was thrown in pushed functions. Sources have the names that `npx convex` gave them. */
export const placesInPushed: PlacesOf = (stack) =>
  lines(
    stack,
    (url) =>
      url.startsWith(PUSHED) ? decodeURI(url.slice(PUSHED.length)) : undefined,
  );

/**
 * Finds where an error was thrown in the functions of a folder, or in their packages. As with `npx convex`, paths are
 * relative to a folder next to that of the functions, so they do not reveal where the project is.
 */
export function placesIn(folder: string): PlacesOf {
  const project = dirname(folder);
  const engine = pathOf("src/");
  const isOf = (path: string) =>
    path.startsWith(`${folder}/`) ||
    path.startsWith(`${project}/`) && !path.startsWith(engine);
  return (stack) =>
    lines(stack, (url) => {
      if (!url.startsWith(FILE)) return undefined;
      const path = url.slice(FILE.length);
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

/** The source map of a pushed module without its sources' text; undefined if it is not valid. */
export function mapOf(json: unknown): string | undefined {
  if (typeof json !== "string") return undefined;
  try {
    const { sourcesContent: _, ...map } = JSON.parse(json);
    return JSON.stringify(map);
  } catch {
    return undefined;
  }
}

/** The text of a pushed module with its source map, by which the host finds positions in the sources. */
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
