/**
 * What is bundled of the package `jose`, so that the module needs no package to verify tokens.
 *
 * @module
 */
export {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  jwtVerify,
} from "jose";
