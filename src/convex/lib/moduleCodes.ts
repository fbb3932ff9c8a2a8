/**
 * Error codes and messages that backend and facade have in common, in modules other than `cortex.memory`, which loads
 * without them. It imports nothing.
 *
 * @module
 */

/** A space is deleted with everything in it, or not at all. */
export const CASCADE_REQUIRED = "CASCADE_REQUIRED";
/** The confirmation names another space. */
export const CONFIRM_ID_MISMATCH = "CONFIRM_ID_MISMATCH";
/** A space has a participant only once. */
export const DUPLICATE_PARTICIPANT = "DUPLICATE_PARTICIPANT";
/** A list names something twice. */
export const DUPLICATE_VALUES = "DUPLICATE_VALUES";
/** A blank question. */
export const EMPTY_STRING = "EMPTY_STRING";
/** The key belongs to another call, or what the call stored was deleted. */
export const IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT";
/** An unknown type of fact. */
export const INVALID_FACT_TYPE = "INVALID_FACT_TYPE";
/** A selection that chooses nothing, or everything. */
export const INVALID_FILTERS = "INVALID_FILTERS";
/** An id that is blank, too long or has a NUL. */
export const INVALID_ID = "INVALID_ID";
/** An invalid limit. */
export const INVALID_LIMIT = "INVALID_LIMIT";
/** A line of an import that no export wrote. */
export const INVALID_LINE = "INVALID_LINE";
/** A least score out of bounds. */
export const INVALID_MIN_SCORE_RANGE = "INVALID_MIN_SCORE_RANGE";
/** Participants that do not fit the type of conversation. */
export const INVALID_PARTICIPANTS = "INVALID_PARTICIPANTS";
/** An invalid range, such as one that ends before it begins. */
export const INVALID_RANGE = "INVALID_RANGE";
/** A change that changes nothing, or must not be. */
export const INVALID_UPDATE = "INVALID_UPDATE";
/** A validity that ends before it begins. */
export const INVALID_VALIDITY_PERIOD = "INVALID_VALIDITY_PERIOD";
/** No such space in the tenant. */
export const MEMORYSPACE_NOT_FOUND = "MEMORYSPACE_NOT_FOUND";
/** No value to store. */
export const MISSING_VALUE = "MISSING_VALUE";
/** The value has changed since it was read. */
export const MUTABLE_CONFLICT = "MUTABLE_CONFLICT";
/** More bytes than a value may have. */
export const VALUE_TOO_LARGE = "VALUE_TOO_LARGE";

/** Message for a conversation of a user that names no agent. */
export const AGENT_ID_REQUIRED = "agentId is required when userId is provided";
/** What is wrong with a line that is no JSON. */
export const NOT_JSON = "it is not JSON";
