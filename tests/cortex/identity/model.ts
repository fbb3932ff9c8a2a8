/**
 * A naive model of one tenant's users, records, values, agents, spaces and conversations: lists that every call goes
 * through from the first to the last.
 */
import type {
  AgentRegistration,
  AgentUpdates,
  CreateConversationInput,
  DeleteUserOptions,
  Message,
  MutableOperation,
  ParticipantUpdates,
  RegisterMemorySpaceParams,
} from "../../../mod.ts";
import {
  type AgentRow,
  type Data,
  defined,
  merged,
  type RecordRow,
  Refused,
  type SpaceRow,
  type TalkRow,
  type ValueRow,
} from "./rows.ts";

function remove<Row>(rows: Row[], isGone: (row: Row) => boolean): Row[] {
  const gone = rows.filter(isGone);
  for (const row of gone) rows.splice(rows.indexOf(row), 1);
  return gone;
}

/** What one tenant should have. All lists are in the order of creation. */
export class IdentityModel {
  records: RecordRow[] = [];
  values: ValueRow[] = [];
  agents: AgentRow[] = [];
  spaces: SpaceRow[] = [];
  talks: TalkRow[] = [];

  readonly clock: { now: number };

  constructor(clock: { now: number }) {
    this.clock = clock;
  }

  /** Now, or later than a row's last change, but at most `ahead` ms from now. */
  after({ updatedAt }: { updatedAt: number }, ahead = Infinity): number {
    const { now } = this.clock;
    if (updatedAt < now) return now;
    return updatedAt - now < ahead ? updatedAt + 1 : updatedAt;
  }

  record(type: string, id: string): RecordRow | undefined {
    return this.records.find((row) => row.type === type && row.id === id);
  }

  get users(): RecordRow[] {
    return this.records.filter(({ type }) => type === "user");
  }

  /** Stores the next version of a record, or its first one. */
  store(
    entry: Pick<RecordRow, "type" | "id" | "data" | "userId" | "metadata">,
    keepsVersion = true,
  ): RecordRow {
    const { now } = this.clock;
    const known = this.record(entry.type, entry.id);
    if (known === undefined) {
      const times = { createdAt: now, updatedAt: now, since: now };
      const row = {
        ...defined(entry),
        version: 1,
        previous: [],
        owners: new Map(),
        ...times,
      };
      this.records.push(row);
      return row;
    }
    const { version, data, since: timestamp, metadata } = known;
    const updatedAt = this.after(known);
    if (keepsVersion) {
      known.previous.push(defined({ version, data, timestamp, metadata }));
      known.owners.set(version, known.userId);
      known.version++;
      known.since = updatedAt;
    }
    return Object.assign(known, defined(entry), { updatedAt });
  }

  updateUser(id: string, data: Data, keepsVersion = true): RecordRow {
    const old = this.record("user", id)?.data;
    const whole = merged(old ?? {}, data) as Data;
    return this.store({ type: "user", id, data: whole }, keepsVersion);
  }

  purge(type: string, id: string): number {
    const [gone] = remove(
      this.records,
      (row) => row.type === type && row.id === id,
    );
    if (gone === undefined) throw new Refused("IMMUTABLE_ENTRY_NOT_FOUND");
    return gone.previous.length + 1;
  }

  purgeMany(filter: { type?: string; userId?: string }): RecordRow[] {
    return remove(
      this.records,
      (row) =>
        (filter.type ?? row.type) === row.type &&
        (filter.userId ?? row.userId) === row.userId,
    );
  }

  purgeVersions(type: string, id: string, keepLatest: number) {
    const row = this.record(type, id);
    if (row === undefined) throw new Refused("IMMUTABLE_ENTRY_NOT_FOUND");
    const before = row.previous.length + 1;
    const kept = Math.min(before, keepLatest);
    row.previous = row.previous.slice(before - kept);
    return { versionsPurged: before - kept, versionsRemaining: kept };
  }

  value(namespace: string, key: string): ValueRow | undefined {
    return this.values.find((row) =>
      row.namespace === namespace && row.key === key
    );
  }

  knownValue(namespace: string, key: string): ValueRow {
    const row = this.value(namespace, key);
    if (row === undefined) throw new Refused("MUTABLE_KEY_NOT_FOUND");
    return row;
  }

