/** Wrong arguments of `immutable`, `mutable` and `memorySpaces`. */
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

const given = <Value>(wrong: object, name: string, usual: Value): Value =>
  name in wrong ? (wrong as Record<string, Value>)[name] as Value : usual;

const calls = {
  "immutable.store": (cortex, wrong) =>
    cortex.immutable.store(
      given(wrong, "entry", { type: "t", id: "i", data: {}, ...wrong }),
    ),
  "immutable.get": (cortex, wrong) =>
    cortex.immutable.get(given(wrong, "type", "t"), given(wrong, "id", "i")),
  "immutable.purge": (cortex, wrong) =>
    cortex.immutable.purge(given(wrong, "type", "t"), given(wrong, "id", "i")),
  "immutable.getHistory": (cortex, { id }) =>
    cortex.immutable.getHistory("t", id),
  "immutable.getVersion": (cortex, { version }) =>
    cortex.immutable.getVersion("t", "i", version),
  "immutable.getAtTimestamp": (cortex, { timestamp }) =>
    cortex.immutable.getAtTimestamp("t", "i", timestamp),
  "immutable.list": (cortex, filter) => cortex.immutable.list(filter),
  "immutable.count": (cortex, filter) => cortex.immutable.count(filter),
  "immutable.search": (cortex, { input }) => cortex.immutable.search(input),
  "immutable.purgeMany": (cortex, { filter }) =>
    cortex.immutable.purgeMany(filter),
  "immutable.purgeVersions": (cortex, { keepLatest }) =>
    cortex.immutable.purgeVersions("t", "i", keepLatest),
  "mutable.set": (cortex, wrong) =>
    cortex.mutable.set(
      given(wrong, "namespace", "n"),
      given(wrong, "key", "k"),
      given(wrong, "value", 1),
      wrong.userId,
    ),
  "mutable.get": (cortex, wrong) =>
    cortex.mutable.get(
      given(wrong, "namespace", "n"),
      given(wrong, "key", "k"),
    ),
  "mutable.update": (cortex, { updater }) =>
    cortex.mutable.update("n", "k", updater),
  "mutable.increment": (cortex, { amount }) =>
    cortex.mutable.increment("n", "k", amount),
  "mutable.decrement": (cortex, { key }) => cortex.mutable.decrement("n", key),
  "mutable.list": (cortex, { filter }) => cortex.mutable.list(filter),
  "mutable.count": (cortex, { filter }) => cortex.mutable.count(filter),
  "mutable.purgeMany": (cortex, { filter }) => cortex.mutable.purgeMany(filter),
  "mutable.purgeNamespace": (cortex, { namespace = "n", options }) =>
    cortex.mutable.purgeNamespace(namespace, options),
  "mutable.transaction": (cortex, { operations }) =>
    cortex.mutable.transaction(operations),
  "memorySpaces.get": (cortex, { memorySpaceId }) =>
    cortex.memorySpaces.get(memorySpaceId),
  "memorySpaces.register": (cortex, wrong) =>
    cortex.memorySpaces.register({
      memorySpaceId: "s",
      type: "team",
      ...wrong,
    }),
  "memorySpaces.list": (cortex, filter) => cortex.memorySpaces.list(filter),
  "memorySpaces.update": (cortex, { updates }) =>
    cortex.memorySpaces.update("s", updates),
  "memorySpaces.addParticipant": (cortex, { participant }) =>
    cortex.memorySpaces.addParticipant("s", participant),
  "memorySpaces.removeParticipant": (cortex, { id }) =>
    cortex.memorySpaces.removeParticipant("s", id),
  "memorySpaces.updateParticipants": (cortex, updates) =>
    cortex.memorySpaces.updateParticipants("s", updates),
  "memorySpaces.findByParticipant": (cortex, { id }) =>
    cortex.memorySpaces.findByParticipant(id),
  "memorySpaces.search": (cortex, { query, ...options }) =>
    cortex.memorySpaces.search(query, options),
  "memorySpaces.getStats": (cortex, options) =>
    cortex.memorySpaces.getStats("s", options),
  "memorySpaces.delete": (cortex, wrong) =>
    cortex.memorySpaces.delete("s", { cascade: true, reason: "r", ...wrong }),
} satisfies CallsByName;

