/** From this length in bytes, copying a buffer and transferring the copy is faster than cloning it. */
const LARGE = 65_536;
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);

/** True for a buffer, or a view of one, that is large and not shared. */
export function isLarge(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  try {
    return buffer instanceof ArrayBuffer && buffer.byteLength >= LARGE;
  } catch {
    // A proxy's trap threw.
    return false;
  }
}

/**
 * Copies a large buffer, or a view with its whole buffer, to be transferred instead of cloned. Cloning copies twice: into
 * the message and out of it. `undefined` where a transferred copy would differ from a clone.
 */
export function ownCopy(
  value: unknown,
): { copy: unknown; transfer: readonly ArrayBuffer[] } | undefined {
  if (!isLarge(value)) return undefined;
  const view = ArrayBuffer.isView(value) ? value : undefined;
  const buffer = (view?.buffer ?? value) as ArrayBuffer;
  const isPlain = Object.getPrototypeOf(buffer) === ArrayBuffer.prototype &&
    !(buffer as { resizable?: boolean }).resizable;
  if (!isPlain) return undefined;
  // Not `slice`: V8 fills its buffer with zeros first.
  const copy = new Uint8Array(new Uint8Array(buffer)).buffer;
  if (!view) return { copy, transfer: [copy] };
  // A clone of a subclass, such as Node's Buffer, has the built-in class.
  const name: string = Reflect.get(TypedArray, Symbol.toStringTag, view) ??
    "DataView";
  const View = (globalThis as unknown as {
    [name: string]: new (
      buffer: ArrayBuffer,
      at: number,
      length: number,
    ) => unknown;
  })[name];
  if (typeof View !== "function") return undefined;
  const { byteOffset, byteLength } = view;
  const { length = byteLength } = view as { length?: number };
  return { copy: new View(copy, byteOffset, length), transfer: [copy] };
}
