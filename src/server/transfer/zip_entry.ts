/**
 * What is bundled of the package `@zip.js/zip.js`, so that the module needs no package to export and import archives.
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
