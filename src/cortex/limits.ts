/** Defaults and limits of the facade. A module without imports, so that bundlers inline its numbers. */
/** Most agents that one job of the backend takes. */
export const AGENTS_A_CALL = 2000;
/** Default limit of `agents.list`. */
export const LISTED_AGENTS = 100;
/** Default limit of `memorySpaces.list`. */
export const LISTED_SPACES = 100;
/** Most spaces that `findByParticipant` returns. */
export const MAX_FOUND_SPACES = 1000;
/** Default limit of `conversations.list`. */
export const LISTED_CONVERSATIONS = 50;
/** Conversations that one call is asked for by their ids. */
export const MAX_NAMED_CONVERSATIONS = 1000;
/** Time that a language model may take for one decision. */
export const DECISION_TIMEOUT_MS = 30_000;
/** New facts that the backend finds candidates for in one call. */
export const MAX_ASKED_FACTS = 50;
/** Confidence of a decision whose model states none. */
export const DECISION_CONFIDENCE = 75;
/** Confidence of an extracted fact that has none. */
export const EXTRACTED_CONFIDENCE = 70;
/** Vectors that are kept for each maker of vectors, the last used ones. */
export const MAX_KEPT_VECTORS = 1000;
/** Default limit of lists of changes. */
export const LISTED_CHANGES = 100;
/** Most facts that a list without a limit returns. */
export const MAX_LISTED_FACTS = 10_000;
/** Elements of an array that an argument of Convex holds at most. */
export const MAX_ITEMS = 8192;
/** Fields of an object that it holds at most. */
export const MAX_FIELDS = 1024;
/** Most nesting, which leaves room for the objects around it. */
export const MAX_NESTING = 56;
/** Nesting that is taken at all, be it as text. */
export const MAX_TEXT_NESTING = 500;
/** Values that are taken at all, be it as text. */
export const MAX_VALUES = 1 << 20;
/** Longest key, in characters: clients take 256, and keys derived from it must fit. */
export const MAX_KEY_LENGTH = 200;
/** Longest name of a part that is written into a key unchanged. */
export const MAX_PART_LENGTH = 16;
/** Default limit of `immutable.list`. */
export const LISTED_RECORDS = 50;
/** Highest limit of `immutable.list`. */
export const MAX_LISTED_RECORDS = 1000;
/** How often `update` begins again when another write came between. */
export const MAX_RACES = 10;
/** How long an update waits for an earlier one of its key. */
export const MAX_WAIT_MS = 1000;
/** Keys that a dry run names. */
export const MAX_DRY_KEYS = 1000;
/** Default limit of `mutable.list`. */
export const LISTED_VALUES = 100;
/** Largest JSON of a mutable value. */
export const MAX_VALUE_BYTES = 1_000_000;
/** Items that `recall` returns without a limit or a token budget. */
export const RECALLED_ITEMS = 20;
/** With a budget of tokens: about as many lines as fit, were they all short. */
export const TOKENS_PER_ITEM = 20;
/** Items that a budget of tokens asks for at most. */
export const MAX_BUDGETED_ITEMS = 200;
/** Characters of a space's id that a warning shows. */
export const MAX_SHOWN = 80;
/** Importance of what is remembered without one. */
export const DEFAULT_IMPORTANCE = 50;
/** The last time that a Date can hold. */
export const MAX_TIME_MS = 8.64e15;
/** Hits that the backend enriches in one call. */
export const ENRICHED_AT_ONCE = 200;
/** Memories given unless the options say otherwise. */
export const FOUND_MEMORIES = 20;
/** Version of the format of `exportAll`. */
export const TRANSFER_VERSION = 1;
/** Lines that one request of `importAll` carries at most. */
export const MAX_LINES = 100;
/** Characters of them. */
export const MAX_LINES_LENGTH = 1024 * 1024;
/** Users that `users.list` gives unless the filters say otherwise. */
export const LISTED_USERS = 50;
/** Users that it gives at most. */
export const MAX_LISTED_USERS = 1000;
/** Users that one call changes or deletes at most. */
export const MAX_USERS = 100;
