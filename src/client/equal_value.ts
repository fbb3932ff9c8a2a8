/** Values that are compared in one go, and bytes of an `ArrayBuffer`. */
const PART = 4096;
const BYTES_PART = 1024 * 1024;

type Container = { [name: string | number]: unknown };

/**
 * Whether two decoded values are equal, however large. Yields between parts of the work the bytes that it went through.
 */
export function* equal(
  one: unknown,
  other: unknown,
): Generator<number, boolean> {
  const left: [Container, Container][] = [[{ one }, { one: other }]];
  let count = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [a, b] = next;
    const isList = Array.isArray(a);
    if (isList !== Array.isArray(b)) return false;
    // The names of a list's members would cost more than all the rest.
    const names = isList ? undefined : Object.keys(a);
    const length = names?.length ?? a.length as number;
    if (length !== (isList ? b.length : Object.keys(b).length)) return false;
    for (let at = 0; at < length; at++) {
      const name = names?.[at] ?? at;
      const [member, twin] = [a[name], b[name]];
      if (++count % PART === 0) yield PART * 16;
      if (Object.is(member, twin)) {
        if (typeof member === "string") yield member.length / 16;
      } else if (member instanceof ArrayBuffer && twin instanceof ArrayBuffer) {
        if (!(yield* areEqualBytes(member, twin))) return false;
      } else if (isContainer(member) && isContainer(twin)) {
        left.push([member, twin]);
      } else return false;
    }
  }
  return true;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null &&
    !(value instanceof ArrayBuffer);
}

function* areEqualBytes(
  one: ArrayBuffer,
  other: ArrayBuffer,
): Generator<number, boolean> {
  if (one.byteLength !== other.byteLength) return false;
  const [a, b] = [new Uint8Array(one), new Uint8Array(other)];
  for (let at = 0; at < a.length;) {
    for (const end = Math.min(a.length, at + BYTES_PART); at < end; at++) {
      if (a[at] !== b[at]) return false;
    }
    yield BYTES_PART / 4;
  }
  return true;
}
