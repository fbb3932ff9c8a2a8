/**
 * The path with only one leading slash: Convex's clients send `//api/query` if the URL that they are given ends with a
 * slash.
 */
export function withoutSlashes(pathname: string): string {
  return pathname.replace(/^\/\/+/, "/");
}
