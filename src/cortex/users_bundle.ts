/** Converts JSON of `users.export` to the lines of rows that the backend imports. */
import { NOT_JSON } from "../convex/lib/moduleCodes.ts";
import { INVALID_ARGUMENT } from "./rules/words.ts";
import { ClientError } from "../errors.ts";
import { pick } from "./calls/pick.ts";
import { got } from "./rules/rules.ts";

type Fields = Record<string, unknown>;

/** Yields the lines of an export. A row comes after the one that it belongs to. */
export function* bundleLines(json: string): Generator<string, void, undefined> {
  for (const [at, user] of objectsOf(parse(json), "it").entries()) {
    const { versionHistory, conversations, memories, ...profile } = user;
    const where = `user ${at + 1}`;
    const versions = objectsOf(versionHistory, where);
    // The current version is the profile itself, and tells when it began.
    const current = versions.find(({ version }) => version === user.version);
    const versionStartedAt = current?.timestamp;
    yield line("immutable", { ...profile, versionStartedAt });
    const of = pick(user, "id", "createdAt");
    for (const version of versions) {
      if (version !== current) yield line("immutableVersions", version, of);
    }
    for (const { messages, ...row } of objectsOf(conversations, where)) {
      yield line("conversations", row);
      const of = pick(row, "conversationId", "createdAt");
      for (const message of objectsOf(messages, where)) {
        yield line("messages", message, of);
      }
    }
    for (const { previousVersions, ...row } of objectsOf(memories, where)) {
      yield line("memories", row);
      const of = pick(row, "memorySpaceId", "memoryId", "createdAt");
      for (const version of objectsOf(previousVersions, where)) {
        yield line("memoryVersions", version, of);
      }
    }
  }
}

function line(table: string, shown: Fields, of?: Fields): string {
  return JSON.stringify({ table, of, shown });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return refuse(NOT_JSON);
  }
}

/** Checks that a list, which may be absent, contains objects. */
function objectsOf(list: unknown = [], where: string): Fields[] {
  const isObject = (item: unknown) => typeof item === "object" && item !== null;
  return Array.isArray(list) && list.every(isObject)
    ? list as Fields[]
    : refuse(`${where} has no list of objects: ${got(list)}`);
}

function refuse(why: string): never {
  throw new ClientError(
    INVALID_ARGUMENT,
    `source must be what exportAll or users.export wrote, and ${why}`,
  );
}
