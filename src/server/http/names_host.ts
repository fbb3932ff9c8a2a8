/**
 * Whether the `Host` header of a request contains a host and nothing else. Some runtimes build the URL from whatever it
 * says: with a path or a query in it, the server would see another path than a proxy that filters by path.
 */
export function namesHost({ headers, url }: Request): boolean {
  return !/[/?#@\\]/.test(headers.get("host") ?? "") && URL.canParse(url);
}
