import { MAX_FIELD_NAME_LENGTH } from "./limits.ts";

/**
 * Returns what is wrong with the name of an object's field, or undefined. A name has at most 1024 characters, all
 * printable ASCII, no leading `$`, and is not `__proto__`, which an assignment in JavaScript would lose.
 */
export function fieldNameProblem(name: string): string | undefined {
  const { length } = name;
  const shown = () => `Field name ${name.slice(0, 80)}`;
  if (length > MAX_FIELD_NAME_LENGTH) {
    return `${shown()}… exceeds maximum field name length ${MAX_FIELD_NAME_LENGTH}: it has ${length} characters.`;
  }
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code < 32 || code >= 127) {
      return `${shown()} has invalid character '${
        name[i]
      }': Field names can only contain non-control ASCII characters`;
    }
  }
  if (name[0] === "$") {
    return `${shown()} starts with a '$', which is reserved.`;
  }
  if (name === "__proto__") return `${shown()} is reserved.`;
}
