import denoConfig from "../deno.json" with { type: "json" };

/** Files that the exports of `deno.json` name, as paths relative to the root. */
export const exportedFiles: string[] = Object.values(denoConfig.exports)
  .map((path) => path.replace("./", ""));
