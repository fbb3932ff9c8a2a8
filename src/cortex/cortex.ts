import {
  checkConfig,
  checkTimeout,
  MAX_TIMER_MS,
  undefinedStorageOption,
} from "../at_once.ts";
import type { ConvexClientLike } from "../client/types.ts";
import type { AgentsAPI } from "./agents/agents_api.ts";
import type { ContextLife } from "./calls/api_context.ts";
import type { Apis } from "./apis.ts";
import type { ConversationsAPI } from "./conversations/conversations_api.ts";
import type { FactsAPI } from "./facts/facts_api.ts";
import type { ImmutableAPI } from "./immutable/immutable_api.ts";
import { LazyModules, once } from "./lazy_modules.ts";
import { consoleLogger } from "./logger.ts";
import type { MemoryAPI } from "./memory/memory_api.ts";
import type { MemorySpacesAPI } from "./memory_spaces/memory_spaces_api.ts";
import type { MutableAPI } from "./mutable/mutable_api.ts";
import {
  type CortexClient,
  openClient,
  type OpenedClient,
} from "./open_client.ts";
import type { Shared } from "./shared.ts";
import { closedWithin } from "./shutdown.ts";
import type { Transfer } from "./transfer.ts";
import type { AuthContext, CortexStats, Logger } from "./types/config.ts";
import type { CortexConfig } from "./types/cortex_config.ts";
import type {
  ExportAllOptions,
  ImportAllOptions,
  ImportAllResult,
  ImportSource,
} from "./types/transfer.ts";
import type { UsersAPI } from "./users/users_api.ts";
import type { VectorAPI } from "./vector/vector_api.ts";

/**
 * A memory for AI agents. The same backend functions run in this process, in memory or on a SQLite file (`path`), in a
 * Durable Object (`storage`), on a Convex deployment (`convexUrl`), or behind your own `client`.
 *
 * Without any of these options, memories are gone when the process ends. Instances are independent of one another. The
 * code of `cortex.memory` loads on the first call of one of its methods, and so does that of the other modules.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * await cortex.memory.remember({
 *   memorySpaceId: "support",
 *   conversationId: "c-1",
 *   agentId: "helper",
 *   userMessage: "My printer is a Brother HL-2030.",
 *   agentResponse: "Its drum lasts about 12,000 pages.",
 * });
 * const { items } = await cortex.memory.recall({
 *   memorySpaceId: "support",
 *   query: "Which printer?",
 * });
 * assertEquals(items[0]?.content, "My printer is a Brother HL-2030.");
 * ```
 */
