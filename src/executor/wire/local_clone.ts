/**
 * Clones a plain object into this realm with `structuredClone`. The one of edge-runtime makes objects of the surrounding
 * realm, whose prototypes differ, so that checks for plain objects reject them.
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

/** The prototype of this realm for an object. Errors need none, because they are sent as data. */
const ADOPTED =
  /^(?:Object|Array|Map|Set|Date|RegExp|ArrayBuffer|DataView|(?:Big)?(?:Ui|I)nt\d+(?:Clamped)?Array|Float\d+Array)$/;

function prototypeFor(value: object): object | undefined {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (!ADOPTED.test(tag)) return undefined;
  return (globalThis as unknown as { [name: string]: { prototype: object } })[
    tag
  ]?.prototype;
}
