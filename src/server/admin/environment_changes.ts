import { formatJson } from "../../values/format_json.ts";
import { isAbsent } from "../../values/kinds.ts";
import { utf8Length } from "../../values/size.ts";
import { badRequest, type HttpFault } from "../http/http_fault.ts";

/** One environment variable. */
export interface EnvironmentVariable {
  /** Its name. */
  name: string;
  /** Its value. */
  value: string;
}

/** A variable to set, or to remove if the value is null. */
export interface EnvironmentChange {
  /** Its name. */
  name: string;
  /** Its value. */
  value: string | null;
}

/** Convex's limits: bytes of a value, bytes of all names and values, and number of variables. */
const MAX_VALUE_BYTES = 8 * 1024;
const MAX_BYTES = 512 * 1024;
const MAX_VARIABLES = 512;
/** Variables set by the deployment itself. */
const BUILT_IN = ["CONVEX_CLOUD_URL", "CONVEX_SITE_URL"];

/**
 * Parses and checks changes to the `present` variables. Throws `HttpFault` for malformed ones, and for what Convex
 * refuses.
 */
export function readChanges(
  changes: unknown,
  present: readonly EnvironmentVariable[],
): EnvironmentChange[] {
  if (!Array.isArray(changes) || !changes.every(isChange)) {
    throw badRequest(
      "BadJsonBody",
      '"changes" must be an array of { name, value }',
    );
  }
  const next = new Map(present.map(({ name, value }) => [name, value]));
  const read = changes.map(({ name, value = null }) => {
    if (!/^[A-Za-z]\w{0,255}$/.test(name)) {
      throw refused(
        `the name must be a letter, then at most 255 letters, digits or underscores; got ${
          formatJson(name)
        }`,
      );
    }
    if (BUILT_IN.includes(name)) {
      throw refused(`${name} is the deployment's own and cannot be changed`);
    }
    const bytes = value === null ? 0 : utf8Length(value);
    if (bytes > MAX_VALUE_BYTES) {
      throw refused(
        `the value of ${name} must have at most ${MAX_VALUE_BYTES} bytes; got ${bytes}`,
      );
    }
    if (value === null) next.delete(name);
    else next.set(name, value);
    return { name, value };
  });
  if (next.size > MAX_VARIABLES) {
    throw refused(
      `there can be at most ${MAX_VARIABLES} variables; these would be ${next.size}`,
    );
  }
  let bytes = 0;
  for (const [name, value] of next) {
    bytes += utf8Length(name) + utf8Length(value);
  }
  if (bytes <= MAX_BYTES) return read;
  throw refused(
    `names and values must have at most ${MAX_BYTES} bytes; these would have ${bytes}`,
  );
}

function isChange(
  change: unknown,
): change is { name: string; value?: string | null } {
  const { name, value } = Object(change) as { name?: unknown; value?: unknown };
  return typeof name === "string" &&
    (isAbsent(value) || typeof value === "string");
}

function refused(message: string): HttpFault {
  return badRequest("InvalidEnvironmentVariable", message);
}
