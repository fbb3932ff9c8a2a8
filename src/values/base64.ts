/** Standard base64 with padding, as Convex writes bytes on the wire. */

const CHUNK_BYTES = 0x2000;

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
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
