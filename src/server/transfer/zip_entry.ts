/**
 * The part of the package `@zip.js/zip.js` that is bundled, so that exporting and importing archives needs no
 * dependency.
 *
 * @module
 */
export {
  configure,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
} from "@zip.js/zip.js/lib/zip-core-custom.js";
