/** Questions about conversations, at random. */
import { assertEquals } from "@std/assert";
import * as expected from "./expected.ts";
import type { ListConversationsFilter } from "../../../mod.ts";
import { defined } from "./rows.ts";
import { isRange, talk } from "./told.ts";
import {
  AGENTS,
  NAMES,
  type Row,
  shown,
  SPACES,
  TEXTS,
  USERS,
  type World,
} from "./world.ts";

export async function lookAtTalks(world: World): Promise<void> {
  const { cortex: { conversations }, model, random: { pick, below } } = world;
  const conversationId = `${pick(NAMES.slice(0, 6))}c`;
  const row = model.talks.find((row) => row.conversationId === conversationId);
  const messageLimit = world.maybe(() => 1 + below(2));
  await world.same(
    "conversations.get",
    () => conversations.get(conversationId, { messageLimit }),
    () =>
      row === undefined ? null : talk(world, {
        ...row,
        messages: row.messages.slice(-(messageLimit ?? 1000)),
      }),
  );
  const history = defined({
    limit: world.maybe(() => 1 + below(3)),
    offset: world.maybe(() => below(3)),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
    since: world.maybe(() => world.time() - 10, 3),
    until: world.maybe(() => world.clock.now + 1, 3),
    roles: world.maybe(
      () => pick([[], ["user"], ["agent", "system"]] as const),
      3,
    ),
  });
  await world.same(
    `conversations.getHistory ${JSON.stringify(history)}`,
    () => conversations.getHistory(conversationId, history),
    () => {
      const { offset = 0, limit = 50, since = 0, until = Infinity } = history;
      const { roles = [], sortOrder } = history;
      const all = model.talk(conversationId).messages.filter((message) =>
        message.timestamp >= since && message.timestamp <= until &&
        (roles.length === 0 ||
          (roles as readonly string[]).includes(message.role))
      );
      if (sortOrder === "desc") all.reverse();
      return {
        messages: expected.page(all, { offset, limit }),
        total: all.length,
        hasMore: offset + limit < all.length,
        conversationId,
      };
    },
  );
  let filter: ListConversationsFilter;
  do {
    filter = defined({
      type: world.maybe(() => pick(["user-agent", "agent-agent"] as const), 4),
      userId: world.maybe(() => pick(USERS), 4),
      memorySpaceId: world.maybe(() => pick(SPACES), 4),
      participantId: world.maybe(() => pick(AGENTS), 8),
      createdAfter: world.maybe(() => world.time() - 20, 8),
      createdBefore: world.maybe(() => world.clock.now + below(3), 8),
      updatedAfter: world.maybe(() => world.time() - 20, 8),
      updatedBefore: world.maybe(() => world.clock.now + below(3), 8),
      lastMessageAfter: world.maybe(() => world.time() - 20, 8),
      lastMessageBefore: world.maybe(() => world.clock.now + below(3), 8),
      messageCount: world.maybe(
        () => pick([0, 1, { min: 1 }, { max: 2 }, { min: 1, max: 2 }]),
        6,
      ),
      metadata: world.maybe(() => world.metadata(), 6),
    }) as ListConversationsFilter;
  } while (!isRange(filter as Row));
  const paged = defined({
    ...filter,
    limit: world.maybe(() => 1 + below(4)),
    offset: world.maybe(() => below(4)),
    sortBy: world.maybe(() =>
      pick(["createdAt", "updatedAt", "lastMessageAt", "messageCount"] as const)
    ),
    sortOrder: world.maybe(() => pick(["asc", "desc"] as const)),
  }) as ListConversationsFilter;
  const all = expected.talks(model, paged);
  const { limit = 50, offset = 0 } = paged;
  await world.same(
    `conversations.list ${JSON.stringify(paged)}`,
    async () => {
      const { conversations: rows, ...told } = await conversations.list(paged);
      return { ...told, conversations: rows.map(shown) };
    },
    () => ({
      conversations: expected.page(all, { offset, limit }).map((row) =>
        talk(world, row)
      ),
      total: all.length,
      limit,
      offset,
      hasMore: offset + limit < all.length,
    }),
  );
  await world.same(
    `conversations.count ${JSON.stringify(filter)}`,
    () => conversations.count(filter),
    () => all.length,
  );
  await lookForTalks(world);
  await lookForOne(world);
}

