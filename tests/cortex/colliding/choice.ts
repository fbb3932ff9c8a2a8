/** What a step is about, drawn once for both worlds. */
import type { Cortex } from "../../../mod.ts";
import type { Random } from "../../../src/testing/support/random.ts";
import { TENANTS, type World } from "./world.ts";

/** Ids as they are in the world where they collide. */
export interface Choice {
  readonly tenantId: string | undefined;
  readonly space: string;
  readonly user: string;
  /** Another user, or the same. */
  readonly other: string;
  readonly agent: string;
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
  readonly idempotencyKey: string | undefined;
  /** A word that no other step says. */
  readonly word: string;
  /** 0, 1 or 2. */
  readonly few: number;
  readonly flag: boolean;
}

const USERS = ["x", "y", "x-y", "user:x"];
const SPACES = ["x", "x-y", "y"];
const MEMORIES = ["x", "x-0", "y"];
const FACTS = ["x", "x-0", "x:y"];

/** Draws what the step with this number is about. */
export function draw({ below, pick }: Random, step: number): Choice {
  return {
    tenantId: pick(TENANTS),
    space: pick(SPACES),
    user: pick(USERS),
    other: pick(USERS),
    // None is named like a space, which would be its inbox, or like a user, who would be the same participant.
    agent: pick(["agent:x", "x|y", "x,y"]),
    memory: pick(MEMORIES),
    fact: pick(FACTS),
    newer: pick([...FACTS, "y"]),
    conversation: pick(["x", "x-y", "y"]),
    message: pick(MEMORIES),
    label: pick(["x", "x-y", "y"]),
    key: pick(["x", "y-x", "x:y", "y"]),
    idempotencyKey: below(6) === 0 ? pick(["k", "k#0", "k#1"]) : undefined,
    word: `word${step}`,
    few: below(3),
    flag: below(2) === 0,
  };
}

/** A choice with the ids that its things have in one world. */
export interface Scene extends Choice {
  readonly world: World;
  readonly cortex: Cortex;
  /** Time of the call, in ms. */
  readonly now: number;
  readonly controls: { idempotencyKey?: string };
}

/** Names what was chosen as the world does. */
export function sceneOf(world: World, choice: Choice): Scene {
  const { tenantId, space, conversation, idempotencyKey } = choice;
  return {
    ...choice,
    world,
    cortex: world.cortex(tenantId),
    now: world.tick(),
    controls: idempotencyKey === undefined ? {} : { idempotencyKey },
    space: world.name(space, "space", tenantId),
    user: world.name(choice.user, "user", tenantId),
    other: world.name(choice.other, "user", tenantId),
    agent: world.name(choice.agent, "agent", tenantId),
    memory: world.name(choice.memory, "memory", tenantId, space),
    fact: world.name(choice.fact, "fact", tenantId, space),
    newer: world.name(choice.newer, "fact", tenantId, space),
    conversation: world.name(conversation, "conversation", tenantId),
    message: world.name(choice.message, "message", tenantId, conversation),
    label: world.name(choice.label, "label", tenantId),
    key: world.name(choice.key, "key", tenantId, choice.label),
  };
}

/** Something that is done in both worlds. */
export type Operation = (scene: Scene) => Promise<unknown>;
