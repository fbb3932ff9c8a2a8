/** The methods of the facade by module: every module must have them, and cases must call them. */
import { words } from "./words.ts";

/** Methods that are not in the specification. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  users: words("exportAll importAll"),
};

/** Every method of a module. */
export function methodsOf(module: string): string[] {
  return [...FACADE_METHODS[module] ?? [], ...OURS[module] ?? []];
}

/** Modules, and the methods in their specification. */
export const FACADE_METHODS: Readonly<Record<string, readonly string[]>> = {
  memory: words(
    "remember recall get search store update delete forget list count updateMany deleteMany export archive " +
      "restoreFromArchive getVersion getHistory getAtTimestamp",
  ),
  vector: words(
    "store get search delete list count update getVersion getHistory getAtTimestamp deleteMany updateMany export " +
      "archive restoreFromArchive",
  ),
  conversations: words(
    "create get addMessage list count delete deleteMany getMessage getMessagesByIds findConversation getOrCreate " +
      "getHistory search export",
  ),
  facts: words(
    "store storeWithDedup get list count search queryBySubject queryByRelationship update delete deleteMany " +
      "getHistory export consolidate supersede revise checkConflicts configureBeliefRevision hasBeliefRevision " +
      "history getChanges getSupersessionChain getActivitySummary",
  ),
  immutable: words(
    "store get getVersion getHistory getAtTimestamp list count search purge purgeMany purgeVersions",
  ),
  mutable: words(
    "set get getRecord exists update increment decrement list count delete purge purgeNamespace purgeMany transaction",
  ),
  memorySpaces: words(
    "register get list count update addParticipant removeParticipant updateParticipants archive reactivate delete " +
      "getStats findByParticipant search",
  ),
  users: words(
    "get exists update merge getOrCreate list search count getVersion getHistory getAtTimestamp export updateMany " +
      "deleteMany delete",
  ),
  agents: words(
    "register get list search count exists update configure unregister unregisterMany updateMany export",
  ),
};