async function lookForTalks(world: World): Promise<void> {
  const { cortex: { conversations }, model, random: { pick, below } } = world;
  const filters = defined({
    type: world.maybe(() => pick(["user-agent", "agent-agent"] as const), 4),
    userId: world.maybe(() => pick(USERS), 4),
    memorySpaceId: world.maybe(() => pick(SPACES), 4),
    dateRange: world.maybe(
      () => ({ start: world.time() - 20, end: world.clock.now + below(2) }),
      4,
    ),
  });
  const { dateRange, ...plain } = filters;
  const chosen = expected.talks(model, plain).filter(({ createdAt }) =>
    dateRange === undefined ||
    createdAt >= dateRange.start && createdAt <= dateRange.end
  );
  const query = pick([...TEXTS, "a", "ada", "ok 😀", "level", '"', "100% $"]);
  const matchMode = pick([undefined, "contains", "exact", "fuzzy"] as const);
  const searchIn = pick([undefined, "content", "metadata", "both"] as const);
  const hits = (text: string, asked = query): boolean => {
    const [own, wanted] = [expected.bare(text), expected.bare(asked)];
    if (matchMode === "exact") return own === wanted;
    return matchMode === "fuzzy"
      ? wanted.split(/\s+/).every((word) => own.includes(word))
      : own.includes(wanted);
  };
  // As JSON writes it, or as it is.
  const hitsJson = (json: string) =>
    hits(json) || hits(json, JSON.stringify(query).slice(1, -1));
  const found = chosen.map((row) => {
    const matched = searchIn === "metadata"
      ? []
      : row.messages.filter(({ content }) => hits(content));
    const byMetadata = (searchIn === "metadata" || searchIn === "both") &&
      hitsJson(JSON.stringify(row.metadata ?? {}));
    const share = matched.length / Math.max(1, row.messageCount);
    const score = Math.min(1, share + (byMetadata ? 0.5 : 0));
    return { row, matched, score };
  }).filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
  const limit = world.maybe(() => 1 + below(3));
  const got = await conversations.search({
    query,
    filters: { ...filters, limit },
    options: { matchMode, searchIn },
  });
  const what = JSON.stringify({ query, filters, matchMode, searchIn, limit });
  const asked = found.slice(0, limit ?? 10);
  assertEquals(
    got.map(({ score }) => score),
    asked.map(({ score }) => score),
    what,
  );
  for (const { conversation, matchedMessages, score } of got) {
    const own = found.find(({ row }) =>
      row.conversationId === conversation.conversationId
    );
    assertEquals(score, own?.score, what);
    assertEquals(matchedMessages, own?.matched, what);
  }
  await world.same(
    `conversations.export ${what}`,
    async () => {
      const told = await conversations.export({
        format: "json",
        filters,
        includeMetadata: true,
      });
      const rows = JSON.parse(told.data) as Row[];
      assertEquals(rows.length, told.count);
      return expected.ordered(rows, ({ conversationId }) => conversationId);
    },
    () =>
      expected.ordered(
        chosen.map((row) => {
          const { memorySpaceId: _, participantId: __, ...rest } = row;
          return rest;
        }),
        ({ conversationId }) => conversationId,
      ),
  );
}

async function lookForOne(world: World): Promise<void> {
  const { cortex: { conversations }, model, random: { pick } } = world;
  const conversationId = `${pick(NAMES.slice(0, 6))}c`;
  const row = model.talks.find((row) => row.conversationId === conversationId);
  const messageIds = [...new Set([pick(USERS), pick(USERS), pick(USERS)])];
  await world.same(
    "conversations.getMessagesByIds",
    () => conversations.getMessagesByIds(conversationId, messageIds),
    () => row?.messages.filter(({ id }) => messageIds.includes(id)) ?? [],
  );
  await world.same(
    "conversations.getMessage",
    () => conversations.getMessage(conversationId, messageIds[0]!),
    () => row?.messages.find(({ id }) => id === messageIds[0]) ?? null,
  );
  const whose = { memorySpaceId: pick(SPACES), userId: pick(USERS) };
  await world.same(
    "conversations.findConversation",
    () => conversations.findConversation({ ...whose, type: "user-agent" }),
    () => {
      const found = expected.talks(model, {
        ...whose,
        type: "user-agent",
        sortOrder: "asc",
      })[0];
      return found === undefined ? null : talk(world, found);
    },
  );
  const among = [...new Set([pick(SPACES), pick(SPACES)])];
  if (among.length < 2) return;
  await world.same(
    "conversations.findConversation among spaces",
    () =>
      conversations.findConversation({
        memorySpaceId: whose.memorySpaceId,
        type: "agent-agent",
        memorySpaceIds: among,
      }),
    () => {
      const found = expected.talks(model, { type: "agent-agent" }).findLast((
        { memorySpaceId, participants: { memorySpaceIds: own = [] } },
      ) =>
        own.length === among.length && own.every((id) => among.includes(id)) &&
        [memorySpaceId, ...own].includes(whose.memorySpaceId)
      );
      return found === undefined ? null : talk(world, found);
    },
  );
}
