/** Rows of the naive model, and how its data are merged. */
import type {
  AgentRegistration,
  Conversation,
  ImmutableVersion,
  MemorySpace,
} from "../../../mod.ts";

/** Free-form data. */
export type Data = Record<string, unknown>;

/** What the model refuses, by the code of the error. */
export class Refused extends Error {}

/** A record, as it should be; a profile is one of type `user`. */
export interface RecordRow {
  type: string;
  id: string;
  data: Data;
  userId?: string;
  metadata?: Data;
  version: number;
  previous: ImmutableVersion[];
  /** Whose the superseded versions were, by their numbers. */
  owners: Map<number, string | undefined>;
  /** Since when the current version holds. */
  since: number;
  createdAt: number;
  updatedAt: number;
}

/** A mutable value. */
export interface ValueRow {
  namespace: string;
  key: string;
  value: unknown;
  userId?: string;
  metadata?: Data;
  createdAt: number;
  updatedAt: number;
  writes: number;
}

/** An agent. */
export interface AgentRow extends AgentRegistration {
  metadata: Data;
  config: Data;
  status: "active" | "inactive" | "archived";
  registeredAt: number;
  updatedAt: number;
}

/** A conversation with all its messages. */
export type TalkRow = Omit<Conversation, "_id" | "tenantId">;
/** A space. */
export type SpaceRow = Omit<MemorySpace, "_id" | "tenantId">;

const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const DROPPED = ["__proto__", "constructor", "prototype"];

/** What `users.update` makes of data. */
export function merged(old: unknown, update: unknown): unknown {
  if (!isObject(update)) return update;
  const members = new Map(isObject(old) ? Object.entries(old) : []);
  for (const [name, value] of Object.entries(update)) {
    if (value === undefined || DROPPED.includes(name)) continue;
    members.set(name, merged(members.get(name), value));
  }
  return Object.fromEntries(members);
}

/** Of objects only the members that are something. */
export function defined<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== undefined),
  ) as Row;
}
