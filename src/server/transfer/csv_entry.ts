/**
 * What is bundled of Deno's standard library, so that the module needs no package to import CSV.
 *
 * @module
 */
export { parse } from "deno-std/csv/parse.js";