  set(
    entry: Pick<
      ValueRow,
      "namespace" | "key" | "value" | "userId" | "metadata"
    >,
  ): ValueRow {
    const { now } = this.clock;
    const known = this.value(entry.namespace, entry.key);
    if (known !== undefined) {
      return Object.assign(known, defined(entry), {
        updatedAt: this.after(known, 1),
        writes: known.writes + 1,
      });
    }
    const times = { createdAt: now, updatedAt: now };
    const row = { ...defined(entry), ...times, writes: 1 };
    this.values.push(row);
    return row;
  }

  increment(namespace: string, key: string, amount: number): ValueRow {
    const row = this.knownValue(namespace, key);
    const { value } = row;
    if (typeof value !== "number" && value !== null) {
      throw new Refused("MUTABLE_VALUE_NOT_NUMBER");
    }
    if (amount === 0) return row;
    return this.set({ namespace, key, value: (value ?? 0) + amount });
  }

  deleteValue(namespace: string, key: string) {
    this.values.splice(
      this.values.indexOf(this.knownValue(namespace, key)),
      1,
    );
    return { deleted: true, namespace, key };
  }

  /** All or nothing. */
  transaction(operations: readonly MutableOperation[]): unknown[] {
    const before = structuredClone(this.values);
    try {
      return operations.map(({ op, namespace, key, value, amount = 1 }) => {
        if (op === "delete") return this.deleteValue(namespace, key);
        if (op === "update") this.knownValue(namespace, key);
        return {
          ...(op === "set" || op === "update"
            ? this.set({ namespace, key, value })
            : this.increment(
              namespace,
              key,
              op === "increment" ? amount : -amount,
            )),
        };
      });
    } catch (error) {
      this.values = before;
      throw error;
    }
  }

  agent(id: string): AgentRow {
    const row = this.agents.find((agent) => agent.id === id);
    if (row === undefined) throw new Refused("AGENT_NOT_REGISTERED");
    return row;
  }

  register(agent: AgentRegistration): AgentRow {
    if (this.agents.some(({ id }) => id === agent.id)) {
      throw new Refused("AGENT_ALREADY_REGISTERED");
    }
    const { now } = this.clock;
    const row = {
      metadata: {},
      config: {},
      ...defined(agent),
      status: "active" as const,
      registeredAt: now,
      updatedAt: now,
    };
    this.agents.push(row);
    return row;
  }

  changeAgent(
    row: AgentRow,
    { id: _, tenantId: __, ...updates }: AgentUpdates,
  ) {
    return Object.assign(row, defined(updates), { updatedAt: this.after(row) });
  }

  unregister(id: string): void {
    this.agents.splice(this.agents.indexOf(this.agent(id)), 1);
  }

  space(id: string): SpaceRow {
    const row = this.spaces.find(({ memorySpaceId }) => memorySpaceId === id);
    if (row === undefined) throw new Refused("MEMORYSPACE_NOT_FOUND");
    return row;
  }

  registerSpace(params: RegisterMemorySpaceParams): SpaceRow {
    const { memorySpaceId, participants = [] } = params;
    if (this.spaces.some((row) => row.memorySpaceId === memorySpaceId)) {
      throw new Refused("MEMORYSPACE_ALREADY_EXISTS");
    }
    const { now } = this.clock;
    const row = {
      metadata: {},
      ...defined(params),
      participants: participants.map(({ id, type, joinedAt = now }) => ({
        id,
        type,
        joinedAt,
      })),
      status: "active" as const,
      createdAt: now,
      updatedAt: now,
    };
    this.spaces.push(row);
    return row;
  }

  changeSpace(id: string, updates: Partial<SpaceRow>): SpaceRow {
    const space = this.space(id);
    return Object.assign(space, defined(updates), {
      updatedAt: this.after(space),
    });
  }

  changeParticipants(id: string, updates: ParticipantUpdates): SpaceRow {
    const space = this.space(id);
    const { add = [], remove: gone = [] } = updates;
    const kept = space.participants.filter(({ id }) => !gone.includes(id));
    const joined = add.filter(({ id }) => !kept.some((one) => one.id === id));
    const isChanged = kept.length < space.participants.length ||
      joined.length > 0;
    return Object.assign(space, {
      participants: [...kept, ...joined],
      ...isChanged && { updatedAt: this.after(space) },
    });
  }

