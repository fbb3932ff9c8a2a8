/** The finding functions on an engine of their own, beside mutations that store rows without the rest of the backend. */
import { mutationGeneric } from "convex/server";
import * as recall from "../../src/convex/recall.ts";
import {
  appendMessages,
  insertConversation,
} from "../../src/convex/lib/conversations/conversationStore.ts";
import {
  insertFact,
  type NewFact,
} from "../../src/convex/lib/facts/factStore.ts";
import {
  softDeleteFact,
  supersedeFacts,
} from "../../src/convex/lib/facts/factVersions.ts";
import { publicAction, publicQuery } from "../../src/convex/lib/functions.ts";
import {
  insertMemories,
  type NewMemory,
} from "../../src/convex/lib/memory/memoryStore.ts";
import {
  searchQuery,
  searchWithEmbeddingAction,
} from "../../src/convex/lib/memory/memorySearch.ts";
import type { Doc, MutationCtx } from "../../src/convex/lib/model.ts";
import {
  recallQuery,
  recallWithEmbeddingAction,
} from "../../src/convex/lib/recall/recall.ts";
import { type Recalled, toItems } from "../../src/cortex/memory/recall.ts";
import { decodeMetadata } from "../../src/cortex/rules/free_form.ts";
import type { RecallItem } from "../../src/cortex/types/recall.ts";
import type { FoundMemory } from "../../src/convex/lib/memory/memorySearch.ts";
import schema from "../../src/convex/schema.ts";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

/** Time of every call that does not give its own, in milliseconds. */
export const NOW = Date.UTC(2024, 5, 1, 12);
const SPACE = "space-1";

const scopeOf = (args: { tenantId?: string; now?: number }) => ({
  tenantId: args.tenantId,
  organizationId: undefined,
  now: args.now ?? NOW,
});

const fixture = {
  addMemories: mutationGeneric(async (ctx, args) => {
    const { tenantId, now, memories } = args as {
      tenantId?: string;
      now?: number;
      memories: NewMemory[];
    };
    await insertMemories(
      ctx as MutationCtx,
      scopeOf({ tenantId, now }),
      memories,
    );
    return null;
  }),
  patchMemory: mutationGeneric(async (ctx, args) => {
    const { memoryId, changes } = args as {
      memoryId: string;
      changes: Partial<Doc<"memories">>;
    };
    const { db } = ctx as MutationCtx;
    const rows = await db.query("memories").collect();
    const row = rows.find((other) => other.memoryId === memoryId)!;
    await db.patch(row._id, changes);
    return null;
  }),
  addFacts: mutationGeneric(async (ctx, args) => {
    const { tenantId, now, facts } = args as {
      tenantId?: string;
      now?: number;
      facts: NewFact[];
    };
    for (const fact of facts) {
      await insertFact(ctx as MutationCtx, scopeOf({ tenantId, now }), fact);
    }
    return null;
  }),
  retireFact: mutationGeneric(async (ctx, args) => {
    const { factId, by, changes } = args as {
      factId: string;
      by?: NewFact;
      changes?: Partial<Doc<"facts">>;
    };
    const { db } = ctx as MutationCtx;
    const rows = await db.query("facts").collect();
    const row = rows.find((other) => other.factId === factId)!;
    const scope = scopeOf({});
    if (changes !== undefined) await db.patch(row._id, changes);
    else if (by !== undefined) {
      await supersedeFacts(ctx as MutationCtx, scope, [row], by, {});
    } else await softDeleteFact(ctx as MutationCtx, scope, row, "test");
    return null;
  }),
  addConversation: mutationGeneric(async (ctx, args) => {
    const { conversationId, memorySpaceId, messages } = args as {
      conversationId: string;
      memorySpaceId?: string;
      messages: { id: string; content: string }[];
    };
    const conversation = await insertConversation(
      ctx as MutationCtx,
      scopeOf({}),
      {
        conversationId,
        memorySpaceId: memorySpaceId ?? SPACE,
        type: "user-agent",
        participants: { userId: "user-1" },
      },
    );
    await appendMessages(
      ctx as MutationCtx,
      scopeOf({}),
      conversation,
      messages.map((message) => ({ role: "user", ...message })),
    );
    return null;
  }),
};

