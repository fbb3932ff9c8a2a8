/** Defaults and limits of the facade. A module without imports, so that bundlers inline its numbers. */
/** Most agents that one call names to the backend. */
export const AGENTS_A_CALL = 2000;
/** Default limit of `agents.list`. */
export const LISTED_AGENTS = 100;
/** Default limit of `memorySpaces.list`. */
export const LISTED_SPACES = 100;
/** Most spaces that `findByParticipant` returns. */
export const MAX_FOUND_SPACES = 1000;
/** Default limit of `conversations.list`. */
export const LISTED_CONVERSATIONS = 50;
/** Most conversations that one call requests by their ids. */
export const MAX_NAMED_CONVERSATIONS = 1000;
/** How long a language model may take for one decision. */
export const DECISION_TIMEOUT_MS = 30_000;
/** Most new facts for which one call finds candidates. */
export const MAX_ASKED_FACTS = 50;
/** Confidence of a decision whose model states none. */
export const DECISION_CONFIDENCE = 75;
/** Confidence of an extracted fact that has none. */
export const EXTRACTED_CONFIDENCE = 70;
/** Most vectors cached per embedder; the least recently used are dropped. */
export const MAX_KEPT_VECTORS = 1000;
/** Default limit of lists of changes. */
export const LISTED_CHANGES = 100;
/** Most facts that a list without a limit returns. */
export const MAX_LISTED_FACTS = 10_000;
/** Most elements of an array in a Convex argument. */
export const MAX_ITEMS = 8192;
/** Most fields of an object in a Convex argument. */
export const MAX_FIELDS = 1024;
/** Deepest nesting of a value that is sent natively; leaves room for the objects around it. */
export const MAX_NESTING = 56;
/** Deepest nesting that is accepted; what is nested deeper than `MAX_NESTING` is sent as text. */
export const MAX_TEXT_NESTING = 500;
/** Deepest nesting of arguments that is copied when a method is called. */
export const MAX_COPIED_DEPTH = 600;
/** Most values in an argument that are copied then. */
export const MAX_COPIED = 1e5;
/** Most values within a free-form value that is accepted. */
export const MAX_VALUES = 1 << 20;
/** Longest key, in characters: clients take 256, and keys derived from it must fit. */
export const MAX_KEY_LENGTH = 200;
/** Default limit of `immutable.list`. */
export const LISTED_RECORDS = 50;
/** Highest limit of `immutable.list`. */
export const MAX_LISTED_RECORDS = 1000;
/** Most times that `update` retries after a conflicting write. */
export const MAX_RACES = 10;
/** How long an update waits for an earlier one of its key. */
export const MAX_WAIT_MS = 1000;
/** Most keys that a dry run lists. */
export const MAX_DRY_KEYS = 1000;
/** Default limit of `mutable.list`. */
export const LISTED_VALUES = 100;
/** Largest JSON of a mutable value. */
export const MAX_VALUE_BYTES = 1_000_000;
/** Items that `recall` returns without a limit or a token budget. */
export const RECALLED_ITEMS = 20;
/** Tokens of a short item: a token budget divided by this is the number of items to fetch. */
export const TOKENS_PER_ITEM = 20;
/** Most items to fetch for a token budget. */
export const MAX_BUDGETED_ITEMS = 200;
/** Characters of a space's id that a warning shows. */
export const MAX_SHOWN = 80;
/** Importance of an exchange remembered without one. */
export const DEFAULT_IMPORTANCE = 50;
/** The last time that a Date can hold. */
export const MAX_TIME_MS = 8.64e15;
/** Most hits that the backend enriches in one call. */
export const ENRICHED_AT_ONCE = 200;
/** Default limit of memory searches. */
export const FOUND_MEMORIES = 20;
/** Version of the format of `exportAll`. */
export const TRANSFER_VERSION = 1;
/** Most lines in one request of `importAll`. */
export const MAX_LINES = 100;
/** Most characters of these lines. */
export const MAX_LINES_LENGTH = 1024 * 1024;
/** Default limit of `users.list`. */
export const LISTED_USERS = 50;
/** Highest limit of `users.list`. */
export const MAX_LISTED_USERS = 1000;
/** Most users that one call changes or deletes. */
export const MAX_USERS = 100;
