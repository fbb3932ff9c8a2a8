import { badRequest } from "./http_fault.ts";

/** How values are written in an answer: so that they can be read back exactly, or for callers without a library. */
export type Format = "encoded" | "clean";

type Version = [major: number, minor: number, patch: number];

/** Last version of the npm client that Convex does not talk to any more. */
const LAST_UNSUPPORTED: Version = [0, 19, 1];
/** First versions of Convex's clients that say themselves which format they want. */
const FORMAT_SINCE: { [client: string]: Version } = {
  npm: [1, 4, 1],
  python: [0, 5, 0],
};

/**
 * The format of an answer to a client that asks for none, by its `Convex-Client` header, such as `npm-1.48.0`. Throws
 * `ClientVersionUnsupported` for clients that are too old.
 */
export function defaultFormat(header: string | null): Format {
  const [, client = "", ...numbers] =
    /^([a-z-]+)-(\d+)\.(\d+)\.(\d+)/.exec(header ?? "") ?? [];
  const since = FORMAT_SINCE[client];
  if (!since) return "clean";
  const version = numbers.map(Number) as Version;
  if (client === "npm" && compare(version, LAST_UNSUPPORTED) <= 0) {
    throw badRequest(
      "ClientVersionUnsupported",
      `The Convex client, version ${
        version.join(".")
      }, is too old to talk to this deployment: update the npm package "convex"`,
    );
  }
  return compare(version, since) < 0 ? "encoded" : "clean";
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
