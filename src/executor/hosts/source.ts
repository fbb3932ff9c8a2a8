/**
 * Set in a Web Worker that was started from text, where the host gives no other sign that it is no worker thread
 * (Bun).
 */
export const WEB_WORKER: unique symbol = Symbol.for("cortex.web-worker");

const DATA = "data:text/javascript,";

/**
 * The `data:` URL that starts a worker from the text of a module. It needs no file beside the module and no permission
 * on Deno, Bun and Node; a content security policy may forbid it in a browser. The text is given a short name, which
 * Node and browsers show in stacks instead of the whole URL.
 */
export function dataUrl(code: string): string {
  return DATA + encodeURIComponent(named(code));
}

/**
 * The URL by which a worker imports a module. Bun has the text of a `data:` URL read by a thread of its own, for which
 * a worker waits for 1 to 50 ms as long as the processors are busy with its start; that of a blob is there at once.
 */
export function nearUrl(url: string): string {
  const { Bun } = globalThis as { Bun?: { isMainThread: boolean } };
  if (!Bun || Bun.isMainThread || !url.startsWith(DATA)) return url;
  return blobUrl(decodeURIComponent(url.slice(DATA.length)));
}

/** A URL that starts a Web Worker from the text of a module; release it once the worker has loaded. */
export function codeUrl(code: string): { url: string; release: () => void } {
  const isBun = "Bun" in globalThis;
  const text = isBun
    ? `globalThis[Symbol.for("${WEB_WORKER.description}")]=true;${code}`
    : code;
  // Deno keeps the text of each `data:` worker for good, that of a `blob:` one until it is revoked. Bun reads a blob
  // sooner. Browsers have policies that allow `data:` and not `blob:`.
  if (!isBun && !("Deno" in globalThis)) {
    return { url: dataUrl(text), release: () => {} };
  }
  const url = blobUrl(named(text));
  return { url, release: () => URL.revokeObjectURL(url) };
}

function blobUrl(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** Text under a short name. */
export function named(code: string): string {
  return `${code}\n//# sourceURL=worker.js`;
}
