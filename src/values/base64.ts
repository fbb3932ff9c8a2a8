/** Standard base64 with padding, as Convex writes bytes on the wire. */

const CHUNK_BYTES = 0x2000;

/** What newer hosts' `Uint8Array` can, and TypeScript does not know yet. */
interface NativeDecoder {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

/** Encodes bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    // A spread would walk the bytes with an iterator, at eight times the cost.
    const chunk: ArrayLike<number> = bytes.subarray(at, at + CHUNK_BYTES);
    binary += String.fromCharCode.apply(undefined, chunk as number[]);
  }
  return btoa(binary);
}

/** Decodes a text, or gives undefined when it is not standard base64 with padding. */
export function decodeBase64(
  text: string,
): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return undefined;
  }
  // The host's own is four times as fast, where there is one; it would pass over white space, hence the test before.
  const { fromBase64 } = Uint8Array as unknown as NativeDecoder;
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Encodes bytes for URLs and tokens: `-` and `_` in the place of `+` and `/`, and no padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes)
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
