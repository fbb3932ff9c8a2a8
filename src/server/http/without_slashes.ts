/** A path that begins with one slash: Convex's clients write `//api/query` where the URL that they have ends with one. */
export function withoutSlashes(pathname: string): string {
  return pathname.replace(/^\/\/+/, "/");
}