const missing = "MISSING_REQUIRED_FIELD";
const n = (filter: object) => ({ filter: { namespace: "n", ...filter } });
const op = (changes: object) => ({
  operations: [{ op: "set", namespace: "n", key: "k", value: 1, ...changes }],
});
const ada = (changes: object) => ({ id: "ada", type: "user", ...changes });
const who = (changes: object) => ({
  participant: ada({ joinedAt: 1, ...changes }),
});

// deno-fmt-ignore
const rows: readonly Refusal<keyof typeof calls>[] = [
  ["immutable.store", { entry: undefined }, missing, undefined, "Entry is required"],
  ["immutable.store", { type: undefined }, missing, "type", "Type is required"],
  ["immutable.store", { type: "" }, "INVALID_TYPE", "type", "Type must be a non-empty string"],
  ["immutable.get", { type: 7 }, "INVALID_TYPE", "type", "Type must be a non-empty string"],
  ["immutable.purge", { type: "a b" }, "INVALID_TYPE", "type", "valid characters"],
  ["immutable.store", { id: null }, missing, "id", "ID is required"],
  ["immutable.getHistory", { id: " " }, "INVALID_ID", "id", "ID must be a non-empty string"],
  ["immutable.store", { data: undefined }, missing, "data", "Data is required"],
  ["immutable.store", { data: [] }, "INVALID_DATA", "data", "Data must be a valid object"],
  ["immutable.store", { data: "x" }, "INVALID_DATA", "data", "Data must be a valid object"],
  ["immutable.store", { metadata: null }, "INVALID_METADATA", "metadata", "Metadata must be an object"],
  ["immutable.store", { userId: "" }, missing, "userId", "userId cannot be empty"],
  ["immutable.store", { metadata: null, userId: "" }, "INVALID_METADATA", "metadata"],
  ["immutable.getVersion", { version: 0 }, "INVALID_VERSION", "version", "Version must be a positive integer >= 1"],
  ["immutable.getVersion", { version: NaN }, "INVALID_VERSION", "version", "Version must be a positive integer >= 1"],
  ["immutable.getVersion", { version: 1.5 }, "INVALID_VERSION", "version", "Version must be a positive integer"],
  ["immutable.getAtTimestamp", { timestamp: new Date(NaN) }, "INVALID_TIMESTAMP", "timestamp", "Timestamp must be a valid Date object"],
  ["immutable.getAtTimestamp", { timestamp: 0 }, "INVALID_TIMESTAMP", "timestamp", "Timestamp must be a valid Date object or positive number"],
  ["immutable.getAtTimestamp", { timestamp: "now" }, "INVALID_TIMESTAMP", "timestamp", "Timestamp must be a valid Date object or positive number"],
  ["immutable.list", { limit: 0 }, "INVALID_LIMIT", "limit", "Limit must be a positive integer"],
  ["immutable.list", { limit: 1.5 }, "INVALID_LIMIT", "limit", "Limit must be a positive integer"],
  ["immutable.count", { type: "a b" }, "INVALID_TYPE", "type"],
  ["immutable.search", {}, missing, undefined, "Search query is required"],
  ["immutable.search", { input: { query: " " } }, missing, "query", "Search query is required"],
  ["immutable.search", { input: { query: "x", limit: -1 } }, "INVALID_LIMIT", "limit"],
  ["immutable.purgeMany", {}, "INVALID_FILTER", undefined, "purgeMany requires at least one filter"],
  ["immutable.purgeMany", { filter: {} }, "INVALID_FILTER", undefined, "purgeMany requires at least one filter"],
  ["immutable.purgeVersions", { keepLatest: 0 }, "INVALID_KEEP_LATEST", "keepLatest", "keepLatest must be a positive integer >= 1"],
  ["immutable.purgeVersions", { keepLatest: 2.5 }, "INVALID_KEEP_LATEST", "keepLatest", "keepLatest must be a positive integer"],
  ["mutable.set", { namespace: undefined }, "MISSING_NAMESPACE", "namespace", "namespace is required"],
  ["mutable.get", { namespace: " " }, "MISSING_NAMESPACE", "namespace", "namespace is required"],
  ["mutable.get", { namespace: 7 }, "INVALID_NAMESPACE", "namespace"],
  ["mutable.get", { namespace: "a b" }, "INVALID_NAMESPACE", "namespace", "Invalid namespace format"],
  ["mutable.get", { namespace: "x".repeat(101) }, "NAMESPACE_TOO_LONG", "namespace", "exceeds maximum length"],
  ["mutable.get", { key: "" }, "MISSING_KEY", "key", "key is required"],
  ["mutable.decrement", { key: "a b" }, "INVALID_KEY", "key", "Invalid key format"],
  ["mutable.get", { key: "x".repeat(256) }, "KEY_TOO_LONG", "key", "exceeds maximum length"],
  ["mutable.set", { value: undefined }, "MISSING_VALUE", "value", "Value is required"],
  ["mutable.set", { value: "x".repeat(1_000_001) }, "VALUE_TOO_LARGE", "value", "exceeds maximum size"],
  ["mutable.set", { userId: " " }, "INVALID_USER_ID", "userId", "userId cannot be empty"],
  ["mutable.update", {}, "INVALID_UPDATER_TYPE", "updater", "Updater function is required"],
  ["mutable.update", { updater: 1 }, "INVALID_UPDATER_TYPE", "updater", "Updater must be a function"],
  ["mutable.increment", { amount: "1" }, "INVALID_AMOUNT_TYPE", "amount", "amount must be a number"],
  ["mutable.increment", { amount: Infinity }, "INVALID_AMOUNT_TYPE", "amount", "amount must be a number"],
  ["mutable.list", {}, "MISSING_FILTER", "filter", "Filter is required"],
  ["mutable.list", { filter: "n" }, "INVALID_FILTER", "filter"],
  ["mutable.count", { filter: {} }, "MISSING_NAMESPACE", "filter.namespace", "Filter must include namespace"],
  ["mutable.list", n({ keyPrefix: 1 }), "INVALID_KEY_PREFIX", "keyPrefix"],
  ["mutable.list", n({ keyPrefix: "" }), "INVALID_KEY_PREFIX", "keyPrefix", "keyPrefix cannot be empty"],
  ["mutable.purgeMany", n({ keyPrefix: "a b" }), "INVALID_KEY_PREFIX", "keyPrefix", "Invalid keyPrefix format"],
  ["mutable.list", n({ userId: "" }), "INVALID_USER_ID", "userId", "userId cannot be empty"],
  ["mutable.list", n({ limit: "1" }), "INVALID_LIMIT_TYPE", "limit", "limit must be a number"],
  ["mutable.list", n({ limit: 1.5 }), "INVALID_LIMIT_TYPE", "limit", "limit must be an integer"],
  ["mutable.list", n({ limit: -1 }), "INVALID_LIMIT_RANGE", "limit", "limit must be non-negative"],
  ["mutable.list", n({ limit: 1001 }), "INVALID_LIMIT_RANGE", "limit", "limit exceeds maximum"],
  ["mutable.list", n({ offset: NaN }), "INVALID_OFFSET_TYPE", "offset"],
  ["mutable.list", n({ offset: -1 }), "INVALID_OFFSET_RANGE", "offset", "offset must be non-negative"],
  ["mutable.list", n({ updatedAfter: "x" }), "INVALID_TIMESTAMP_TYPE", "updatedAfter", "updatedAfter must be a number"],
  ["mutable.count", n({ updatedBefore: -1 }), "INVALID_TIMESTAMP_VALUE", "updatedBefore", "valid Unix timestamp"],
  ["mutable.list", n({ limit: -1, updatedBefore: -1 }), "INVALID_LIMIT_RANGE", "limit"],
  ["mutable.list", n({ sortBy: 1 }), "INVALID_SORT_BY_TYPE", "sortBy"],
  ["mutable.list", n({ sortBy: "value" }), "INVALID_SORT_BY_VALUE", "sortBy"],
  ["mutable.list", n({ sortOrder: 1 }), "INVALID_SORT_ORDER_TYPE", "sortOrder"],
  ["mutable.list", n({ sortOrder: "up" }), "INVALID_SORT_ORDER_VALUE", "sortOrder"],
  ["mutable.purgeNamespace", { options: 1 }, "INVALID_OPTIONS", "options"],
  ["mutable.purgeNamespace", { options: { dryRun: "yes" } }, "INVALID_DRY_RUN_TYPE", "dryRun"],
  ["mutable.transaction", {}, "MISSING_OPERATIONS", "operations", "Operations array is required"],
  ["mutable.transaction", { operations: {} }, "INVALID_OPERATIONS_ARRAY", "operations", "Operations must be an array"],
  ["mutable.transaction", { operations: [] }, "EMPTY_OPERATIONS_ARRAY", "operations", "Operations array cannot be empty"],
  ["mutable.transaction", { operations: [1] }, "INVALID_TRANSACTION_OPERATION", "operations[0]"],
  ["mutable.transaction", op({ op: undefined }), "MISSING_OPERATION_FIELD", "operations[0].op", 'missing required field "op"'],
  ["mutable.transaction", op({ namespace: undefined }), "MISSING_OPERATION_FIELD", "operations[0].namespace", 'missing required field "namespace"'],
  ["mutable.transaction", op({ key: undefined }), "MISSING_OPERATION_FIELD", "operations[0].key", 'missing required field "key"'],
  ["mutable.transaction", op({ op: "move" }), "INVALID_OPERATION_TYPE", "operations[0].op", 'has invalid "op" value'],
  ["mutable.transaction", op({ value: undefined }), "MISSING_OPERATION_FIELD", "operations[0].value", 'missing required field "value"'],
  ["mutable.transaction", op({ namespace: "a b" }), "INVALID_NAMESPACE", "operations[0].namespace", "operations[0]: Invalid namespace format"],
  ["mutable.transaction", op({ namespace: "n".repeat(101) }), "NAMESPACE_TOO_LONG", "operations[0].namespace", "namespace exceeds maximum length"],
  ["mutable.transaction", op({ key: "a b" }), "INVALID_KEY", "operations[0].key", "operations[0]: Invalid key format"],
  ["mutable.transaction", op({ op: "increment", amount: "1" }), "INVALID_AMOUNT_TYPE", "operations[0].amount", "operations[0]: amount must be a number"],
  ["memorySpaces.get", { memorySpaceId: "" }, "MISSING_MEMORYSPACE_ID", "memorySpaceId", "memorySpaceId"],
  ["memorySpaces.get", { memorySpaceId: 7 }, "MISSING_MEMORYSPACE_ID", "memorySpaceId", "memorySpaceId"],
  ["memorySpaces.get", { memorySpaceId: "space with spaces" }, "INVALID_MEMORYSPACE_ID", "memorySpaceId", "Invalid memorySpaceId format"],
  ["memorySpaces.get", { memorySpaceId: "x".repeat(129) }, "INVALID_MEMORYSPACE_ID", "memorySpaceId", "Invalid memorySpaceId format"],
  ["memorySpaces.register", { type: undefined }, "MISSING_TYPE", "type", "type is required"],
  ["memorySpaces.register", { type: "PERSONAL" }, "INVALID_TYPE", "type", "Invalid type"],
  ["memorySpaces.list", { status: "gone" }, "INVALID_STATUS", "status", "Invalid status"],
  ["memorySpaces.register", { name: " " }, "INVALID_NAME", "name", "name"],
  ["memorySpaces.register", { name: "x".repeat(201) }, "INVALID_NAME", "name", "name"],
  ["memorySpaces.list", { limit: 0 }, "INVALID_LIMIT", "limit", "limit"],
  ["memorySpaces.list", { limit: 1001 }, "INVALID_LIMIT", "limit", "limit"],
  ["memorySpaces.list", { offset: -1 }, "INVALID_OFFSET", "offset"],
  ["memorySpaces.list", { sortBy: "id" }, "INVALID_SORT_BY", "sortBy"],
  ["memorySpaces.list", { sortOrder: "up" }, "INVALID_SORT_ORDER", "sortOrder"],
  ["memorySpaces.list", { participant: "" }, "INVALID_PARTICIPANT", "participant", "participant"],
  ["memorySpaces.addParticipant", { participant: "ada" }, "INVALID_PARTICIPANT", "participant", "participant"],
  ["memorySpaces.addParticipant", who({ id: "" }), "MISSING_PARTICIPANT_ID", "participant.id", "participant.id"],
  ["memorySpaces.addParticipant", who({ type: " " }), "MISSING_PARTICIPANT_TYPE", "participant.type", "participant.type"],
  ["memorySpaces.addParticipant", who({ joinedAt: undefined }), "INVALID_TIMESTAMP", "participant.joinedAt", "joinedAt"],
  ["memorySpaces.addParticipant", who({ joinedAt: Infinity }), "INVALID_TIMESTAMP", "participant.joinedAt", "joinedAt"],
  ["memorySpaces.register", { participants: [ada({ joinedAt: 0 })] }, "INVALID_TIMESTAMP", "participant.joinedAt", "joinedAt"],
  ["memorySpaces.register", { participants: [ada({}), ada({})] }, "DUPLICATE_PARTICIPANT", "participants", "Duplicate participant"],
  ["memorySpaces.removeParticipant", { id: " " }, "MISSING_PARTICIPANT_ID", "participantId", "participantId"],
  ["memorySpaces.findByParticipant", {}, "MISSING_PARTICIPANT_ID", "participantId", "participantId"],
  ["memorySpaces.updateParticipants", { remove: [""] }, "MISSING_PARTICIPANT_ID", "remove", "Participant ID"],
  ["memorySpaces.updateParticipants", {}, "EMPTY_UPDATES", undefined, "At least one"],
  ["memorySpaces.updateParticipants", { add: [], remove: [] }, "EMPTY_UPDATES", undefined, "At least one"],
  ["memorySpaces.updateParticipants", { add: [ada({}), ada({})] }, "DUPLICATE_PARTICIPANT", "participants", "Duplicate participant"],
  ["memorySpaces.update", {}, "EMPTY_UPDATES", undefined, "At least one"],
  ["memorySpaces.update", { updates: {} }, "EMPTY_UPDATES", undefined, "At least one"],
  ["memorySpaces.update", { updates: { status: "gone" } }, "INVALID_STATUS", "status", "Invalid status"],
  ["memorySpaces.search", { query: " " }, "EMPTY_QUERY", "query", "query"],
  ["memorySpaces.search", { query: "x".repeat(501) }, "EMPTY_QUERY", "query", "query"],
  ["memorySpaces.getStats", { timeWindow: "1d" }, "INVALID_TIME_WINDOW", "timeWindow", "Invalid timeWindow"],
  ["memorySpaces.delete", { cascade: false }, "CASCADE_REQUIRED", "cascade", "cascade must be true"],
  ["memorySpaces.delete", { reason: " " }, "MISSING_REASON", "reason", "reason"],
  ["memorySpaces.delete", { confirmId: "t" }, "CONFIRM_ID_MISMATCH", "confirmId", "confirmId"],
];

/** Each row fails before anything is sent. */
export const recordRefusals: ContractCase<void>[] = refusals(
  {
    immutable: "ImmutableValidationError",
    mutable: "MutableValidationError",
    memorySpaces: "MemorySpaceValidationError",
  },
  calls,
  rows,
);
