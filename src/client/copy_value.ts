/** Values of a copy that are made in one go. */
const PART = 4096;

type Container = { [name: string | number]: unknown };

/** Copies a decoded value, however large. Yields between parts of the work the bytes that it went through. */
export function* copy(value: unknown): Generator<number, unknown> {
  const top: Container = {};
  const left = [{ from: { value } as Container, to: top }];
  let count = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { from, to } = next;
    // The names of a list's members would cost more than all the rest.
    const names = Array.isArray(from) ? undefined : Object.keys(from);
    const length = names?.length ?? from.length as number;
    for (let at = 0; at < length; at++) {
      const name = names?.[at] ?? at;
      const member = from[name];
      if (++count % PART === 0) yield PART * 16;
      if (typeof member !== "object" || member === null) {
        to[name] = member;
      } else if (member instanceof ArrayBuffer) {
        to[name] = member.slice(0);
        yield member.byteLength / 16;
      } else {
        const made = (Array.isArray(member) ? [] : {}) as Container;
        to[name] = made;
        left.push({ from: member as Container, to: made });
      }
    }
  }
  return top.value;
}
