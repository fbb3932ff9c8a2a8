import type { ConvexClientLike } from "../client/types.ts";
import { AgentsAPI } from "./agents_api.ts";
import { ApiContext } from "./api_context.ts";
import { BeliefRevisionService } from "./belief_revision.ts";
import { checkConfig } from "./config.ts";
import { ConversationsAPI } from "./conversations_api.ts";
import { FactsAPI } from "./facts_api.ts";
import { ImmutableAPI } from "./immutable_api.ts";
import { consoleLogger } from "./logger.ts";
import { MemoryAPI } from "./memory_api.ts";
import { MemorySpacesAPI } from "./memory_spaces_api.ts";
import { MutableAPI } from "./mutable_api.ts";
import {
  type CortexClient,
  openClient,
  type OpenedClient,
} from "./open_client.ts";
import type { AuthContext, CortexConfig, CortexStats } from "./types/config.ts";
import { UsersAPI } from "./users_api.ts";
import { VectorAPI } from "./vector_api.ts";

/**
 * A memory for AI agents: embedded and in memory, embedded and durable (`path`), on a Convex deployment (`convexUrl`),
 * or over any client (`client`). One set of backend functions serves them all.
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
  readonly #context: ApiContext;
  readonly #opened: OpenedClient;
  #closing: Promise<void> | undefined;

  /**
   * Checks the options and does no I/O: workers, files and connections are opened by the first call. Throws
   * `ConfigError` or `AuthValidationError`, naming option and value.
   */
  constructor(config: CortexConfig<Client> = {}) {
    checkConfig(config);
    this.#opened = openClient(config);
    this.#context = new ApiContext({
      client: this.#opened.client,
      logger: config.logger ?? consoleLogger,
      embedder: config.embedder,
      auth: config.auth,
      accessKey: config.accessKey,
    });
    const beliefs = new BeliefRevisionService(this.#context);
    this.memory = new MemoryAPI(this.#context, beliefs);
    this.conversations = new ConversationsAPI(this.#context);
    this.vector = new VectorAPI(this.#context);
    this.facts = new FactsAPI(this.#context, beliefs);
    this.immutable = new ImmutableAPI(this.#context);
    this.mutable = new MutableAPI(this.#context);
    this.memorySpaces = new MemorySpacesAPI(this.#context);
    this.users = new UsersAPI(this.#context);
    this.agents = new AgentsAPI(this.#context);
  }

  /** Who calls, as it was given. */
  get auth(): AuthContext | undefined {
    return this.#context.auth;
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
    const { calls } = this.#context;
    return { calls, requests: this.#opened.stats?.().requests ?? calls };
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

  /** Same as {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#context.close();
    try {
      await this.#opened.close?.();
    } catch (error) {
      this.#context.logger.error("The client could not be closed", error);
    }
  }
}
