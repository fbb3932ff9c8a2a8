/**
 * The modules of `Cortex`, each alone over a client, for programs that need no more. They accept a graph adapter and a
 * resilience layer, so far without effect, and work without a tenant unless an auth context names one.
 *
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { UsersAPI } from "@cortex/memory/modules";
 * import { assertEquals } from "@std/assert";
 *
 * await using client = AsyncConvexClient.embedded();
 * const users = new UsersAPI(client);
 * await users.update("ada", { displayName: "Ada" });
 * assertEquals(await users.count(), 1);
 * ```
 *
 * @module
 */
import { AgentsAPI as Agents } from "../agents/agents_api.ts";
import { ConversationsAPI as Conversations } from "../conversations/conversations_api.ts";
import type { FactsAPI as Facts } from "../facts/facts_api.ts";
import { ImmutableAPI as Immutable } from "../immutable/immutable_api.ts";
import type { MemoryAPI as Memory } from "../memory/memory_api.ts";
import { MemorySpacesAPI as MemorySpaces } from "../memory_spaces/memory_spaces_api.ts";
import { MutableAPI as Mutable } from "../mutable/mutable_api.ts";
import { UsersAPI as Users } from "../users/users_api.ts";
import { VectorAPI as Vector } from "../vector/vector_api.ts";
import type { FactsClass } from "../facts/facts_alone.ts";
import { factsClass } from "./facts_class.ts";
import { memoryClass, type MemoryDependencies } from "./memory_class.ts";
import { type ModuleClass, moduleClass } from "./module_class.ts";

/** `cortex.agents` alone. */
export type AgentsAPI = Agents;
/** `cortex.agents` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const AgentsAPI: ModuleClass<Agents> = moduleClass(Agents);

/** `cortex.conversations` alone. */
export type ConversationsAPI = Conversations;
/** `cortex.conversations` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const ConversationsAPI: ModuleClass<Conversations> = moduleClass(
  Conversations,
);

/** `cortex.facts` alone. */
export type FactsAPI = Facts;
/**
 * `cortex.facts` over a client; the last arguments are an auth context, a language model that decides about
 * contradictions, and a configuration of how they are found. Throws `AuthValidationError`.
 */
export const FactsAPI: FactsClass = factsClass();

/** `cortex.immutable` alone. */
export type ImmutableAPI = Immutable;
/** `cortex.immutable` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const ImmutableAPI: ModuleClass<Immutable> = moduleClass(Immutable);

/** `cortex.memory` alone. */
export type MemoryAPI = Memory;
/**
 * `cortex.memory` over a client; the last argument may hold an auth context and an extractor of facts. Throws
 * `AuthValidationError`.
 */
export const MemoryAPI: ModuleClass<Memory, MemoryDependencies> = memoryClass();

/** `cortex.memorySpaces` alone. */
export type MemorySpacesAPI = MemorySpaces;
/** `cortex.memorySpaces` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const MemorySpacesAPI: ModuleClass<MemorySpaces> = moduleClass(
  MemorySpaces,
);

/** `cortex.mutable` alone. */
export type MutableAPI = Mutable;
/** `cortex.mutable` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const MutableAPI: ModuleClass<Mutable> = moduleClass(Mutable);

/** `cortex.users` alone. */
export type UsersAPI = Users;
/** `cortex.users` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const UsersAPI: ModuleClass<Users> = moduleClass(Users);

/** `cortex.vector` alone. */
export type VectorAPI = Vector;
/** `cortex.vector` over a client; the last argument is an auth context. Throws `AuthValidationError`. */
export const VectorAPI: ModuleClass<Vector> = moduleClass(Vector);

export type { FactsClass } from "../facts/facts_alone.ts";
export type { MemoryDependencies } from "./memory_class.ts";
export type { ModuleClass } from "./module_class.ts";
