/** Wrong arguments of `users` and `agents`. */
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

const id = ({ userId = "ada" }: { userId?: string }) => userId;

const calls = {
  "users.get": (cortex, { userId }) => cortex.users.get(userId),
  "users.exists": (cortex, { userId }) => cortex.users.exists(userId),
  "users.getHistory": (cortex, { userId }) => cortex.users.getHistory(userId),
  "users.update": (cortex, wrong) => cortex.users.update(id(wrong), wrong.data),
  "users.merge": (cortex, wrong) =>
    cortex.users.merge(id(wrong), wrong.updates),
  "users.getOrCreate": (cortex, wrong) =>
    cortex.users.getOrCreate(id(wrong), wrong.defaults),
  "users.getVersion": (cortex, wrong) =>
    cortex.users.getVersion(id(wrong), wrong.version),
  "users.getAtTimestamp": (cortex, wrong) =>
    cortex.users.getAtTimestamp(id(wrong), wrong.timestamp),
  "users.list": (cortex, { filters }) => cortex.users.list(filters),
  "users.search": (cortex, { filters }) => cortex.users.search(filters),
  "users.count": (cortex, { filters }) => cortex.users.count(filters),
  "users.delete": (cortex, wrong) =>
    cortex.users.delete(id(wrong), wrong.options),
  "users.export": (cortex, { options }) => cortex.users.export(options),
  "users.updateMany": (cortex, wrong) =>
    cortex.users.updateMany(
      "ids" in wrong ? wrong.ids : ["ada"],
      "updates" in wrong ? wrong.updates : { data: {} },
      wrong.options,
    ),
  "users.deleteMany": (cortex, wrong) =>
    cortex.users.deleteMany(
      "ids" in wrong ? wrong.ids : ["ada"],
      wrong.options,
    ),
  "agents.get": (cortex, { agentId }) => cortex.agents.get(agentId),
  "agents.exists": (cortex, { agentId }) => cortex.agents.exists(agentId),
  "agents.register": (cortex, { agent }) => cortex.agents.register(agent),
  "agents.update": (cortex, { agentId = "a", updates }) =>
    cortex.agents.update(agentId, updates),
  "agents.configure": (cortex, { config }) =>
    cortex.agents.configure("a", config),
  "agents.list": (cortex, filters) => cortex.agents.list(filters),
  "agents.count": (cortex, filters) => cortex.agents.count(filters),
  "agents.unregister": (cortex, { agentId = "a", options }) =>
    cortex.agents.unregister(agentId, options),
  "agents.unregisterMany": (cortex, { filters = {}, options }) =>
    cortex.agents.unregisterMany(filters, options),
  "agents.updateMany": (cortex, { filters = {}, updates }) =>
    cortex.agents.updateMany(filters, updates),
  "agents.export": (cortex, { options }) => cortex.agents.export(options),
} satisfies CallsByName;

const f = (name: string, value: unknown) => ({ filters: { [name]: value } });
const long = "x".repeat(300);
const registration = (changes: object) => ({
  agent: { id: "a", name: "A", ...changes },
});

