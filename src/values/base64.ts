/** Standard base64 with padding, as Convex writes bytes on the wire. */

const CHUNK_BYTES = 0x2000;

/** Methods of `Uint8Array` on newer hosts, which TypeScript does not know yet. */
interface NativeDecoder {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

/** The part of Node's `Buffer` that is used here. */
interface NodeBuffer {
  from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer>;
}

/** Up to this length, a loop is faster than `Buffer`. */
const SHORT = 64;

/** Encodes bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    // `apply`, because a spread iterates over the bytes, at eight times the cost.
    const chunk: ArrayLike<number> = bytes.subarray(at, at + CHUNK_BYTES);
    binary += String.fromCharCode.apply(undefined, chunk as number[]);
  }
  return btoa(binary);
}

/** Decodes a text; undefined if it is not standard base64 with padding. */
export function decodeBase64(
  text: string,
): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  if (length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = decodeLoosely(text);
  // If the host skipped anything, such as white space, bytes are missing.
  return bytes?.length === length / 4 * 3 - padding ? bytes : undefined;
}

/** Decodes with the host's own decoder if there is one, which is many times as fast as a loop. */
function decodeLoosely(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { fromBase64 } = Uint8Array as unknown as NativeDecoder;
  try {
    if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, text);
  } catch {
    return undefined;
  }
  const { Buffer } = globalThis as { Buffer?: NodeBuffer };
  if (Buffer !== undefined && text.length > SHORT) {
    // `Buffer` also accepts the URL-safe alphabet.
    if (/[-_]/.test(text)) return undefined;
    const { buffer, byteOffset, byteLength } = Buffer.from(text, "base64");
    // Small Buffers are views of a shared pool, so copy them.
    return byteLength === buffer.byteLength
      ? new Uint8Array(buffer)
      : new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
  }
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Encodes bytes for URLs and tokens: `-` and `_` instead of `+` and `/`, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes)
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
