import { axis, type Backend, exchange, fact, SPACE } from "./backend.ts";

/** Rows erased by table. */
export type Counts = Record<string, number>;

/** What a step of an erasure answers. */
export interface Step {
  counts: Counts;
  bytes: number;
  memorySpaceIds: string[];
  issues: string[];
  done: boolean;
  cursor?: string;
  requestId?: string;
}

/** Calls a step until it is done; gives the last answer and how often it was called. */
export async function erase(
  backend: Backend,
  name: string,
  args: Record<string, unknown>,
): Promise<{ last: Step; steps: number; sum: Counts }> {
  const sum: Counts = {};
  let cursor: string | undefined;
  for (let steps = 1;; steps++) {
    const last = await backend.mutation<Step>(name, {
      ...args,
      ...(cursor !== undefined && { cursor }),
    });
    for (const [table, rows] of Object.entries(last.counts)) {
      sum[table] = (sum[table] ?? 0) + rows;
    }
    if (last.done) return { last, steps, sum };
    cursor = last.cursor;
  }
}

/** What Ann leaves behind in every layer; her own words contain "zebra". */
export async function live(
  backend: Backend,
  tenant: Record<string, unknown> = {},
) {
  const say = (changes: Record<string, unknown>) =>
    backend.mutation("memory:remember", exchange({ ...tenant, ...changes }));
  const withEmbedding = exchange({
    ...tenant,
    n: 1,
    say: "My zebra is called Zoe",
    facts: [fact("f1", {
      fact: "Ann has a zebra",
      subject: "ann",
      predicate: "has",
      object: "zebra",
      embedding: axis(1),
    })],
  });
  for (const memory of withEmbedding.memories as Record<string, unknown>[]) {
    memory.embedding = axis(0);
  }
  await backend.mutation("memory:remember", withEmbedding);
  await say({
    n: 2,
    say: "The zebra is now called Zara",
    facts: [fact("f2", {
      fact: "Ann has a zebra Zara",
      subject: "ann",
      predicate: "has",
      object: "zebra Zara",
    })],
  });
  await say({
    n: 3,
    memorySpaceId: "space-2",
    conversationId: "conv-2",
    say: "Zebra again",
  });
  const store = (args: Record<string, unknown>) =>
    backend.mutation("memories:store", {
      ...tenant,
      memorySpaceId: SPACE,
      content: "A zebra was mentioned",
      contentType: "raw",
      sourceType: "system",
      importance: 50,
      tags: ["zebra"],
      ...args,
    });
  await store({ memoryId: "mem-loose", userId: "ann" });
  await store({
    memoryId: "mem-derived",
    sourceType: "conversation",
    conversationRef: { conversationId: "conv-1", messageIds: ["u1"] },
  });
  for (const data of [{ mark: "zebra 1" }, { mark: "zebra 2" }]) {
    await backend.mutation("immutable:store", {
      ...tenant,
      type: "note",
      id: "n-1",
      userId: "ann",
      data,
    });
  }
  await backend.mutation("users:update", {
    ...tenant,
    userId: "ann",
    data: { pet: "zebra" },
  });
  for (const namespace of ["sessions", "odd.namespace"]) {
    await backend.mutation("mutable:set", {
      ...tenant,
      namespace,
      key: "k",
      value: "zebra",
      userId: "ann",
    });
  }
  await backend.mutation("memorySpaces:register", {
    ...tenant,
    memorySpaceId: "space-3",
    type: "team",
    participants: [{ id: "ann", type: "user" }, { id: "bob", type: "user" }],
  });
}

export const bob = (n: number, changes: Record<string, unknown> = {}) =>
  exchange({
    n,
    userId: "bob",
    userName: "Bob",
    conversationId: "conv-bob",
    ...changes,
  });
