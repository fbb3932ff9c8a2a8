/**
 * What the embedded engine must do, over any store. The backend is `tests/fixtures/engine_backend`.
 *
 * @module
 */
import { engineCheckContract } from "./engine_check_contract.ts";
import { engineCommitTsContract } from "./engine_commit_ts_contract.ts";
import { engineDataContract } from "./engine_data_contract.ts";
import { engineFilterContract } from "./engine_filter_contract.ts";
import { engineFlowContract } from "./engine_flow_contract.ts";
import { engineLimitContract } from "./engine_limit_contract.ts";
import { enginePageContract } from "./engine_page_contract.ts";
import { engineRangeContract } from "./engine_range_contract.ts";
import { engineSchemaContract } from "./engine_schema_contract.ts";
import { engineRequestContract } from "./engine_request_contract.ts";
import { engineComponentContract } from "./engine_component_contract.ts";
import { engineFilesContract } from "./engine_files_contract.ts";
import { engineScheduleContract } from "./engine_schedule_contract.ts";
import { engineSearchContract } from "./engine_search_contract.ts";
import { engineStoreContract } from "./engine_store_contract.ts";
import { engineTrapContract } from "./engine_trap_contract.ts";
import { engineVectorContract } from "./engine_vector_contract.ts";
import type { EngineSubject } from "./engine_subject.ts";
import { engineWatchContract } from "./engine_watch_contract.ts";
import type { ContractCase } from "./types.ts";

export type { EngineSubject } from "./engine_subject.ts";

/** Every case of the engine. */
export const engineContract: ContractCase<EngineSubject>[] = [
  ...engineDataContract,
  ...engineCheckContract,
  ...engineSchemaContract,
  ...engineRangeContract,
  ...engineFilterContract,
  ...enginePageContract,
  ...engineSearchContract,
  ...engineVectorContract,
  ...engineFlowContract,
  ...engineCommitTsContract,
  ...engineLimitContract,
  ...engineStoreContract,
  ...engineComponentContract,
  ...engineFilesContract,
  ...engineScheduleContract,
  ...engineWatchContract,
  ...engineRequestContract,
  ...engineTrapContract,
];
