/**
 * Whether the `Host` header of a request names a host, and no more: some hosts let the URL begin with whatever it says.
 * Of what goes on with a path or a query, whoever lets requests pass by their paths would see another one.
 */
export function namesHost({ headers, url }: Request): boolean {
  return !/[/?#@\\]/.test(headers.get("host") ?? "") && URL.canParse(url);
}
