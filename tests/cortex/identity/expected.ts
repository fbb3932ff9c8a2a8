/** What lists, searches and counts should return by the model, each by looking at every row. */
import type { IdentityModel } from "./model.ts";
import type {
  AgentFilters,
  ListConversationsFilter,
  ListMemorySpacesFilter,
  ListMutableFilter,
  UserFilters,
} from "../../../mod.ts";
import type {
  AgentRow,
  RecordRow,
  SpaceRow,
  TalkRow,
  ValueRow,
} from "./rows.ts";

/** Conditions by name of the filter; one that is not given holds. */
type Conditions<Row, Filter> = {
  [Name in keyof Filter]?: (
    row: Row,
    wanted: NonNullable<Filter[Name]>,
    filter: Filter,
  ) => boolean;
};

function matching<Row, Filter extends object>(
  rows: readonly Row[],
  filter: Filter,
  conditions: Conditions<Row, Filter>,
): Row[] {
  return rows.filter((row) =>
    Object.entries(filter).every(([name, wanted]) =>
      wanted === undefined ||
      conditions[name as keyof Filter]?.(row, wanted, filter) !== false
    )
  );
}

/** Texts by code point, as Convex has them. */
const compare = (a: unknown, b: unknown): number => {
  const [one, other] = [a, b].map((value) =>
    typeof value === "string"
      ? Array.from(value, (char) => char.codePointAt(0)!)
      : [value as number]
  ) as [number[], number[]];
  const at = one.findIndex((part, at) => part !== other[at]);
  return at < 0 ? one.length - other.length : one[at]! - (other[at] ?? -1);
};

/** In order; rows without a key come last, and rows with the same key as they were created, in the same direction. */
export function ordered<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => unknown,
  order: "asc" | "desc" = "asc",
): Row[] {
  const sign = order === "asc" ? 1 : -1;
  const places = new Map(rows.map((row, at) => [row, at]));
  return [...rows].sort((a, b) => {
    const [one, two] = [keyOf(a), keyOf(b)];
    if ((one === undefined) !== (two === undefined)) {
      return one === undefined ? 1 : -1;
    }
    return sign *
      (compare(one, two) || compare(places.get(a), places.get(b)));
  });
}

export function page<Row>(
  rows: readonly Row[],
  { offset = 0, limit }: { offset?: number; limit: number },
): Row[] {
  return rows.slice(offset, offset + limit);
}

const holds = (value: unknown, part: string) =>
  typeof value === "string" &&
  value.toLowerCase().includes(part.toLowerCase());
/** A text without case and accents, as a search for a part of it sees it. */
export const bare = (text: string): string =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()
    .replaceAll("ß", "ss");
