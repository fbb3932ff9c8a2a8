/** `users.delete`: deletes a profile alone, or everything that belongs to a user. */
import type { Calls } from "../calls/calls.ts";
import { CascadeDeletionError } from "../../errors.ts";
import {
  eraseAll,
  type ErasedRows,
  erasedRows,
  type Layers,
} from "../calls/erase.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import type { ProgressControls } from "../types/common.ts";
import type { DeleteUserOptions, UserDeleteResult } from "../types/users.ts";

/** The layers of an erasure, in the order in which results list them. */
const LAYERS: Layers<UserDeleteResult> = {
  conversations: ["conversations", "conversationsDeleted"],
  messages: ["conversations", "conversationMessagesDeleted"],
  immutable: ["immutable", "immutableRecordsDeleted"],
  mutable: ["mutable", "mutableKeysDeleted"],
  memories: ["vector", "vectorMemoriesDeleted"],
  facts: ["facts", "factsDeleted"],
  factHistory: ["fact-history", "factHistoryDeleted"],
  contexts: ["contexts", "contextsDeleted"],
  sessions: ["sessions", "sessionsDeleted"],
  spaceParticipants: ["space-participants"],
  profile: ["user-profile"],
};

type Controls = (KeyedControls & ProgressControls) | undefined;

/** The user to delete. */
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
  const { deletedAt } = dryRun
    ? { deletedAt: Date.now() }
    : await calls.whole<{ deletedAt: number }>(
      { kind: "mutation", name: "users:deleteUserProfile" },
      { ...user },
      controls,
    );
  return resultOf(user, {
    deletedAt,
    ...erasedRows(LAYERS, dryRun ? {} : { profile: 1 }),
    verification: { complete: true, issues: [] },
  });
}

/** Erases everything that belongs to the user. Rejects with `CascadeDeletionError`; what was erased stays erased. */
export async function eraseUser(
  calls: Calls,
  user: User,
  options: DeleteUserOptions,
  controls: Controls,
): Promise<UserDeleteResult> {
  const { memorySpaceIds: _, ...erased } = await eraseAll(
    calls,
    {
      name: "users:eraseUser",
      subject: { ...user },
      layers: LAYERS,
      whose: ["user", user.userId],
      errorClass: CascadeDeletionError,
    },
    options,
    controls,
  );
  return resultOf(user, erased);
}

function resultOf(
  { userId }: User,
  erased: ErasedRows & Pick<UserDeleteResult, "deletedAt" | "verification">,
): UserDeleteResult {
  return { userId, ...erased } as UserDeleteResult;
}
