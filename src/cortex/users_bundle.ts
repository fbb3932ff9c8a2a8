/** Converts JSON of `users.export` to the lines of rows that the backend imports. */
import { NOT_JSON } from "../convex/lib/moduleCodes.ts";
import { INVALID_ARGUMENT } from "./rules/words.ts";
import { ClientError } from "../errors.ts";
import { got } from "./rules/rules.ts";

type Fields = Record<string, unknown>;

/** Yields the lines of an export. A row comes after the one that it belongs to. */
export function* bundleLines(json: string): Generator<string, void, undefined> {
  for (const [at, user] of objectsOf(parse(json), "it").entries()) {
    const { versionHistory, conversations, memories, ...profile } = user;
    const where = `user ${at + 1}`;
    yield line("immutable", profile);
    const { id, createdAt } = profile;
    for (const version of objectsOf(versionHistory, where)) {
      // The current version is the profile itself.
      if (version.version === profile.version) continue;
      yield line("immutableVersions", version, { id, createdAt });
    }
    for (const { messages, ...row } of objectsOf(conversations, where)) {
      yield line("conversations", row);
      const { conversationId, createdAt } = row;
      for (const message of objectsOf(messages, where)) {
        yield line("messages", message, { conversationId, createdAt });
      }
    }
    for (const { previousVersions, ...row } of objectsOf(memories, where)) {
      yield line("memories", row);
      const { memorySpaceId, memoryId, createdAt } = row;
      const of = { memorySpaceId, memoryId, createdAt };
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
