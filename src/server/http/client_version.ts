import { badRequest } from "./http_fault.ts";
import { withoutSlashes } from "./without_slashes.ts";

/**
 * How values are written: encoded, so that they can be decoded exactly, or clean, for callers without a Convex library.
 */
export type Format = "encoded" | "clean";

type Version = [major: number, minor: number, patch: number];

/** Last version of the npm client that Convex no longer supports. */
const LAST_UNSUPPORTED: Version = [0, 19, 1];
/** First versions of Convex's clients that send the format they want. */
const FORMAT_SINCE: { [client: string]: Version } = {
  npm: [1, 4, 1],
  python: [0, 5, 0],
};

/** First version of the npm client that joins chunks of a transition. */
const CHUNKS_SINCE: Version = [1, 28, 0];

/**
 * The default format of answers for a client, by its `Convex-Client` header, such as `npm-1.48.0`. Throws
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

/** The version in `/api/1.48.0/sync`; empty for `/api/sync`; undefined for other URLs. */
export function syncVersion(url: string): string | undefined {
  const { pathname } = new URL(url, "http://server");
  const [whole, version = ""] =
    /^\/api\/(?:([^/]+)\/)?sync$/.exec(withoutSlashes(pathname)) ?? [];
  return whole === undefined ? undefined : version;
}

/** Whether a client of a version, such as `1.48.0`, joins the chunks of a transition that is too long for one frame. */
export function joinsChunks(version: string): boolean {
  const [, major, minor, patch = 0] =
    /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return major !== undefined &&
    compare([Number(major), Number(minor), Number(patch)], CHUNKS_SINCE) >= 0;
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
