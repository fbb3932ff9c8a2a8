/** Levels of nesting that are written. */
const MAX_DEPTH = 5;
/** UTF-16 units of a text that are written. */
const MAX_TEXT = 32_768;
const STEP = "  ";
const plainName = /^[\w$]*$/;
const escapes: { [unit: string]: string } = {
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

/** Where a value occurs. */
interface Place {
  /** The objects that contain it, outermost first. */
  around: readonly object[];
  /** Whether it is written on one line, like the key of a map. */
  isFlat: boolean;
}

/**
 * A value as Convex writes it to a log: similar to source code, with texts in single quotes, objects and maps on
 * several lines.
 */
export function inspectValue(value: unknown): string {
  return inspect(value, { around: [], isFlat: false });
}

function inspect(value: unknown, place: Place): string {
  switch (typeof value) {
    case "string":
      return shortened(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return inspectFunction(value, place);
    case "object":
      return value === null ? "null" : inspectObject(value, place);
    default:
      return String(value);
  }
}

function inspectFunction(value: object, place: Place): string {
  if (place.around.includes(value)) return "[Circular]";
  const { name } = value as { name?: unknown };
  const members = inspectMembers(value, inside(value, place));
  return `[Function${name ? `: ${name}` : " (anonymous)"}]${
    members.length === 0 ? "" : ` { ${members.join(", ")} }`
  }`;
}

function inspectObject(value: object, place: Place): string {
  if (place.around.length >= MAX_DEPTH) {
    return Array.isArray(value) ? "[Array]" : "[Object]";
  }
  if (place.around.includes(value)) return "[Circular]";
  try {
    return inspectKnown(value, place, inside(value, place)) ??
      inspectPlain(value, place, inside(value, place));
  } catch {
    // A getter or a proxy that throws must not fail the function that logs it.
    return "[Object]";
  }
}

/** An object of a class that is written in its own way. */
function inspectKnown(
  value: object,
  place: Place,
  within: Place,
): string | undefined {
  if (Array.isArray(value)) return inspectArray(value, place, within);
  if (value instanceof Error) return inspectError(value, within);
  const { inspect: own } = value as { inspect?: unknown };
  if (typeof own === "function") return String(own.call(value));
  if (value instanceof Map) {
    const pairs = Array.from(
      value,
      ([key, item]) =>
        `${inspect(key, { ...within, isFlat: true })} => ${
          inspect(item, within)
        }`,
    );
    return `Map (${value.size}) {${joined(pairs, place)}}`;
  }
  if (value instanceof Set) {
    const items = Array.from(value, (item) => inspect(item, within));
    return `Set (${value.size}) {${joined(items, place)}}`;
  }
  if (value instanceof Date || value instanceof RegExp) return String(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (/^Weak(Map|Set|Ref)$/.test(kind)) return `${kind} { ? }`;
  if (!/^(String|Number|Boolean|Symbol|BigInt)$/.test(kind)) return undefined;
  const inner: unknown = value.valueOf();
  return typeof inner === "object"
    ? undefined
    : `Object(${inspect(inner, within)})`;
}

function inspectArray(value: unknown[], place: Place, within: Place): string {
  // Not `map`, which skips holes: they are written as nothing.
  const items = Array.from(
    { length: value.length },
    (_, at) => at in value ? inspect(value[at], within) : "",
  );
  for (const key of Object.keys(value)) {
    if (!(Number(key) < value.length)) {
      items.push(inspectMember(value, key, within));
    }
  }
  if (items.length === 0) return "[]";
  const isLong = !place.isFlat && items.some((item) => item.includes("\n"));
  return isLong ? `[${joined(items, place)}]` : `[ ${items.join(", ")} ]`;
}

function inspectError(value: Error, within: Place): string {
  const members = inspectMembers(value, within);
  if (
    Object.hasOwn(value, "cause") &&
    !Object.prototype.propertyIsEnumerable.call(value, "cause")
  ) {
    members.unshift(`[cause]: ${inspect(value.cause, within)}`);
  }
  return members.length === 0
    ? `[${value}]`
    : `{ [${value}] ${members.join(", ")} }`;
}

function inspectPlain(value: object, place: Place, within: Place): string {
  const members = inspectMembers(value, within);
  const tag = tagOf(value);
  if (members.length === 0) return `${tag}{}`;
  return place.isFlat
    ? `${tag}{ ${members.join(", ")} }`
    : `${tag}{${joined(members, place)}}`;
}

/** Prefix of an object: its class, and its tag unless it is a plain object. */
function tagOf(value: object): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return "";
  const name = (value as { constructor?: { name?: unknown } }).constructor;
  const className = typeof name === "function" && name.name
    ? `${name.name} `
    : "";
  const isObject = value instanceof Object;
  const kind = Symbol.toStringTag in value
    ? Object.prototype.toString.call(value).slice(8, -1)
    : isObject
    ? ""
    : "Object";
  const tags = [kind, isObject ? "" : "null prototype"].filter(Boolean);
  return className + (tags.length === 0 ? "" : `[${tags.join(": ")}] `);
}

function inspectMembers(value: object, within: Place): string[] {
  const symbols = Object.getOwnPropertySymbols(value).filter((symbol) =>
    Object.prototype.propertyIsEnumerable.call(value, symbol)
  );
  return [...Object.keys(value), ...symbols].map((key) =>
    inspectMember(value, key, within)
  );
}

function inspectMember(
  value: object,
  key: string | symbol,
  within: Place,
): string {
  const name = typeof key === "symbol"
    ? `[${String(key)}]`
    : plainName.test(key)
    ? key
    : quoted(key);
  return `${name}: ${inspect((value as never)[key], within)}`;
}

function inside(value: object, { around, isFlat }: Place): Place {
  return { around: [...around, value], isFlat };
}

/** Joins members, each on its own line unless the place is flat. */
function joined(members: readonly string[], { around, isFlat }: Place): string {
  if (members.length === 0 || isFlat) return members.join(", ");
  const end = `\n${STEP.repeat(around.length)}`;
  return end + STEP + members.join(`,${end}${STEP}`) + end;
}

function shortened(text: string): string {
  const rest = text.length - MAX_TEXT;
  if (rest <= 0) return quoted(text);
  return `${quoted(text.slice(0, MAX_TEXT))}... ${rest} more character${
    rest > 1 ? "s" : ""
  }`;
}

function quoted(text: string): string {
  const escaped = text.replace(/['\\]/g, "\\$&").replace(
    // deno-lint-ignore no-control-regex -- these are what it is about
    /[\x00-\x1f]/g,
    (unit) =>
      escapes[unit] ??
        `\\x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `'${escaped}'`;
}
