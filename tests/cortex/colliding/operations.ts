/** Everything that a step may do. */
import type { Choice, Operation } from "./choice.ts";
import { erasingOperations } from "./erasing.ts";
import { factOperations } from "./facts.ts";
import { lookOperations } from "./looks.ts";
import { memoryOperations, vectorOperations } from "./memories.ts";
import { moveOperations } from "./moves.ts";
import { recordOperations, valueOperations } from "./records.ts";
import { registryOperations } from "./registry.ts";
import { talkOperations } from "./talks.ts";

/** Something that is done, and what it is about. */
export interface Deed {
  readonly name: string;
  readonly choice: Choice;
}

/** What touches one memory space only. */
const IN_SPACE: Readonly<Record<string, Operation>> = {
  ...memoryOperations,
  ...vectorOperations,
  ...factOperations,
};

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...IN_SPACE,
  ...talkOperations,
  ...valueOperations,
  ...recordOperations,
  ...registryOperations,
  ...erasingOperations,
  ...moveOperations,
  ...lookOperations,
};

/** What takes many things away, and is done seldom, so that there are some. */
export const WIPES: ReadonlySet<string> = new Set([
  "deleteFacts",
  "deleteMany",
  "deleteTalks",
  "eraseUser",
  "eraseUsers",
  "purgeRecords",
  "purgeValues",
  "putBackUser",
  "takeAgent",
  "takeSpace",
]);

/** Whether it makes no difference which of two deeds is done first. */
export function commute(one: Deed, two: Deed): boolean {
  if (one.choice.tenantId !== two.choice.tenantId) return true;
  return one.name in IN_SPACE && two.name in IN_SPACE &&
    one.choice.space !== two.choice.space &&
    one.choice.idempotencyKey === undefined &&
    two.choice.idempotencyKey === undefined;
}

/** The same deed, if it makes sense, naming nothing that may come to be only later, nor an answer of earlier. */
export function atOnce({ name, choice }: Deed): Deed[] {
  if (name in moveOperations) return [];
  const { few, flag, space, memory } = choice;
  return [{
    name,
    choice: {
      ...choice,
      idempotencyKey: undefined,
      // So few that they often come again.
      space: space === "y" ? "y" : "x",
      memory: memory === "y" ? "y" : "x",
      // Facts name a memory, and memories a conversation, by these.
      flag: flag && !name.startsWith("storeFact"),
      few: /^store(Again|Vector)?$/.test(name) ? Math.min(few, 1) : few,
    },
  }];
}
