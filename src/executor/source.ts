/**
 * The `data:` URL that starts a worker from the text of a module. It needs no file beside the module and no permission
 * on Deno, Bun and Node; a content security policy may forbid it in a browser. The text is given a short name, which
 * Node and browsers show in stacks instead of the whole URL.
 */
export function dataUrl(code: string): string {
  return "data:text/javascript," + encodeURIComponent(named(code));
}

/** A URL that starts a Web Worker from the text of a module; release it once the worker has loaded. */
export function codeUrl(code: string): { url: string; release: () => void } {
  // Deno keeps the text of each `data:` worker for good, the text of a `blob:` one until it is revoked.
  if (!("Deno" in globalThis)) return { url: dataUrl(code), release: () => {} };
  const url = URL.createObjectURL(
    new Blob([named(code)], { type: "text/javascript" }),
  );
  return { url, release: () => URL.revokeObjectURL(url) };
}

function named(code: string): string {
  return `${code}\n//# sourceURL=worker.js`;
}
