/** Conversations at random: created, continued, deleted. */
import * as expected from "./expected.ts";
import type { Participants } from "../../../mod.ts";
import { defined, Refused, type TalkRow } from "./rows.ts";
import { talk } from "./told.ts";
import { AGENTS, NAMES, SPACES, TEXTS, USERS, type World } from "./world.ts";

type Input = NonNullable<ReturnType<typeof someTalk>>;

/** Input for a conversation; undefined if it would have only one space. */
function someTalk(world: World, conversationId: string) {
  const { pick } = world.random;
  const isAgents = world.once(3);
  const all =
    () => [pick(SPACES), pick(SPACES), ...world.once(2) ? [pick(AGENTS)] : []];
  const participants: Participants = isAgents
    ? { memorySpaceIds: [...new Set(all())] }
    : defined({
      userId: pick(USERS),
      agentId: pick(AGENTS),
      participantId: world.maybe(() => pick(AGENTS), 4),
    });
  if (participants.memorySpaceIds?.length === 1) return undefined;
  return defined({
    conversationId: world.once(4) ? undefined : conversationId,
    memorySpaceId: pick(SPACES),
    type: isAgents ? "agent-agent" as const : "user-agent" as const,
    participantId: world.maybe(() => pick(AGENTS), 3),
    participants,
    metadata: world.maybe(() => world.metadata()),
  });
}

/** Changes with an input, or of the conversation that it may name. */
const CHANGES = [
  create,
  create,
  getOrCreate,
  deleteOne,
  deleteMany,
  addMessage,
  addMessage,
  addMessage,
];

export async function changeTalks(world: World): Promise<void> {
  const { pick } = world.random;
  const conversationId = `${pick(NAMES.slice(0, 6))}c`;
  const input = someTalk(world, conversationId);
  if (input !== undefined) await pick(CHANGES)(world, input, conversationId);
}

async function create(world: World, input: Input): Promise<void> {
  const { cortex: { conversations }, model } = world;
  let id = input.conversationId ?? "";
  await world.same(
    "conversations.create",
    async () => {
      const made = await conversations.create(input);
      id = made.conversationId;
      return made;
    },
    () => talk(world, model.createTalk(input, id)),
  );
}

async function getOrCreate(world: World, input: Input): Promise<void> {
  const { cortex: { conversations }, model } = world;
  let id = "";
  await world.same(
    "conversations.getOrCreate",
    async () => {
      const got = await conversations.getOrCreate(input);
      id = got.conversationId;
      return got;
    },
    () => {
      const { conversationId } = input;
      const known = conversationId === undefined
        ? sameTalk(world, input)
        : model.talks.find((row) => row.conversationId === conversationId);
      return talk(
        world,
        known ?? model.createTalk(input, input.conversationId ?? id),
      );
    },
  );
}

async function deleteOne(
  world: World,
  _input: Input,
  conversationId: string,
): Promise<void> {
  const { cortex: { conversations }, model } = world;
  await world.same(
    "conversations.delete",
    async () => {
      const { deletedAt: _, ...told } = await conversations.delete(
        conversationId,
      );
      return told;
    },
    () => {
      const row = model.talk(conversationId);
      model.talks.splice(model.talks.indexOf(row), 1);
      return {
        deleted: true,
        conversationId,
        messagesDeleted: row.messageCount,
        restorable: false,
      };
    },
  );
}

async function deleteMany(world: World, { type }: Input): Promise<void> {
  const { cortex: { conversations }, model, random: { pick } } = world;
  if (world.once(2)) return;
  const filter = defined({
    userId: world.maybe(() => pick(USERS)),
    memorySpaceId: world.maybe(() => pick(SPACES)),
    type: world.maybe(() => type),
  });
  if (Object.keys(filter).length === 0) return;
  const dryRun = world.once(3);
  const confirmationThreshold = pick([undefined, 1, 2]);
  const requireConfirmation = pick([undefined, false, true]);
  const options = { dryRun, confirmationThreshold, requireConfirmation };
  await world.same(
    `conversations.deleteMany ${JSON.stringify([filter, options])}`,
    async () => {
      const told = await conversations.deleteMany(filter, options);
      return { ...told, conversationIds: told.conversationIds.sort() };
    },
    () => {
      const rows = expected.talks(model, filter);
      const messages = rows.reduce((sum, row) => sum + row.messageCount, 0);
      if (dryRun) {
        return {
          deleted: 0,
          totalMessagesDeleted: 0,
          conversationIds: [],
          wouldDelete: rows.length,
          wouldDeleteMessages: messages,
          dryRun,
        };
      }
      if (
        requireConfirmation !== false &&
        rows.length > (confirmationThreshold ?? 10)
      ) throw new Refused("DELETE_MANY_THRESHOLD_EXCEEDED");
      model.talks = model.talks.filter((row) => !rows.includes(row));
      return {
        deleted: rows.length,
        totalMessagesDeleted: messages,
        conversationIds: rows.map((row) => row.conversationId).sort(),
        dryRun: false,
      };
    },
  );
}

async function addMessage(
  world: World,
  _input: Input,
  conversationId: string,
): Promise<void> {
  const { cortex: { conversations }, model, random: { pick } } = world;
  const message = defined({
    id: pick(NAMES.filter((name) => /^[^\n\0]+$/.test(name))),
    role: pick(["user", "agent", "system"] as const),
    content: pick(TEXTS),
    participantId: world.maybe(() => pick(AGENTS), 3),
    metadata: world.maybe(() => world.metadata(), 3),
  });
  await world.same(
    "conversations.addMessage",
    () => conversations.addMessage({ conversationId, message }),
    () => talk(world, model.addMessage(conversationId, message)),
  );
}

function sameTalk(
  { model }: World,
  { memorySpaceId, type, participants }: Pick<
    TalkRow,
    "memorySpaceId" | "type" | "participants"
  >,
): TalkRow | undefined {
  const set = (ids: readonly string[] = []) => JSON.stringify([...ids].sort());
  return model.talks.find((row) =>
    row.type === type &&
    (type === "user-agent"
      ? row.memorySpaceId === memorySpaceId &&
        row.participants.userId === participants.userId &&
        row.participants.agentId === participants.agentId
      : set(row.participants.memorySpaceIds) ===
        set(participants.memorySpaceIds))
  );
}
