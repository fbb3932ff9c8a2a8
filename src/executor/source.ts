/**
 * The `data:` URL that starts a worker from the text of a module. It needs no file beside the module and no permission
 * on Deno, Bun and Node; a content security policy may forbid it in a browser. The text is given a short name, which
 * Node and browsers show in stacks instead of the whole URL.
 */
export function dataUrl(code: string): string {
  return "data:text/javascript," +
    encodeURIComponent(`${code}\n//# sourceURL=worker.js`);
}