  deleteSpace(id: string): TalkRow[] {
    this.spaces.splice(this.spaces.indexOf(this.space(id)), 1);
    return remove(this.talks, ({ memorySpaceId }) => memorySpaceId === id);
  }

  talk(id: string): TalkRow {
    const row = this.talks.find(({ conversationId }) => conversationId === id);
    if (row === undefined) throw new Refused("CONVERSATION_NOT_FOUND");
    return row;
  }

  /** Refuses to write to what is archived. */
  checkSpace(id: string): void {
    const space = this.spaces.find((row) => row.memorySpaceId === id);
    if (space?.status === "archived") throw new Refused("MEMORYSPACE_ARCHIVED");
  }

  createTalk(
    { tenantId: _, ...input }: CreateConversationInput,
    conversationId: string,
  ): TalkRow {
    this.checkSpace(input.memorySpaceId);
    if (this.talks.some((talk) => talk.conversationId === conversationId)) {
      throw new Refused("CONVERSATION_ALREADY_EXISTS");
    }
    const { now } = this.clock;
    const talk = {
      metadata: {},
      ...defined(input),
      conversationId,
      messages: [],
      messageCount: 0,
      createdAt: now,
      updatedAt: now,
    };
    this.talks.push(talk);
    return talk;
  }

  addMessage(conversationId: string, message: Omit<Message, "timestamp">) {
    const talk = this.talk(conversationId);
    const known = talk.messages.find(({ id }) => id === message.id);
    if (known !== undefined) {
      const { role, content } = message;
      if (known.role !== role || known.content !== content) {
        throw new Refused("MESSAGE_ALREADY_EXISTS");
      }
      return talk;
    }
    this.checkSpace(talk.memorySpaceId);
    const { now } = this.clock;
    talk.messages.push({ ...defined(message), timestamp: now });
    return Object.assign(talk, {
      messageCount: talk.messageCount + 1,
      updatedAt: this.after(talk, 1),
    });
  }

  /** Everything of a user, or what it would be. */
  eraseUser(userId: string, { cascade, dryRun }: DeleteUserOptions) {
    const isOfUser = {
      talk: ({ participants }: TalkRow) => participants.userId === userId,
      record: (row: RecordRow) =>
        row.userId === userId && (row.type !== "user" || row.id !== userId),
      value: (row: ValueRow) => row.userId === userId,
      profile: ({ type, id }: RecordRow) => type === "user" && id === userId,
    };
    const talks = this.talks.filter(isOfUser.talk);
    const takesPart = this.spaces.filter(({ participants }) =>
      participants.some(({ id }) => id === userId)
    );
    /** The user's versions of records that are another's by now. */
    const versions = this.records
      .filter((row) => !isOfUser.record(row) && !isOfUser.profile(row))
      .flatMap((row) =>
        row.previous.filter(({ version }) => row.owners.get(version) === userId)
          .map((version) => ({ row, version }))
      );
    const counts = {
      conversations: talks.length,
      messages: talks.reduce((sum, talk) => sum + talk.messageCount, 0),
      immutable: this.records.filter(isOfUser.record).length +
        versions.length,
      mutable: this.values.filter(isOfUser.value).length,
      "space-participants": takesPart.length,
      "user-profile": this.records.filter(isOfUser.profile).length,
    };
    if (dryRun || !cascade) return counts;
    remove(this.talks, isOfUser.talk);
    remove(this.records, isOfUser.record);
    for (const { row, version } of versions) {
      remove(row.previous, (one) => one === version);
    }
    remove(this.values, isOfUser.value);
    remove(this.records, isOfUser.profile);
    for (const space of takesPart) {
      remove(space.participants, ({ id }) => id === userId);
    }
    return counts;
  }

  /** Conversations of an agent, and participations with the registration unless it is a dry run. */
  eraseAgent(agentId: string, dryRun: boolean) {
    const isOf = ({ participantId, participants }: TalkRow) =>
      participantId === agentId || participants.participantId === agentId ||
      participants.agentId === agentId ||
      participants.memorySpaceIds?.includes(agentId) === true;
    const talks = this.talks.filter(isOf);
    const registered = this.agents.filter(({ id }) => id === agentId).length;
    if (!dryRun) {
      remove(this.talks, isOf);
      remove(this.agents, ({ id }) => id === agentId);
      for (const { participants } of this.spaces) {
        remove(participants, ({ id }) => id === agentId);
      }
    }
    return { talks, registered };
  }
}
