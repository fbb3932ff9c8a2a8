/**
 * The part of the package `jose` that is bundled, so that verifying tokens needs no dependency.
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
