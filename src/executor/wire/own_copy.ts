/** From this length on, in bytes, a copy that moves is made faster than a clone. */
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
 * A copy of a large buffer, or of a view with all of its buffer, that can be moved to where a clone would go. Cloning
 * copies twice, into the message and out of it. `undefined` where only a clone is the same.
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
  // V8 fills the buffer of a `slice` with zeros first.
  const copy = new Uint8Array(new Uint8Array(buffer)).buffer;
  if (!view) return { copy, transfer: [copy] };
  // Of a subclass, such as Node's Buffer, a clone is of the class itself.
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