export class Cortex<Client extends ConvexClientLike = CortexClient>
  implements AsyncDisposable {
  /** Remembers, recalls, searches and forgets, across all layers. */
  readonly memory: MemoryAPI;
  /** Conversations and their messages. */
  readonly conversations: ConversationsAPI;
  /** Searchable memories, without conversations and facts. */
  readonly vector: VectorAPI;
  /** Structured knowledge: facts with versions and history. */
  readonly facts: FactsAPI;
  /** Versioned records. */
  readonly immutable: ImmutableAPI;
  /** Values that change in place. */
  readonly mutable: MutableAPI;
  /** Registry of memory spaces. */
  readonly memorySpaces: MemorySpacesAPI;
  /** User profiles, and the erasure of users. */
  readonly users: UsersAPI;
  /** Registry of agents, and their erasure. */
  readonly agents: AgentsAPI;
  readonly #auth: AuthContext | undefined;
  readonly #opened: OpenedClient;
  readonly #logger: Logger;
  readonly #modules = new LazyModules();
  readonly #transfer: Transfer;
  readonly #life: ContextLife = { calls: 0, isClosed: false };
  #closing: Promise<void> | undefined;
  #shutdown: Promise<void> | undefined;

  /**
   * Checks the options and does no I/O: workers, files and connections are opened by the first call.
   *
   * @throws {ConfigError} An option is wrong; the message names it and its value.
   * @throws {AuthValidationError} The option `auth` is wrong.
   */
  constructor(config: CortexConfig<Client> = {}) {
    checkConfig(config);
    this.#opened = openClient(config);
    this.#logger = config.logger ?? consoleLogger;
    this.#auth = config.auth;
    const lacked = undefinedStorageOption(config);
    if (lacked) {
      this.#logger.warn(
        `${lacked} is undefined: memories are kept only in this process`,
      );
    }
    const { auth } = config;
    // By the first call, which loads the modules, the application may have changed its objects.
    const taken = {
      ...config,
      auth: auth && {
        tenantId: auth.tenantId,
        organizationId: auth.organizationId,
      },
    };
    let shared: Shared | undefined;
    const share = async <Loaded extends typeof import("./shared.ts")>(
      loading: Promise<Loaded>,
    ): Promise<[Loaded, Shared]> => {
      // The client's code loads in parallel with the modules'.
      const [loaded] = await Promise.all([loading, this.#opened.load?.()]);
      shared ??= loaded.openShared({
        ...taken,
        client: this.#opened.client,
        logger: this.#logger,
        life: this.#life,
      });
      return [loaded, shared];
    };
    const apis = once(async () => {
      const [{ openApis }, shared] = await share(import("./apis.ts"));
      return openApis(shared);
    });
    const modules = this.#modules;
    const add = <Name extends keyof Apis>(name: Name) =>
      modules.add(async () => (await apis())[name]);
    this.memory = modules.add(async () => {
      const [{ openMemory }, shared] = await share(
        import("./memory_apis.ts"),
      );
      return openMemory(shared);
    });
    this.conversations = add("conversations");
    this.vector = add("vector");
    this.facts = modules.add(
      async () => (await apis()).facts,
      { hasBeliefRevision: () => true },
      ["configureBeliefRevision"],
    );
    this.immutable = add("immutable");
    this.mutable = add("mutable");
    this.memorySpaces = add("memorySpaces");
    this.users = add("users");
    this.#transfer = add("transfer");
    this.agents = add("agents");
  }

  /**
   * Same as the constructor, for options that may be a promise. Rejects where the constructor throws.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   *
   * await using cortex = await Cortex.create();
   * await cortex.mutable.set("stock", "pens", 12);
   * ```
   */
  static async create<Client extends ConvexClientLike = CortexClient>(
    config?: CortexConfig<Client> | Promise<CortexConfig<Client>>,
  ): Promise<Cortex<Client>> {
    return new Cortex(await config);
  }

  /**
   * Yields every row of the tenant as a line of JSON, with its line end: as a backup, or for `importAll` of another
   * `Cortex`. Without a tenant, yields the rows that belong to none. Keeps ids, dates, versions and embeddings; counters
   * and search indexes are rebuilt on import. Reads 250 rows or 4 MiB at a time, and may miss rows written meanwhile.
   * To resume an interrupted export, pass the last checkpoint that `onProgress` reported as `from`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using small = new Cortex();
   * await small.mutable.set("stock", "pens", 12);
   * await using large = new Cortex();
   * const { imported } = await large.importAll(small.exportAll());
   * assertEquals(imported, 1);
   * assertEquals(await large.mutable.get("stock", "pens"), 12);
   * ```
   */
  exportAll(
    options: ExportAllOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    return this.#transfer.exportAll(undefined, options);
  }

  /**
   * Stores what `exportAll` yielded, for this instance's tenant, at most 100 rows per request. Existing rows stay as
   * they are, except that a fact superseded in the export becomes superseded here. So an interrupted import can be run
   * again from the start. `conflicts` names rows that were left out although their contents are not stored here, such as
   * messages of a different conversation with the same id.
   *
   * @throws {ConvexError} `INVALID_LINE` for a row that cannot be stored. Names the line; rows before it are stored.
   * @throws {ClientError} `INVALID_ARGUMENT` for a line that is no part of an export, likewise, and for a source that is
   * no text.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.mutable.set("stock", "pens", 12);
   * const { skipped, complete } = await cortex.importAll(cortex.exportAll());
   * assertEquals([skipped, complete], [1, true]);
   * ```
   */
  async importAll(
    source: ImportSource,
    options: ImportAllOptions = {},
  ): Promise<ImportAllResult> {
    return await this.#transfer.importAll(source, options);
  }

  /**
   * The `auth` option, as given.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex({ auth: { userId: "mia", tenantId: "acme" } });
   * assertEquals(cortex.auth?.tenantId, "acme");
   * ```
   */
  get auth(): AuthContext | undefined {
    return this.#auth;
  }

  /**
   * Returns the client, to watch results, to call backend functions directly, or to set an identity token. The functions
   * are those of `src/convex`. Most are named as the methods that call them, such as `facts:count`; those of memories are
   * `memories:list` and so on. It adds nothing to their arguments: name the tenant, and an access key, yourself. To
   * TypeScript their results are `unknown`, unless you name their types.
   *
   * @example
   * ```ts
   * import { Cortex, type FunctionRef } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex({ auth: { userId: "mia", tenantId: "acme" } });
   * const client = cortex.getClient();
   * type Count = FunctionRef<{ memorySpaceId: string; tenantId?: string }, number>;
   * const notes = { memorySpaceId: "notes", tenantId: "acme" };
   * for await (const count of client.watch<Count>("memories:count", notes)) {
   *   assertEquals(count.toFixed(1), "0.0"); // now, and after every change
   *   break;
   * }
   * ```
   */
  getClient(): Client {
    return this.#opened.client as Client;
  }

  /** The client, for programs that reach it as `cortex["client"]`. */
  private get client(): Client {
    return this.getClient();
  }

  /**
   * Loads the code of every module, and with `convexUrl` that of the connection, so that first calls need not wait for
   * it. Useful for servers before their first request. Opens no connection.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.load();
   * assertEquals(cortex.stats().calls, 0);
   * ```
   */
  load(): Promise<void> {
    return this.#modules.load();
  }

  /**
   * Returns the number of calls and requests since the start.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.conversations.get("c-1");
   * assertEquals(cortex.stats().calls, 1);
   * ```
   */
  stats(): CortexStats {
    const { calls } = this.#life;
    return { calls, requests: this.#opened.stats?.().requests ?? calls };
  }

  /**
   * Whether this instance accepts calls: true until `close()` or `shutdown()`. For health checks; sends nothing.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assert } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assert(cortex.isHealthy());
   * ```
   */
  isHealthy(): boolean {
    return !this.#modules.isClosed;
  }

  /**
   * Waits for calls in flight and releases what this instance opened; your own `client` stays open. Later calls reject
   * with `CLIENT_CLOSED`, and so do calls whose callbacks are still running, which store nothing, and jobs in steps,
   * such as bulk deletions, of which the steps so far stay done: {@link shutdown} lets them end first. Never rejects; a
   * second call returns the same promise.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertRejects } from "@std/assert";
   *
   * const cortex = new Cortex();
   * await cortex.close();
   * await assertRejects(() => cortex.conversations.get("c-1"), Error, "closed");
   * ```
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /**
   * Refuses further calls, lets those in flight end, with their callbacks and all their steps, and exports of which a line
   * was read, and then closes as {@link close} does. After `timeoutMs` it does not wait any longer: calls that still wait
   * for the backend reject with `CLIENT_CLOSED`, a call with a callback of yours does when that ends, and a warning is
   * logged, as it is when closing fails. Never rejects; a second call returns the same promise.
   *
   * @param timeoutMs Milliseconds above 0, or `Infinity` for no limit. Default 30,000.
   * @throws {CortexError} `INVALID_ARGUMENT` for an invalid time limit; the instance stays open.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertRejects } from "@std/assert";
   *
   * const cortex = new Cortex();
   * await cortex.shutdown(5_000);
   * await assertRejects(() => cortex.conversations.get("c-1"), Error, "closed");
   * ```
   */
  shutdown(timeoutMs = 30_000): Promise<void> {
    if (timeoutMs > MAX_TIMER_MS) timeoutMs = MAX_TIMER_MS;
    checkTimeout(timeoutMs, "timeoutMs");
    return this.#shutdown ??= closedWithin(
      this.#modules.finish(),
      () => this.close(),
      this.#life,
      timeoutMs,
      this.#logger,
    );
  }

  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const issued = this.#modules.close();
    if (issued) await issued;
    this.#life.isClosed = true;
    try {
      await this.#opened.close?.();
    } catch (error) {
      this.#logger.error("The client did not close", error);
    }
  }
}
