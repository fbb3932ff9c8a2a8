/** Largest request body that Convex's public API reads, in bytes: 16 MiB of arguments and their envelope. */
export const MAX_BODY_BYTES: number = 16 * 1024 * 1024 + 2000;

/**
 * Reads a request's body as text, at most `maxBytes` of it; `undefined` when there is more. The length that the
 * request declares is believed only when it is too large: a body may be longer than it says.
 */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<string | undefined> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > maxBytes) {
    await request.body?.cancel();
    return undefined;
  }
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
