/** `users.delete`: a profile alone, or everything of a user's. */
import { INVALID_ARGUMENT } from "./words.ts";
import type { Calls } from "./calls.ts";
import { CascadeDeletionError, isCortexError } from "../errors.ts";
import { eraseAll, total } from "./erase.ts";
import { type KeyedControls, partOf } from "./idempotency.ts";
import { cut } from "./rules.ts";
import type { ProgressControls } from "./types/common.ts";
import type {
  DeleteUserOptions,
  UserDeleteResult,
  VerificationResult,
} from "./types/users.ts";

/** Layers by table, in the order in which they are told. */
const LAYERS = {
  conversations: "conversations",
  messages: "conversations",
  immutable: "immutable",
  mutable: "mutable",
  memories: "vector",
  facts: "facts",
  factHistory: "fact-history",
  contexts: "contexts",
  sessions: "sessions",
  spaceParticipants: "space-participants",
  profile: "user-profile",
} as const;

type Controls = (KeyedControls & ProgressControls) | undefined;

/** Whose rows go. */
export interface User {
  userId: string;
  tenantId?: string | undefined;
}

/** Deletes the profile alone. */
export async function deleteProfile(
  calls: Calls,
  user: User,
  { dryRun = false }: DeleteUserOptions,
  controls: Controls,
): Promise<UserDeleteResult> {
  if (!dryRun) {
    for (let step = 0;; step++) {
      const { deleted } = await calls.mutation<{ deleted: boolean }>(
        "users:deleteUserProfile",
        { ...user },
        partOf(controls, step),
      );
      if (deleted) break;
    }
  }
  return resultOf(
    user.userId,
    dryRun ? {} : { profile: 1 },
    dryRun ? [] : [LAYERS.profile],
    { complete: true, issues: [] },
  );
}

/** Erases everything of a user's. Rejects with `CascadeDeletionError`; what was erased stays erased. */
export async function eraseUser(
  calls: Calls,
  user: User,
  options: DeleteUserOptions,
  controls: Controls,
): Promise<UserDeleteResult> {
  try {
    const { counts, deletedLayers, verification } = await eraseAll(
      calls,
      {
        erase: "users:eraseUser",
        verify: "users:verifyErasure",
        args: { ...user },
        layers: LAYERS,
      },
      options,
      controls,
    );
    return resultOf(
      user.userId,
      counts,
      [...new Set(deletedLayers)],
      verification,
    );
  } catch (error) {
    if (isGivenUp(error, controls)) throw error;
    throw new CascadeDeletionError(
      `Cascade deletion failed for user ${cut(user.userId)}`,
      error,
    );
  }
}

/** Wrong controls of a call: nothing was erased. */
const REFUSED = [INVALID_ARGUMENT, "IDEMPOTENCY_CONFLICT"];

/** Whether the caller ended the call, or called wrongly, rather than a failure. */
export function isGivenUp(error: unknown, controls: Controls): boolean {
  if (controls?.signal?.aborted === true) return true;
  if (!isCortexError(error)) return false;
  return REFUSED.includes(error.code) ||
    controls?.timeoutMs !== undefined && error.code === "TIMEOUT";
}

function resultOf(
  userId: string,
  counts: Readonly<Record<string, number>>,
  deletedLayers: string[],
  verification: VerificationResult,
): UserDeleteResult {
  const of = (table: string) => counts[table] ?? 0;
  return {
    userId,
    deletedAt: Date.now(),
    conversationsDeleted: of("conversations"),
    conversationMessagesDeleted: of("messages"),
    immutableRecordsDeleted: of("immutable"),
    mutableKeysDeleted: of("mutable"),
    vectorMemoriesDeleted: of("memories"),
    factsDeleted: of("facts"),
    graphNodesDeleted: 0,
    contextsDeleted: of("contexts"),
    sessionsDeleted: of("sessions"),
    factHistoryDeleted: of("factHistory"),
    verification,
    totalDeleted: total(counts, Object.keys(LAYERS)),
    deletedLayers,
  };
}
