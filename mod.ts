/**
 * Memory for AI agents, embedded or on Convex, on every JavaScript runtime.
 *
 * ```ts
 * import { Cortex } from "@cortex/memory";
 *
 * await using cortex = new Cortex();
 * await cortex.memory.remember({
 *   memorySpaceId: "support",
 *   conversationId: "c-1",
 *   agentId: "helper",
 *   userMessage: "My printer is a Brother HL-2030.",
 *   agentResponse: "Its drum lasts about 12,000 pages.",
 * });
 * const { context } = await cortex.memory.recall({
 *   memorySpaceId: "support",
 *   query: "Which printer is it?",
 * });
 * console.log(context);
 * ```
 *
 * @module
 */
export { Cortex } from "./src/cortex/cortex.ts";
export {
  createAuthContext,
  validateAuthContext,
} from "./src/cortex/auth/context.ts";
export type { ApiContext } from "./src/cortex/calls/api_context.ts";
export type { ApiModule } from "./src/cortex/calls/api_module.ts";
export type { ConversationReader } from "./src/cortex/conversations/conversation_reader.ts";
export type { AgentsAPI } from "./src/cortex/agents/agents_api.ts";
export type { FactHistoryReader } from "./src/cortex/facts/fact_history_reader.ts";
export { FactsAPI } from "./src/cortex/facts_module.ts";
export type { FactsClass } from "./src/cortex/facts/facts_alone.ts";
export type { FactsReader } from "./src/cortex/facts/facts_reader.ts";
export type { ImmutableAPI } from "./src/cortex/immutable/immutable_api.ts";
export type { MemorySpacesAPI } from "./src/cortex/memory_spaces/memory_spaces_api.ts";
export type { MutableAPI } from "./src/cortex/mutable/mutable_api.ts";
export type { UsersAPI } from "./src/cortex/users/users_api.ts";
export {
  createUserProfile,
  validateUserProfile,
  validationPresets,
} from "./src/cortex/users/user_profile.ts";
export type { ConversationsAPI } from "./src/cortex/conversations/conversations_api.ts";
export type { MemoryAPI } from "./src/cortex/memory/memory_api.ts";
export type { MemoryReader } from "./src/cortex/memory/memory_reader.ts";
export type { VectorAPI } from "./src/cortex/vector/vector_api.ts";
export type { VectorReader } from "./src/cortex/vector/vector_reader.ts";
export type { VersionReader } from "./src/cortex/memory/version_reader.ts";
export * from "./src/client/mod.ts";
export {
  AgentCascadeDeletionError,
  AgentValidationError,
  AuthValidationError,
  CascadeDeletionError,
  ClientError,
  ClosedError,
  ConfigError,
  ConnectionError,
  ConversationValidationError,
  ConvexError,
  CortexError,
  EngineError,
  ExecutorError,
  FactsValidationError,
  FunctionError,
  ImmutableValidationError,
  isAbortError,
  isClosedError,
  isConnectionError,
  isConvexError,
  isCortexError,
  isFunctionError,
  isOverloadedError,
  isProtocolError,
  isRateLimitedError,
  isTimeoutError,
  isValidationError,
  MemorySpaceValidationError,
  MemoryValidationError,
  MutableValidationError,
  OverloadedError,
  ProtocolError,
  RateLimitedError,
  StoreError,
  TimeoutError,
  UserValidationError,
  ValidationError,
  ValueError,
  VectorValidationError,
} from "./src/errors.ts";