/** An engine with what the finding functions need; the caller closes it. */
export function openBackend(): Engine {
  return openEngine({
    schema,
    store: openMemoryStore(),
    now: () => NOW,
    modules: {
      fixture,
      recall,
      memory: {
        recall: publicQuery(recallQuery),
        recallWithEmbedding: publicAction(recallWithEmbeddingAction),
      },
      memories: {
        search: publicQuery(searchQuery),
        searchWithEmbedding: publicAction(searchWithEmbeddingAction),
      },
    },
  });
}

/** A memory to store: `content` under its id, in the space of the tests unless `more` says otherwise. */
export function memory(
  memoryId: string,
  content: string,
  more: Partial<NewMemory> = {},
): NewMemory {
  return {
    memoryId,
    memorySpaceId: SPACE,
    content,
    contentType: "raw",
    sourceType: "conversation",
    sourceTimestamp: NOW,
    importance: 50,
    tags: [],
    ...more,
  };
}

/** A fact to store: its text under its id. */
export function fact(
  factId: string,
  text: string,
  more: Partial<NewFact> = {},
): NewFact {
  return {
    factId,
    memorySpaceId: SPACE,
    fact: text,
    factType: "knowledge",
    confidence: 80,
    sourceType: "conversation",
    tags: [],
    ...more,
  };
}

/** Stores memories, each by a mutation of its own, in order. */
export async function addMemories(
  engine: Engine,
  memories: readonly NewMemory[],
  scope: { tenantId?: string; now?: number } = {},
): Promise<void> {
  for (const one of memories) {
    await engine.mutation("fixture:addMemories", { ...scope, memories: [one] });
  }
}

/** Stores facts in order. */
export async function addFacts(
  engine: Engine,
  facts: readonly NewFact[],
  scope: { tenantId?: string; now?: number } = {},
): Promise<void> {
  await engine.mutation("fixture:addFacts", { ...scope, facts });
}

/** What a recall gives, its items put together as the facade does. */
export type Asked = Omit<Recalled, "items"> & { items: RecallItem[] };

/** Asks in the space of the tests; with an `embedding` through the action. */
export async function ask(
  engine: Engine,
  query: string,
  more: Record<string, unknown> = {},
): Promise<Asked> {
  const args = {
    memorySpaceId: SPACE,
    query,
    sources: { vector: true, facts: true },
    limit: 20,
    includeConversation: false,
    now: NOW,
    ...more,
  };
  const found = "embedding" in more
    ? engine.action("memory:recallWithEmbedding", args)
    : engine.query("memory:recall", args);
  const recalled = decodeMetadata(await found) as unknown as Recalled;
  return { ...recalled, items: toItems(recalled) };
}

/** Searches memories in the space of the tests. */
export async function search(
  engine: Engine,
  query: string,
  more: Record<string, unknown> = {},
  how: "query" | "action" = "query",
): Promise<FoundMemory[]> {
  const args = { memorySpaceId: SPACE, query, now: NOW, ...more };
  const found = how === "query"
    ? engine.query("memories:search", args)
    : engine.action("memories:searchWithEmbedding", args);
  return await found as unknown as FoundMemory[];
}

/** Ids of a recall's items, best first. */
export function ids(result: Asked): string[] {
  return result.items.map((item) => item.id);
}

/** A vector of a length that points along one axis, tilted towards another. */
export function axis(dims: number, at: number, tilt = 0): number[] {
  const vector = new Array<number>(dims).fill(0);
  vector[at] = 1;
  vector[(at + 1) % dims] = tilt;
  return vector;
}

/** A test with a backend of its own, closed at its end. */
export function backendTest(
  name: string,
  run: (engine: Engine) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const engine = openBackend();
    try {
      await run(engine);
    } finally {
      await engine.close();
    }
  });
}
