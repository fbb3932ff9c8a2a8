/** The values and types that the root of the package exports. */
import { words } from "./words.ts";

/** Classes and functions. */
export const EXPORTED_VALUES: readonly string[] = words(
  "Cortex FactsAPI UserValidationError AuthValidationError createAuthContext validateAuthContext validationPresets " +
    "validateUserProfile createUserProfile MemoryValidationError FactsValidationError VectorValidationError " +
    "ConversationValidationError ImmutableValidationError MutableValidationError MemorySpaceValidationError " +
    "AgentValidationError CascadeDeletionError AgentCascadeDeletionError",
);

/** Types, by the module that they belong to. */
export const EXPORTED_TYPES: Readonly<Record<string, readonly string[]>> = {
  configuration: words(
    "CortexConfig AuthContext AuthContextParams AuthMethod GraphSyncOption LLMConfig LLMProvider GraphConfig " +
      "ResilienceConfig ResilienceMetrics Priority CircuitState RateLimiterConfig ConcurrencyConfig " +
      "CircuitBreakerConfig QueueConfig",
  ),
  conversations: words(
    "Conversation ConversationType Message ConversationRef CreateConversationInput AddMessageInput " +
      "GetConversationOptions ListConversationsFilter ListConversationsResult CountConversationsFilter " +
      "ConversationDeletionResult DeleteManyConversationsOptions DeleteManyConversationsResult GetHistoryOptions " +
      "SearchConversationsInput SearchConversationsOptions ConversationSearchResult ExportConversationsOptions " +
      "ExportResult CreateConversationOptions AddMessageOptions UpdateConversationOptions DeleteConversationOptions " +
      "MessageRole Participants MessageHistory",
  ),
  immutable: words(
    "ImmutableEntry ImmutableVersion ImmutableRecord ImmutableVersionExpanded ListImmutableFilter SearchImmutableInput " +
      "ImmutableSearchResult CountImmutableFilter StoreImmutableOptions UpdateImmutableOptions DeleteImmutableOptions",
  ),
  mutable: words(
    "MutableRecord ListMutableFilter CountMutableFilter PurgeNamespaceOptions PurgeManyFilter MutableOperation " +
      "TransactionResult SetMutableInput UpdateMutableInput SetMutableOptions UpdateMutableOptions DeleteMutableOptions",
  ),
  vector: words(
    "MemoryEntry MemoryVersion MemoryMetadata ImmutableRef MutableRef FactsRef ContentType SourceType StoreMemoryInput " +
      "StoreMemoryOptions SearchMemoriesOptions ListMemoriesFilter CountMemoriesFilter MemoryUpdates " +
      "MemoryVersionRecord DeleteMemoryOptions",
  ),
  memory: words(
    "StoreMemoryResult EnrichedMemory EnrichedSearchResult SearchMemoryOptions GetMemoryOptions UpdateMemoryOptions " +
      "UpdateMemoryResult UpdateManyResult DeleteMemoryResult DeleteManyResult ForgetOptions ExtendedForgetOptions " +
      "ForgetResult ArchiveResult ExportMemoriesOptions RememberParams RememberOptions RememberResult SkippableLayer " +
      "RecallParams RecallOptions RecallItem RecallResult RecallSourceBreakdown MemoryLayer LayerStatus RevisionAction " +
      "LayerEvent OrchestrationSummary OrchestrationObserver ExtractedFact ExtractFactsFn ExtractContentFn EmbedFn",
  ),
  facts: words(
    "FactRecord EnrichedEntity EnrichedRelation StoreFactParams StoreFactOptions UpdateFactInput UpdateFactOptions " +
      "DeleteFactOptions DeleteManyFactsParams DeleteManyFactsResult ListFactsFilter CountFactsFilter " +
      "SearchFactsOptions QueryBySubjectFilter QueryByRelationshipFilter DeduplicationStrategy DeduplicationConfig " +
      "FactCandidate DuplicateResult StoreWithDedupResult FactType FactSourceType FactSourceRef UniversalFactFilter " +
      "FactPaging FactExport StoreFactWithDedupOptions ConflictAction ConflictCandidate ConflictDecision " +
      "BeliefRevisionConfig ReviseParams StageInfo ReviseResult ConflictCheckResult FactChangeAction " +
      "FactChangePipeline FactChangeEvent LogEventParams ChangeFilter ActivitySummary SupersessionChainEntry",
  ),
  memorySpaces: words(
    "MemorySpaceType MemorySpaceStatus MemorySpace RegisterMemorySpaceParams ListMemorySpacesFilter " +
      "ListMemorySpacesResult ParticipantUpdates DeleteMemorySpaceOptions DeleteMemorySpaceResult " +
      "GetMemorySpaceStatsOptions ParticipantActivity MemorySpaceStats RegisterMemorySpaceOptions " +
      "UpdateMemorySpaceOptions UnregisterMemorySpaceOptions",
  ),
  users: words(
    "UserProfile UserVersion DeleteUserOptions UserDeleteResult ListUsersFilter UserFilters ListUsersResult " +
      "ExportUsersOptions DeletionPlan DeletionBackup VerificationResult StandardUserProfile ValidationPreset",
  ),
  agents: words(
    "AgentStatus AgentRegistration AgentStats RegisteredAgent AgentFilters ExportAgentsOptions ExportAgentsResult " +
      "UnregisterAgentOptions UnregisterAgentResult AgentDeletionPlan AgentDeletionBackup",
  ),
};
