/**
 * Error codes that several files use, the facade's included; each literal is written only here. Those that the facade
 * knows, but `cortex.memory` does not need, are in `moduleCodes.ts`.
 *
 * @module
 */

/** No such conversation in the tenant. */
export const CONVERSATION_NOT_FOUND = "CONVERSATION_NOT_FOUND";
/** No such fact in the space. */
export const FACT_NOT_FOUND = "FACT_NOT_FOUND";
/** No such immutable record. */
export const IMMUTABLE_ENTRY_NOT_FOUND = "IMMUTABLE_ENTRY_NOT_FOUND";
/** A confidence out of bounds. */
export const INVALID_CONFIDENCE = "INVALID_CONFIDENCE";
/** An invalid vector. */
export const INVALID_EMBEDDING = "INVALID_EMBEDDING";
/** A fact that cannot be stored. */
export const INVALID_FACT = "INVALID_FACT";
/** An importance out of bounds. */
export const INVALID_IMPORTANCE = "INVALID_IMPORTANCE";
/** For an invalid time. */
export const INVALID_TIMESTAMP = "INVALID_TIMESTAMP";
/** A value that cannot be stored. */
export const INVALID_VALUE = "INVALID_VALUE";
/** More than one call accepts. */
export const LIMIT_EXCEEDED = "LIMIT_EXCEEDED";
/** The space is being deleted. */
export const MEMORYSPACE_DELETING = "MEMORYSPACE_DELETING";
/** No such memory in the space. */
export const MEMORY_NOT_FOUND = "MEMORY_NOT_FOUND";
/** A missing argument. */
export const MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD";
/** The conversation has another message of that id. */
export const MESSAGE_ALREADY_EXISTS = "MESSAGE_ALREADY_EXISTS";
/** The row belongs to someone else. */
export const PERMISSION_DENIED = "PERMISSION_DENIED";
