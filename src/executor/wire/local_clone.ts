/**
 * Clones a plain object by `structuredClone` into this realm. edge-runtime's own `structuredClone` makes objects of
 * the realm around it: their prototypes are others, and no check for a plain object would accept them.
 */
export function localClone<Message extends object>(
  message: Message,
  transfer: readonly object[] = [],
): Message {
  const clone = structuredClone(message, {
    transfer: transfer as ArrayBuffer[],
  });
  if (Object.getPrototypeOf(clone) !== Object.prototype) adopt(clone);
  return clone;
}

/** Gives everything inside a clone the prototypes of this realm. */
function adopt(clone: object): void {
  const seen = new Set<object>();
  const stack: unknown[] = [clone];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) {
      continue;
    }
    seen.add(value);
    const prototype = prototypeFor(value);
    if (prototype) Object.setPrototypeOf(value, prototype);
    if (ArrayBuffer.isView(value)) stack.push(value.buffer);
    else if (value instanceof Map) {
      for (const [key, item] of value) stack.push(key, item);
    } else if (value instanceof Set) {
      for (const item of value) stack.push(item);
    } else {
      for (const key of Object.keys(value)) {
        stack.push((value as { [key: string]: unknown })[key]);
      }
    }
  }
}

/** Errors keep theirs: they cross as data. */
const ADOPTED =
  /^(?:Object|Array|Map|Set|Date|RegExp|ArrayBuffer|DataView|(?:Big)?(?:Ui|I)nt\d+(?:Clamped)?Array|Float\d+Array)$/;

function prototypeFor(value: object): object | undefined {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (!ADOPTED.test(tag)) return undefined;
  return (globalThis as unknown as { [name: string]: { prototype: object } })[
    tag
  ]?.prototype;
}
