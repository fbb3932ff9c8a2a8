/** Rows of the model as a `Cortex` returns them. */
import {
  type AgentRow,
  defined,
  type RecordRow,
  type SpaceRow,
  type TalkRow,
  type ValueRow,
} from "./rows.ts";
import type { Row, World } from "./world.ts";

export function profile(world: World, row: RecordRow) {
  const { id, data, version, createdAt, updatedAt } = row;
  return world.own({ id, data, version, createdAt, updatedAt });
}

export function record(world: World, row: RecordRow, most = 1000) {
  const { previous, owners: _, since: __, ...rest } = row;
  return world.own({ ...rest, previousVersions: previous.slice(-most) });
}

export function value(world: World, { writes: _, ...row }: ValueRow) {
  return world.own(row);
}

export const agent = (world: World, row: AgentRow) => world.own(row);

export const space = (world: World, row: SpaceRow) => world.own(row);

export const talk = (world: World, row: TalkRow) => world.own(row);

export function still(told: unknown): unknown {
  const { stats: _, lastActive: __, ...rest } = told as Row;
  return rest;
}

export function isRange(filter: Row): boolean {
  const holds = (after: unknown, before: unknown) =>
    after === undefined || before === undefined ||
    (after as number) < (before as number);
  return holds(filter.createdAfter, filter.createdBefore) &&
    holds(filter.updatedAfter, filter.updatedBefore) &&
    holds(filter.lastMessageAfter, filter.lastMessageBefore);
}

export function withoutGaps<Whole>(whole: Whole): Whole {
  return JSON.parse(JSON.stringify(whole));
}

export function versionsOf(row: RecordRow) {
  const { previous, version, data, since: timestamp, metadata } = row;
  return [
    ...previous,
    defined({ version, data, timestamp, metadata }),
  ];
}

export function versionAt(row: RecordRow | undefined, time: number) {
  if (row === undefined || time < row.createdAt) return null;
  const versions = versionsOf(row);
  return versions.findLast(({ timestamp }) => timestamp <= time) ??
    versions[0]!;
}
