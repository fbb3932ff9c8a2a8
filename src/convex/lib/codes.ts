/** Error codes that several files use; each literal is written only here. */

/** No such conversation in the tenant. */
export const CONVERSATION_NOT_FOUND = "CONVERSATION_NOT_FOUND";
/** A list names something twice. */
export const DUPLICATE_VALUES = "DUPLICATE_VALUES";
/** No such fact in the space. */
export const FACT_NOT_FOUND = "FACT_NOT_FOUND";
/** No such immutable record. */
export const IMMUTABLE_ENTRY_NOT_FOUND = "IMMUTABLE_ENTRY_NOT_FOUND";
/** A fact that cannot be stored. */
export const INVALID_FACT = "INVALID_FACT";
/** An invalid range, such as one that ends before it begins. */
export const INVALID_RANGE = "INVALID_RANGE";
/** For an invalid time. */
export const INVALID_TIMESTAMP = "INVALID_TIMESTAMP";
/** More than one call accepts. */
export const LIMIT_EXCEEDED = "LIMIT_EXCEEDED";
/** The space is being deleted. */
export const MEMORYSPACE_DELETING = "MEMORYSPACE_DELETING";
/** No such space in the tenant. */
export const MEMORYSPACE_NOT_FOUND = "MEMORYSPACE_NOT_FOUND";
/** No such memory in the space. */
export const MEMORY_NOT_FOUND = "MEMORY_NOT_FOUND";
/** The conversation has another message of that id. */
export const MESSAGE_ALREADY_EXISTS = "MESSAGE_ALREADY_EXISTS";
/** The row belongs to someone else. */
export const PERMISSION_DENIED = "PERMISSION_DENIED";
