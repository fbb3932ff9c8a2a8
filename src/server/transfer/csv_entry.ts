/**
 * The part of Deno's standard library that is bundled, so that importing CSV needs no dependency.
 *
 * @module
 */
export { parse } from "deno-std/csv/parse.js";
