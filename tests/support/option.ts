/** The value of an option of this program, given as `--name=value`. */
export function option(name: string, otherwise: string): string {
  const found = Deno.args.find((text) => text.startsWith(`--${name}=`));
  return found?.split("=")[1] ?? otherwise;
}
