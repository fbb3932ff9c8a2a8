/** A name for a request in messages and logs: 16 hex digits. */
export function newRequestId(): string {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(8))) {
    id += byte.toString(16).padStart(2, "0");
  }
  return id;
}