const after = <Name extends string>(name: Name) =>
(
  row: { [_ in Name]: number },
  time: number,
) => row[name] > time;
const before = <Name extends string>(name: Name) =>
(
  row: { [_ in Name]: number },
  time: number,
) => row[name] < time;
/** Whether two values are the same JSON, whatever the order of members. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.entries(part).sort(([a], [b]) => compare(a, b))
        : part,
  ) ?? "";
}

const holdsAll = (row: { metadata?: object }, wanted: object) =>
  Object.entries(wanted).every(([name, value]) =>
    Object.hasOwn(row.metadata ?? {}, name) &&
    isSame((row.metadata as Record<string, unknown>)[name], value)
  );

export function users(model: IdentityModel, filter: UserFilters): RecordRow[] {
  const chosen = matching<RecordRow, UserFilters>(model.users, filter, {
    createdAfter: after("createdAt"),
    createdBefore: before("createdAt"),
    updatedAfter: after("updatedAt"),
    updatedBefore: before("updatedAt"),
    displayName: ({ data }, part) => holds(data.displayName, part),
    email: ({ data }, part) => holds(data.email, part),
  });
  const { sortBy = "createdAt", sortOrder = "desc" } = filter;
  return ordered(chosen, (row) => row[sortBy], sortOrder);
}

export function agents(
  model: IdentityModel,
  filter: AgentFilters,
  lastActive: ReadonlyMap<string, number | undefined>,
): AgentRow[] {
  const active = ({ id }: AgentRow) => lastActive.get(id);
  const chosen = matching<AgentRow, AgentFilters>(model.agents, filter, {
    metadata: holdsAll,
    name: ({ name }, part) => holds(name, part),
    capabilities: ({ metadata }, wanted, { capabilitiesMatch }) => {
      const own = Array.isArray(metadata.capabilities)
        ? metadata.capabilities
        : [];
      const has = (one: string) => own.includes(one);
      return capabilitiesMatch === "all" ? wanted.every(has) : wanted.some(has);
    },
    status: ({ status }, wanted) => status === wanted,
    registeredAfter: after("registeredAt"),
    registeredBefore: before("registeredAt"),
    lastActiveAfter: (row, time) => (active(row) ?? -1) >= time,
    lastActiveBefore: (row, time) => (active(row) ?? Infinity) <= time,
  });
  const { sortBy = "registeredAt", sortOrder = "desc" } = filter;
  return ordered(
    chosen,
    (row) => sortBy === "lastActive" ? active(row) : row[sortBy],
    sortOrder,
  );
}

export function spaces(
  model: IdentityModel,
  filter: ListMemorySpacesFilter,
): SpaceRow[] {
  const chosen = matching<SpaceRow, ListMemorySpacesFilter>(
    model.spaces,
    filter,
    {
      type: ({ type }, wanted) => type === wanted,
      status: ({ status }, wanted) => status === wanted,
      participant: ({ participants }, wanted) =>
        participants.some(({ id }) => id === wanted),
    },
  );
  const { sortBy = "createdAt", sortOrder = "desc" } = filter;
  return ordered(chosen, (row) => row[sortBy], sortOrder);
}

/** Spaces that a search finds, with what they are ordered by. */
export function foundSpaces(
  model: IdentityModel,
  query: string,
): { row: SpaceRow; rank: number }[] {
  const text = query.trim();
  return model.spaces.flatMap((row) => {
    const parts = [row.name, row.memorySpaceId, JSON.stringify(row.metadata)];
    const rank = parts.findIndex((part) =>
      part !== undefined && bare(part).includes(bare(text))
    );
    return rank < 0 ? [] : [{ row, rank }];
  }).sort((a, b) => a.rank - b.rank || b.row.updatedAt - a.row.updatedAt);
}

export function values(
  model: IdentityModel,
  filter: ListMutableFilter,
): ValueRow[] {
  const chosen = matching<ValueRow, ListMutableFilter>(model.values, filter, {
    namespace: ({ namespace }, wanted) => namespace === wanted,
    keyPrefix: ({ key }, prefix) => key.startsWith(prefix),
    userId: ({ userId }, wanted) => userId === wanted,
    updatedAfter: after("updatedAt"),
    updatedBefore: before("updatedAt"),
  });
  const { sortBy = "key", sortOrder } = filter;
  return ordered(
    chosen,
    (row) => sortBy === "accessCount" ? row.writes : row[sortBy],
    sortOrder,
  );
}

const lastMessage = (talk: TalkRow) =>
  talk.messages.at(-1)?.timestamp ?? talk.createdAt;

export function talks(
  model: IdentityModel,
  filter: ListConversationsFilter,
): TalkRow[] {
  const chosen = matching<TalkRow, ListConversationsFilter>(
    model.talks,
    filter,
    {
      type: ({ type }, wanted) => type === wanted,
      userId: ({ participants }, wanted) => participants.userId === wanted,
      memorySpaceId: (talk, wanted) => talk.memorySpaceId === wanted,
      participantId: (talk, wanted) => talk.participantId === wanted,
      createdAfter: after("createdAt"),
      createdBefore: before("createdAt"),
      updatedAfter: after("updatedAt"),
      updatedBefore: before("updatedAt"),
      lastMessageAfter: (talk, time) => lastMessage(talk) > time,
      lastMessageBefore: (talk, time) => lastMessage(talk) < time,
      messageCount: ({ messageCount }, wanted) =>
        typeof wanted === "number"
          ? messageCount === wanted
          : messageCount >= (wanted.min ?? 0) &&
            messageCount <= (wanted.max ?? Infinity),
      metadata: holdsAll,
    },
  );
  const { sortBy = "createdAt", sortOrder = "desc" } = filter;
  return ordered(
    chosen,
    (talk) => sortBy === "lastMessageAt" ? lastMessage(talk) : talk[sortBy],
    sortOrder,
  );
}

/** A text of a CSV cell, so that no spreadsheet takes it for a formula. */
export function cell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** The cells of a CSV text, line by line. */
export function cellsOf(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (
    const [, quoted, plain, end] of csv.matchAll(
      /(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n|$)/g,
    )
  ) {
    lines.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "\n") lines.push([]);
    if (end === "") break;
  }
  return lines;
}
