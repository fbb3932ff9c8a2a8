/**
 * Validates who is calling, for programs that build an auth context from a request, member by member.
 *
 * ```ts
 * import { validateTenantId } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => validateTenantId(" "), Error, "cannot be empty");
 * ```
 *
 * @module
 */
export { createAuthContext, validateAuthContext } from "./context.ts";
export {
  extractInjectionFields,
  validateAuthContextParams,
  validateAuthMethod,
  validateClaims,
  validateMetadata,
  validateOrganizationId,
  validateSessionId,
  validateTenantId,
  validateUserId,
} from "./validators.ts";
export {
  AuthValidationError,
  CortexError,
  ValidationError,
} from "../../errors.ts";

export type {
  AuthContext,
  AuthContextParams,
  AuthMethod,
} from "../types/config.ts";