export type {
  ApiContextOptions,
  BackendCallOptions,
  ContextLife,
} from "./src/cortex/calls/api_context.ts";
export type { ContextSource } from "./src/cortex/calls/context_source.ts";
export type { BeliefRevisionService } from "./src/cortex/facts/belief_revision.ts";
export type { CallOrder } from "./src/cortex/calls/call_order.ts";
export type { CortexClient } from "./src/cortex/open_client.ts";
export type {
  CallControls,
  GraphSyncOption,
  Progress,
  ProgressControls,
  WriteControls,
} from "./src/cortex/types/common.ts";
export type {
  AuthContext,
  AuthContextParams,
  AuthMethod,
  CortexStats,
  Embedder,
  LLMConfig,
  LLMProvider,
  Logger,
} from "./src/cortex/types/config.ts";
export type { CortexConfig } from "./src/cortex/types/cortex_config.ts";
export type * from "./src/cortex/types/resilience.ts";
export type {
  AgentDeletionBackup,
  AgentDeletionPlan,
  AgentFilters,
  AgentRegistration,
  AgentStats,
  AgentStatus,
  AgentUpdates,
  ExportAgentsOptions,
  ExportAgentsResult,
  RegisteredAgent,
  UnregisterAgentOptions,
  UnregisterAgentResult,
} from "./src/cortex/types/agents.ts";
export type {
  CountImmutableFilter,
  DeleteImmutableOptions,
  ImmutableEntry,
  ImmutableRecord,
  ImmutableSearchResult,
  ImmutableVersion,
  ImmutableVersionExpanded,
  ListImmutableFilter,
  PurgeImmutableResult,
  PurgeManyImmutableResult,
  PurgeVersionsResult,
  SearchImmutableInput,
  StoreImmutableOptions,
  UpdateImmutableOptions,
} from "./src/cortex/types/immutable.ts";
export type {
  ArchiveMemorySpaceOptions,
  DeleteMemorySpaceOptions,
  DeleteMemorySpaceResult,
  GetMemorySpaceStatsOptions,
  ListMemorySpacesFilter,
  ListMemorySpacesResult,
  MemorySpace,
  MemorySpaceStats,
  MemorySpaceStatus,
  MemorySpaceType,
  MemorySpaceUpdates,
  ParticipantActivity,
  ParticipantUpdates,
  RegisterMemorySpaceOptions,
  RegisterMemorySpaceParams,
  SpaceParticipant,
  UnregisterMemorySpaceOptions,
  UpdateMemorySpaceOptions,
} from "./src/cortex/types/memory_spaces.ts";
export type {
  CountMutableFilter,
  DeleteMutableOptions,
  DeleteMutableResult,
  ListMutableFilter,
  MutableOperation,
  MutableRecord,
  PurgeManyFilter,
  PurgeManyMutableResult,
  PurgeNamespaceOptions,
  PurgeNamespaceResult,
  SetMutableInput,
  SetMutableOptions,
  TransactionResult,
  UpdateMutableInput,
  UpdateMutableOptions,
} from "./src/cortex/types/mutable.ts";
export type {
  DeleteManyUsersOptions,
  DeleteUserOptions,
  DeletionBackup,
  DeletionPlan,
  ExportUsersOptions,
  ListUsersFilter,
  ListUsersResult,
  UpdateManyUsersOptions,
  UserDeleteResult,
  UserFilters,
  UserProfile,
  UserVersion,
  VerificationResult,
} from "./src/cortex/types/users.ts";
export type { AgentsReader } from "./src/cortex/agents/agents_reader.ts";
export type { ImmutableReader } from "./src/cortex/immutable/immutable_reader.ts";
export type { MemorySpacesReader } from "./src/cortex/memory_spaces/memory_spaces_reader.ts";
export type { MutableReader } from "./src/cortex/mutable/mutable_reader.ts";
export type {
  ProfileParts,
  StandardUserProfile,
  ValidationPreset,
} from "./src/cortex/users/user_profile.ts";
export type { UsersReader } from "./src/cortex/users/users_reader.ts";
export type {
  AddMessageInput,
  AddMessageOptions,
  Conversation,
  ConversationDeletionResult,
  ConversationSearchResult,
  ConversationType,
  CountConversationsFilter,
  CreateConversationInput,
  CreateConversationOptions,
  DateRange,
  DeleteConversationOptions,
  DeleteManyConversationsFilter,
  DeleteManyConversationsOptions,
  DeleteManyConversationsResult,
  ExportConversationsFilters,
  ExportConversationsOptions,
  ExportResult,
  FindConversationInput,
  GetConversationOptions,
  GetHistoryOptions,
  ListConversationsFilter,
  ListConversationsResult,
  Message,
  MessageHistory,
  MessageRole,
  Participants,
  SearchConversationsFilters,
  SearchConversationsInput,
  SearchConversationsOptions,
  UpdateConversationOptions,
} from "./src/cortex/types/conversations.ts";
export type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
  ConflictAction,
  ConflictCandidate,
  ConflictCheckResult,
  ConflictDecision,
  DeduplicationConfig,
  DeduplicationStrategy,
  DuplicateResult,
  EmbedFactFn,
  FactCandidate,
  LLMCompleteOptions,
  ReviseParams,
  ReviseResult,
  StageInfo,
  StoreFactWithDedupOptions,
  StoreWithDedupResult,
} from "./src/cortex/types/fact_belief.ts";
export type {
  ActionCounts,
  ActivitySummary,
  ChangeFilter,
  FactChangeAction,
  FactChangeEvent,
  FactChangePipeline,
  LogEventParams,
  SupersessionChainEntry,
} from "./src/cortex/types/fact_history.ts";
export type {
  ConsolidateFactsParams,
  ConsolidateFactsResult,
  CountFactsFilter,
  DeleteFactOptions,
  DeleteManyFactsParams,
  DeleteManyFactsResult,
  ExportFactsParams,
  FactExport,
  FactPaging,
  FactSpace,
  ListFactsFilter,
  QueryByRelationshipFilter,
  QueryBySubjectFilter,
  SearchFactsOptions,
  StoreFactOptions,
  StoreFactParams,
  SupersedeFactParams,
  SupersedeFactResult,
  UniversalFactFilter,
  UpdateFactInput,
  UpdateFactOptions,
} from "./src/cortex/types/fact_params.ts";
export type {
  EnrichedEntity,
  EnrichedRelation,
  ExtractedFact,
  ExtractFactsFn,
  ExtractMemoryFactsFn,
  FactDescription,
  FactRecord,
  FactRevision,
  FactSourceRef,
  FactSourceType,
  FactStatement,
  FactType,
  RefusedFact,
  RevisionAction,
} from "./src/cortex/types/facts.ts";
export type {
  ArchiveResult,
  DeleteManyResult,
  DeleteMemoryResult,
  EmbedFn,
  EnrichedMemory,
  EnrichedSearchResult,
  ExportMemoriesOptions,
  ExtendedForgetOptions,
  ExtractContentFn,
  ForgetOptions,
  ForgetResult,
  GetMemoryOptions,
  RememberOptions,
  RememberParams,
  RememberResult,
  SearchMemoryOptions,
  SkippableLayer,
  StoreMemoryResult,
  UpdateManyResult,
  UpdateMemoryOptions,
  UpdateMemoryResult,
} from "./src/cortex/types/memory.ts";
export type {
  LayerEvent,
  LayerStatus,
  MemoryLayer,
  OrchestrationObserver,
  OrchestrationSummary,
} from "./src/cortex/types/observer.ts";
export type {
  CiteBy,
  RecalledItem,
  RecallExplanation,
  RecallItem,
  RecallOptions,
  RecallParams,
  RecallResult,
  RecallSourceBreakdown,
} from "./src/cortex/types/recall.ts";
export type {
  ExportAllOptions,
  ImportAllOptions,
  ImportAllResult,
  ImportConflict,
  ImportSource,
  TransferControls,
  TransferProgress,
} from "./src/cortex/types/transfer.ts";
export type {
  ArchivedMemory,
  ContentType,
  ConversationRef,
  CountMemoriesFilter,
  DeletedMemories,
  DeleteMemoryOptions,
  Embedding,
  ExportVectorMemoriesOptions,
  FactsRef,
  ImmutableRef,
  ListMemoriesFilter,
  ManyMemoryUpdates,
  MemoriesFilter,
  MemoryEntry,
  MemoryMetadata,
  MemoryUpdates,
  MemoryVersion,
  MemoryVersionRecord,
  MutableRef,
  RestoredMemory,
  SearchMemoriesOptions,
  SourceType,
  StoreMemoryInput,
  StoreMemoryOptions,
  UpdatedMemories,
} from "./src/cortex/types/vector.ts";

export type {
  CodedError,
  CortexErrorOptions,
  FunctionErrorCode,
} from "./src/errors.ts";
export type { VersionRules } from "./src/cortex/memory/version_reader.ts";
