/**
 * Global that is set in a Web Worker started from text on Bun, where nothing else tells it from a `node:worker_threads`
 * one.
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
 * The URL by which a worker imports a module. Bun reads a `data:` URL on another thread, and a worker waits 1 to 50 ms
 * for it while the processors are busy starting the worker; a `blob:` URL is read at once.
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
  // Deno never frees the text of a `data:` worker, but frees that of a `blob:` one when it is revoked. Bun reads a blob
  // sooner. Browsers get `data:`, because some content security policies allow it and not `blob:`.
  if (!isBun && !("Deno" in globalThis)) {
    return { url: dataUrl(text), release: () => {} };
  }
  const url = blobUrl(named(text));
  return { url, release: () => URL.revokeObjectURL(url) };
}

function blobUrl(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** Gives a script the short name that stacks show. */
export function named(code: string): string {
  return `${code}\n//# sourceURL=worker.js`;
}
