import { isAddress, mustBe } from "../check.ts";

/**
 * A deployment's address without its trailing slash. Throws `ClientError` `INVALID_ARGUMENT` unless it is an absolute
 * `http:` or `https:` URL without a user, a query or a fragment, and not under `.convex.site`; a message calls it by
 * `name`, and never shows a password.
 */
export function deploymentUrl(url: string | URL, name = "url"): string {
  const refused = (bound: string, value: unknown, text?: string) =>
    mustBe(
      name,
      `${bound}, such as "https://happy-animal-123.convex.cloud"`,
      value,
      text,
    );
  const parsed = parse(url);
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw refused("an absolute http: or https: URL", url, parsed?.protocol);
  }
  if (parsed.username + parsed.password !== "") {
    throw refused(
      "a URL without user name and password (use auth)",
      undefined,
      parsed.origin,
    );
  }
  if (parsed.search + parsed.hash !== "") {
    throw refused("a URL without query and fragment", parsed.origin);
  }
  if (parsed.hostname.endsWith(".convex.site")) {
    throw refused("under .convex.cloud", parsed.origin);
  }
  return parsed.origin + parsed.pathname.replace(/\/+$/, "");
}

function parse(url: unknown): URL | undefined {
  try {
    return isAddress(url) ? new URL(url) : undefined;
  } catch {
    return undefined;
  }
}
