/** A naive model of memories and conversations: maps, changed as the facade documents. */
import type { MemoryEntry, SourceType } from "../../mod.ts";

export interface Memory {
  space: string;
  content: string;
  importance: number;
  tags: string[];
  userId: string | undefined;
  sourceType: SourceType;
  version: number;
  isArchived: boolean;
  /** Importance that it has again once restored from the archive. */
  ownImportance: number;
  conversationId?: string;
  messageIds: string[];
}

export interface Conversation {
  space: string;
  userId: string | undefined;
  messageIds: string[];
}

export class MemoryModel {
  readonly memories: Map<string, Memory> = new Map();
  readonly conversations: Map<string, Conversation> = new Map();

  in(space: string, matches: (memory: Memory) => boolean = () => true) {
    return [...this.memories].filter(([, memory]) =>
      memory.space === space && matches(memory)
    ).map(([id]) => id);
  }

  /** Takes over a memory that was stored. */
  add(space: string, entry: MemoryEntry): void {
    this.memories.set(entry.memoryId, {
      space,
      content: entry.content,
      importance: entry.importance,
      tags: [...entry.tags],
      userId: entry.userId,
      sourceType: entry.sourceType,
      version: 1,
      isArchived: false,
      ownImportance: entry.importance,
      ...(entry.conversationRef && {
        conversationId: entry.conversationRef.conversationId,
      }),
      messageIds: entry.conversationRef?.messageIds ?? [],
    });
  }
}