// deno-fmt-ignore
const rows: readonly Refusal<keyof typeof calls>[] = [
  ["users.get", { userId: null }, "MISSING_USER_ID", "userId", "userId is required"],
  ["users.get", {}, "MISSING_USER_ID", "userId", "userId is required"],
  ["users.exists", { userId: 7 }, "INVALID_USER_ID_FORMAT", "userId", "userId must be a string"],
  ["users.getHistory", { userId: "" }, "INVALID_USER_ID_FORMAT", "userId", "userId cannot be empty"],
  ["users.get", { userId: " \t" }, "INVALID_USER_ID_FORMAT", "userId", "userId cannot be empty"],
  ["users.update", {}, "MISSING_DATA", "data", "data is required"],
  ["users.update", { data: "x" }, "INVALID_DATA_TYPE", "data", "data must be an object"],
  ["users.update", { data: [] }, "INVALID_DATA_TYPE", "data", "data must be an object"],
  ["users.update", { userId: "", data: {} }, "INVALID_USER_ID_FORMAT", "userId"],
  ["users.merge", { updates: null }, "MISSING_DATA", "updates", "updates is required"],
  ["users.getOrCreate", { defaults: null }, "MISSING_DATA", "defaults", "defaults is required"],
  ["users.getOrCreate", { defaults: 1 }, "INVALID_DATA_TYPE", "defaults", "defaults must be an object"],
  ["users.getVersion", { version: "1" }, "INVALID_VERSION_NUMBER", "version", "version must be a number"],
  ["users.getVersion", { version: NaN }, "INVALID_VERSION_NUMBER", "version", "version must be a valid number"],
  ["users.getVersion", { version: Infinity }, "INVALID_VERSION_NUMBER", "version", "version must be a valid number"],
  ["users.getVersion", { version: 1.5 }, "INVALID_VERSION_NUMBER", "version", "version must be an integer"],
  ["users.getVersion", { version: 0 }, "INVALID_VERSION_RANGE", "version", "version must be >= 1"],
  ["users.getAtTimestamp", {}, "INVALID_TIMESTAMP", "timestamp"],
  ["users.getAtTimestamp", { timestamp: 5 }, "INVALID_TIMESTAMP", "timestamp"],
  ["users.getAtTimestamp", { timestamp: new Date(NaN) }, "INVALID_TIMESTAMP", "timestamp", "timestamp must be a valid numeric timestamp"],
  ["users.getAtTimestamp", { timestamp: new Date(-1) }, "INVALID_TIMESTAMP", "timestamp", "cannot be negative"],
  ["users.list", { filters: 7 }, "INVALID_FILTER_STRUCTURE", "filters", "Filters must be an object"],
  ["users.list", { filters: null }, "INVALID_FILTER_STRUCTURE", "filters", "Filters must be an object"],
  ["users.list", f("limit", 0), "INVALID_LIMIT", "filters.limit", "limit must be between 1 and 1000"],
  ["users.list", f("limit", 1.5), "INVALID_LIMIT", "filters.limit", "limit must be between 1 and 1000, and whole"],
  ["users.list", f("offset", 0.5), "INVALID_OFFSET", "filters.offset", "offset must be >= 0, and whole"],
  ["users.search", f("limit", 1001), "INVALID_LIMIT", "filters.limit", "limit must be between 1 and 1000"],
  ["users.list", f("limit", NaN), "INVALID_LIMIT", "filters.limit"],
  ["users.list", f("offset", -1), "INVALID_OFFSET", "filters.offset", "offset must be >= 0"],
  ["users.list", f("offset", "1"), "INVALID_OFFSET", "filters.offset"],
  ["users.count", f("createdAfter", "x"), "INVALID_TIMESTAMP", "filters.createdAfter"],
  ["users.count", f("updatedBefore", -1), "INVALID_TIMESTAMP", "filters.updatedBefore"],
  ["users.list", { filters: { createdAfter: 2, createdBefore: 2 } }, "INVALID_DATE_RANGE", "filters.createdAfter", "createdAfter must be before createdBefore"],
  ["users.list", { filters: { updatedAfter: 3, updatedBefore: 2 } }, "INVALID_DATE_RANGE", "filters.updatedAfter", "updatedAfter must be before updatedBefore"],
  ["users.list", f("sortBy", "name"), "INVALID_SORT_BY", "filters.sortBy"],
  ["users.list", f("sortOrder", "up"), "INVALID_SORT_ORDER", "filters.sortOrder"],
  ["users.list", f("displayName", 1), "INVALID_DISPLAY_NAME_FILTER", "filters.displayName"],
  ["users.list", f("displayName", long), "INVALID_DISPLAY_NAME_FILTER", "filters.displayName"],
  ["users.list", f("email", long), "INVALID_EMAIL_FILTER", "filters.email"],
  ["users.delete", { options: 1 }, "INVALID_DELETE_OPTIONS", "options"],
  ["users.delete", { options: { cascade: "yes" } }, "INVALID_DELETE_OPTIONS", "options.cascade"],
  ["users.delete", { options: { dryRun: 1 } }, "INVALID_DELETE_OPTIONS", "options.dryRun"],
  ["users.export", {}, "MISSING_REQUIRED_PARAMETER", "options"],
  ["users.export", { options: "json" }, "INVALID_DATA_TYPE", "options"],
  ["users.export", { options: {} }, "INVALID_EXPORT_FORMAT", "format", "Invalid export format"],
  ["users.export", { options: { format: "xml" } }, "INVALID_EXPORT_FORMAT", "format", "Invalid export format"],
  ["users.export", { options: { format: "csv", includeMemories: 1 } }, "INVALID_DATA_TYPE", "options.includeMemories"],
  ["users.export", { options: { format: "csv", filters: { limit: 0 } } }, "INVALID_LIMIT", "filters.limit"],
  ["users.search", { filters: undefined }, "INVALID_FILTER_STRUCTURE", "filters", "Filters must be an object"],
  ["users.updateMany", { ids: undefined }, "INVALID_FILTER_STRUCTURE", "filters", "Filters must be an object"],
  ["users.deleteMany", { ids: undefined }, "INVALID_FILTER_STRUCTURE", "filters", "Filters must be an object"],
  ["users.updateMany", { ids: [] }, "EMPTY_USER_IDS_ARRAY", "userIds", "userIds array cannot be empty"],
  ["users.updateMany", { ids: Array(101).fill("u") }, "USER_ID_ARRAY_TOO_LARGE", "userIds", "userIds array cannot exceed 100 items"],
  ["users.updateMany", { ids: ["a", ""] }, "INVALID_USER_ID_FORMAT", "userIds[1]", "Invalid userId at index 1"],
  ["users.updateMany", { ids: ["a", null] }, "MISSING_USER_ID", "userIds[1]", "Invalid userId at index 1"],
  ["users.updateMany", { ids: ["a", "a"] }, "INVALID_DATA_TYPE", "userIds", "Duplicate userIds found in array"],
  ["users.updateMany", { updates: null }, "MISSING_DATA", "updates.data", "updates.data is required"],
  ["users.updateMany", { updates: {} }, "MISSING_DATA", "updates.data", "updates.data is required"],
  ["users.updateMany", { options: { skipVersioning: 1 } }, "INVALID_DATA_TYPE", "options.skipVersioning"],
  ["users.updateMany", { ids: { limit: -1 } }, "INVALID_LIMIT", "filters.limit"],
  ["users.updateMany", { ids: { displayName: "" } }, "INVALID_DISPLAY_NAME_FILTER", "filters.displayName", "displayName cannot be empty"],
  ["users.deleteMany", { ids: { displayName: " ", limit: 5 } }, "INVALID_DISPLAY_NAME_FILTER", "filters.displayName", "displayName cannot be empty"],
  ["users.deleteMany", { ids: { email: "" }, options: { dryRun: true } }, "INVALID_EMAIL_FILTER", "filters.email", "email cannot be empty"],
  ["users.deleteMany", { options: "x" }, "INVALID_DATA_TYPE", "options"],
  ["users.deleteMany", { ids: [] }, "EMPTY_USER_IDS_ARRAY", "userIds"],
  ["agents.register", {}, "MISSING_AGENT_ID", undefined, "is required"],
  ["agents.register", registration({ id: undefined }), "MISSING_AGENT_ID", "id", "is required"],
  ["agents.register", registration({ name: null }), "MISSING_AGENT_NAME", "name", "is required"],
  ["agents.register", registration({ id: 7 }), "INVALID_AGENT_ID_FORMAT", "id", "must be a string"],
  ["agents.register", registration({ id: "" }), "EMPTY_AGENT_ID", "id", "cannot be empty"],
  ["agents.register", registration({ id: long }), "AGENT_ID_TOO_LONG", "id", "cannot exceed 256"],
  ["agents.register", registration({ name: 7 }), "INVALID_NAME_FORMAT", "name", "must be a string"],
  ["agents.register", registration({ name: " " }), "EMPTY_AGENT_NAME", "name", "cannot be empty"],
  ["agents.register", registration({ name: long }), "AGENT_NAME_TOO_LONG", "name", "cannot exceed 200"],
  ["agents.register", registration({ metadata: null }), "INVALID_METADATA_FORMAT", "metadata", "cannot be null"],
  ["agents.register", registration({ config: [] }), "INVALID_CONFIG_FORMAT", "config", "must be"],
  ["agents.get", { agentId: undefined }, "MISSING_AGENT_ID", "agentId", "is required"],
  ["agents.exists", { agentId: "" }, "EMPTY_AGENT_ID", "agentId", "cannot be empty"],
  ["agents.configure", { config: null }, "INVALID_CONFIG_FORMAT", "config"],
  ["agents.configure", { config: {} }, "EMPTY_CONFIG_OBJECT", "config"],
  ["agents.update", {}, "MISSING_UPDATES", undefined, "At least one field"],
  ["agents.update", { updates: { id: "b" } }, "MISSING_UPDATES", undefined, "At least one field"],
  ["agents.update", { updates: { status: "" } }, "INVALID_STATUS_VALUE", "status"],
  ["agents.update", { updates: { status: "gone" } }, "INVALID_STATUS", "status", "Invalid status"],
  ["agents.update", { agentId: "", updates: { name: "x" } }, "EMPTY_AGENT_ID", "agentId"],
  ["agents.list", { metadata: [] }, "INVALID_METADATA_FORMAT", "metadata"],
  ["agents.list", { status: "gone" }, "INVALID_STATUS", "status", "Invalid status"],
  ["agents.list", { limit: 2.5 }, "INVALID_LIMIT_VALUE", "limit", "limit must be between 1 and 1000, and whole"],
  ["agents.list", { limit: 0 }, "INVALID_LIMIT_VALUE", "limit", "limit must be between 1 and 1000"],
  ["agents.list", { offset: -1 }, "INVALID_OFFSET_VALUE", "offset"],
  ["agents.count", { registeredAfter: 5, registeredBefore: 5 }, "INVALID_TIMESTAMP_RANGE", undefined, "registeredAfter must be before registeredBefore"],
  ["agents.list", { lastActiveAfter: 6, lastActiveBefore: 5 }, "INVALID_TIMESTAMP_RANGE", undefined],
  ["agents.list", { sortBy: "id" }, "INVALID_SORT_BY", "sortBy"],
  ["agents.list", { sortOrder: "up" }, "INVALID_SORT_ORDER", "sortOrder"],
  ["agents.unregister", { options: "dryRun" }, "INVALID_DATA_TYPE", "options"],
  ["agents.unregister", { options: { dryRun: true, verify: false } }, "CONFLICTING_OPTIONS", undefined],
  ["agents.unregisterMany", { filters: { limit: 0 } }, "INVALID_LIMIT_VALUE", "limit"],
  ["agents.unregisterMany", { filters: { name: "" } }, "EMPTY_AGENT_NAME", "name", "name cannot be empty"],
  ["agents.updateMany", { filters: { name: " " }, updates: { name: "B" } }, "EMPTY_AGENT_NAME", "name", "name cannot be empty"],
  ["agents.unregisterMany", { filters: { capabilities: [] } }, "INVALID_FILTERS", "capabilities", "must hold a condition: got an array of 0"],
  ["agents.updateMany", { filters: { metadata: { team: undefined } }, updates: { name: "B" } }, "INVALID_FILTERS", "metadata", "must hold a condition"],
  ["agents.unregisterMany", { filters: null }, "INVALID_FILTERS", "filters", "must be an object"],
  ["agents.export", { options: { format: "json", filters: "team-1" } }, "INVALID_FILTERS", "filters"],
  ["agents.updateMany", { filters: "team-1" }, "INVALID_FILTERS", "filters"],
  ["agents.updateMany", { updates: {} }, "MISSING_UPDATES", undefined, "At least one field"],
  ["agents.export", {}, "MISSING_OPTIONS", undefined],
  ["agents.export", { options: {} }, "MISSING_FORMAT", "format"],
  ["agents.export", { options: { format: "xml" } }, "INVALID_FORMAT", "format", "Invalid format"],
];

/** Each row fails before anything is sent. */
export const userRefusals: ContractCase<void>[] = refusals(
  { users: "UserValidationError", agents: "AgentValidationError" },
  calls,
  rows,
);
