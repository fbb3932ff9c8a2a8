import { checkConfig, lacksAddress } from "../at_once.ts";
import type { ConvexClientLike } from "../client/types.ts";
import type { AgentsAPI } from "./agents/agents_api.ts";
import type { ContextLife } from "./calls/api_context.ts";
import type { Apis } from "./apis.ts";
import type { ConversationsAPI } from "./conversations/conversations_api.ts";
import type { FactsAPI } from "./facts/facts_api.ts";
import type { ImmutableAPI } from "./immutable/immutable_api.ts";
import { laterLines, LazyModules, once } from "./lazy_modules.ts";
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
import type {
  AuthContext,
  CortexConfig,
  CortexStats,
  Logger,
} from "./types/config.ts";
import type {
  ExportAllOptions,
  ImportAllOptions,
  ImportAllResult,
  ImportSource,
} from "./types/transfer.ts";
import type { UsersAPI } from "./users/users_api.ts";
import type { VectorAPI } from "./vector/vector_api.ts";

/**
 * A memory for AI agents: embedded and in memory, embedded and durable (`path`), on a Convex deployment (`convexUrl`),
 * or over any client (`client`). One set of backend functions serves them all.
 *
 * The code of `cortex.memory`, and that of the other modules, is loaded by the first call of one of their methods.
 *
 * Without `path`, `convexUrl` or `client` everything is gone when the process ends. Any number of instances may live
 * side by side.
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
  /** Remembers, recalls, searches and forgets over all layers. */
  readonly memory: MemoryAPI;
  /** Conversations and their messages. */
  readonly conversations: ConversationsAPI;
  /** Searchable memories alone. */
  readonly vector: VectorAPI;
  /** Structured knowledge. */
  readonly facts: FactsAPI;
  /** Versioned records. */
  readonly immutable: ImmutableAPI;
  /** Values that change in place. */
  readonly mutable: MutableAPI;
  /** Registry of memory spaces. */
  readonly memorySpaces: MemorySpacesAPI;
  /** Profiles of users, and their erasure. */
  readonly users: UsersAPI;
  /** Registry of agents, and their erasure. */
  readonly agents: AgentsAPI;
  readonly #auth: AuthContext | undefined;
  readonly #opened: OpenedClient;
  readonly #logger: Logger;
  readonly #modules = new LazyModules();
  readonly #transfer: () => Promise<Transfer>;
  readonly #life: ContextLife = { calls: 0, isClosed: false };
  #closing: Promise<void> | undefined;
  #shutdown: Promise<void> | undefined;

  /**
   * Checks the options and does no I/O: workers, files and connections are opened by the first call. Throws
   * `ConfigError` or `AuthValidationError`, naming option and value.
   */
  constructor(config: CortexConfig<Client> = {}) {
    checkConfig(config);
    this.#opened = openClient(config);
    this.#logger = config.logger ?? consoleLogger;
    this.#auth = config.auth;
    if (lacksAddress(config)) {
      this.#logger.warn(
        "convexUrl is undefined: memories are kept in this process alone",
      );
    }
    let shared: Shared | undefined;
    const share = async <Loaded extends typeof import("./shared.ts")>(
      loading: Promise<Loaded>,
    ): Promise<[Loaded, Shared]> => {
      // What sends the calls loads beside what makes them.
      const [loaded] = await Promise.all([loading, this.#opened.load?.()]);
      shared ??= loaded.openShared({
        ...config,
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
    this.#transfer = async () => (await apis()).transfer;
    const modules = this.#modules;
    const add = <Name extends keyof Apis>(name: Name) =>
      modules.add(async () => (await apis())[name]);
    this.memory = modules.add(async () => {
      const [{ openMemory }, shared] = await share(
        import("./memory/memory_apis.ts"),
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
    this.users = modules.add(async () => (await apis()).users, {
      exportAll: (...args) =>
        laterLines(async () => (await apis()).users.exportAll(...args)),
    });
    this.agents = add("agents");
  }

  /**
   * Same as the constructor, for options that are on their way; rejects where that throws.
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
   * Yields every row of the tenant, or of none, as lines of JSON: to keep, or for `importAll` of another `Cortex`, be
   * it embedded or on a deployment. Ids, dates, versions and embeddings stay; counters and search indexes are made anew.
   * Reads 1,000 rows or 4 MiB at a time; rows that are written meanwhile may be missed. Given up, it goes on after the
   * last checkpoint (`from`), which `onProgress` tells.
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
    return laterLines(async () =>
      (await this.#transfer()).exportAll(undefined, options)
    );
  }

  /**
   * Stores what `exportAll` yielded, for this instance's tenant. Rows that are there already stay as they are, so an
   * import that was given up is made again from the start. At most 100 rows a request. Rejects with `INVALID_LINE`
   * naming the line, or with `INVALID_ARGUMENT`; what came before is stored.
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
    return await (await this.#transfer()).importAll(source, options);
  }

  /** Who calls, as it was given. */
  get auth(): AuthContext | undefined {
    return this.#auth;
  }

  /**
   * The client: for the backend's other functions, or for an identity's token.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const conversation = await cortex.getClient().query("conversations:get", {
   *   conversationId: "c-1",
   * });
   * assertEquals(conversation, null);
   * ```
   */
  getClient(): Client {
    return this.#opened.client as Client;
  }

  /** The client as programs of the family reach it: `cortex["client"]`. */
  private get client(): Client {
    return this.getClient();
  }

  /**
   * Loads the code of every module, and with `convexUrl` that of the connection, now instead of by the first calls: for
   * servers, which have the time before the first request. Opens no connection.
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
   * Counts calls and requests since the start.
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
   * Whether calls are taken: until `close()`. For health checks; asks nobody.
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
    return !this.#life.isClosed;
  }

  /**
   * Waits for what was sent and releases what this instance opened; a `client` of the application's stays open. Later
   * calls reject with `CLIENT_CLOSED`, and so do those whose callbacks still run: nothing of them is stored. Never
   * rejects; a second call returns the same promise.
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
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * As {@link close}, but waits for the calls of an application's client, too, and at most so long; then what is left
   * rejects with `CLIENT_CLOSED`, and it resolves with a warning, as it does where the closing fails. Called again, it
   * gives the same promise.
   *
   * @param timeoutMs Default 30,000.
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
    return this.#shutdown ??= closedWithin(
      this.close(),
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
    if (issued !== undefined) await issued;
    this.#life.isClosed = true;
    try {
      await this.#opened.close?.();
    } catch (error) {
      this.#logger.error("The client could not be closed", error);
    }
  }
}
