/** What a step is about, drawn once for both worlds. */
import type { Random } from "../../../src/testing/support/random.ts";
import { type Tenant, TENANTS, type World } from "./world.ts";

/** Ids as they are in the world where they collide. */
export interface Choice {
  readonly tenantId: string | undefined;
  readonly space: string;
  readonly otherSpace: string;
  readonly user: string;
  /** Another user, or the same. */
  readonly other: string;
  readonly agent: string;
  /** An agent or a tool that speaks, if any. */
  readonly participant: string | undefined;
  /** Whom a fact is about, if it says so. */
  readonly subject: string | undefined;
  readonly memory: string;
  readonly fact: string;
  /** The fact that supersedes it. */
  readonly newer: string;
  readonly conversation: string;
  readonly message: string;
  /** A type of records, and a namespace of values. */
  readonly label: string;
  /** Id of a record, and key of a value. */
  readonly key: string;
  readonly otherLabel: string;
  readonly otherKey: string;
  readonly idempotencyKey: string | undefined;
  /** A word that no other step says. */
  readonly word: string;
  /** When a message was said, in ms. */
  readonly saidAt: number;
  /** 0, 1 or 2. */
  readonly few: number;
  readonly flag: boolean;
}

const USERS = ["x", "y", "x-y", "user:x", "X", "\u1e8b"];
/** None is spelt like two users: a fact about one of those belongs to the other as well. */
const SUBJECTS = ["y", "x-y", "user:x"];
/** None is named like a space, which would be its inbox, or like a user, who would be the same participant. */
const AGENTS = ["agent:x", "x|y", "x,y"];
const SPACES = ["x", "x-y", "y"];
const MEMORIES = ["x", "x-0", "y"];
const LABELS = ["x", "x-y", "y"];
const KEYS = ["x", "y-x", "x:y", "y"];
const FACTS = ["x", "x-0", "x:y"];

/** Draws what the step with this number is about. */
export function draw({ below, pick }: Random, step: number): Choice {
  /** Most often one of the first, so that steps meet. */
  const often = (ids: readonly string[]): string =>
    ids[Math.min(below(ids.length), below(ids.length))]!;
  return {
    tenantId: pick(TENANTS),
    space: often(SPACES),
    otherSpace: pick(SPACES),
    user: often(USERS),
    other: pick(USERS),
    agent: pick(AGENTS),
    participant: below(3) === 0 ? pick(AGENTS) : undefined,
    subject: below(2) === 0 ? pick(SUBJECTS) : undefined,
    memory: often(MEMORIES),
    fact: often(FACTS),
    newer: pick([...FACTS, "y"]),
    conversation: often(["x", "x-y", "y"]),
    message: pick(MEMORIES),
    label: often(LABELS),
    key: often(KEYS),
    otherLabel: pick(LABELS),
    otherKey: pick(KEYS),
    idempotencyKey: below(6) === 0 ? pick(["k", "k#0", "k#1"]) : undefined,
    word: `word${step}`,
    saidAt: 1_600_000_000_000 + step,
    few: below(3),
    flag: below(2) === 0,
  };
}

/** A choice with the ids that its things have in one world. */
export interface Scene extends Choice {
  readonly world: World;
  readonly cortex: Tenant;
  readonly controls: { idempotencyKey?: string };
}

/** Names what was chosen as the world does. */
export function sceneOf(world: World, choice: Choice): Scene {
  const { tenantId, space, conversation, idempotencyKey } = choice;
  const user = (id: string) => world.name(id, "user", tenantId);
  const agent = (id: string) => world.name(id, "agent", tenantId);
  const fact = (id: string) => world.name(id, "fact", tenantId, space);
  const label = (id: string) => world.name(id, "label", tenantId);
  const key = (id: string, of: string) => world.name(id, "key", tenantId, of);
  return {
    ...choice,
    world,
    cortex: world.cortex(tenantId),
    controls: idempotencyKey === undefined ? {} : { idempotencyKey },
    space: world.name(space, "space", tenantId),
    otherSpace: world.name(choice.otherSpace, "space", tenantId),
    user: user(choice.user),
    other: user(choice.other),
    agent: agent(choice.agent),
    participant: choice.participant && agent(choice.participant),
    subject: choice.subject && user(choice.subject),
    memory: world.name(choice.memory, "memory", tenantId, space),
    fact: fact(choice.fact),
    newer: fact(choice.newer),
    conversation: world.name(conversation, "conversation", tenantId),
    message: world.name(choice.message, "message", tenantId, conversation),
    label: label(choice.label),
    key: key(choice.key, choice.label),
    otherLabel: label(choice.otherLabel),
    otherKey: key(choice.otherKey, choice.otherLabel),
  };
}

/** Something that is done in both worlds. */
export type Operation = (scene: Scene) => Promise<unknown>;
