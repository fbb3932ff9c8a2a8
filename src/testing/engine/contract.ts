/**
 * What the embedded engine must do, over any store. The backend is `tests/fixtures/engine_backend`.
 *
 * @module
 */
import { engineCancelContract } from "./cancel_contract.ts";
import { engineChangesContract } from "./changes_contract.ts";
import { engineCheckContract } from "./check_contract.ts";
import { engineClockContract } from "./clock_contract.ts";
import { engineCommitTsContract } from "./commit_ts_contract.ts";
import { engineCronContract } from "./cron_contract.ts";
import { engineDataContract } from "./data_contract.ts";
import { engineFilterContract } from "./filter_contract.ts";
import { engineFlowContract } from "./flow_contract.ts";
import { engineHangContract } from "./hang_contract.ts";
import { engineLimitContract } from "./limit_contract.ts";
import { engineNestedContract } from "./nested_contract.ts";
import { enginePageContract } from "./page_contract.ts";
import { enginePagePlaceContract } from "./page_place_contract.ts";
import { engineRangeContract } from "./range_contract.ts";
import { engineSchemaContract } from "./schema_contract.ts";
import { engineRequestContract } from "./request_contract.ts";
import { engineComponentContract } from "./component_contract.ts";
import { engineDeploymentContract } from "./deployment_contract.ts";
import { engineFilesContract } from "./files_contract.ts";
import { engineScheduleContract } from "./schedule_contract.ts";
import { engineSearchContract } from "./search_contract.ts";
import { engineFollowContract } from "./follow_contract.ts";
import { engineFrozenTimeContract } from "./frozen_time_contract.ts";
import { engineStoreContract } from "./store_contract.ts";
import { engineTrapContract } from "./trap_contract.ts";
import { engineVectorContract } from "./vector_contract.ts";
import type { EngineSubject } from "./subject.ts";
import { engineWatchContract } from "./watch_contract.ts";
import type { ContractCase } from "../types.ts";

export type { EngineSubject } from "./subject.ts";

/** Every case of the engine. */
export const engineContract: ContractCase<EngineSubject>[] = [
  ...engineDataContract,
  ...engineCheckContract,
  ...engineSchemaContract,
  ...engineRangeContract,
  ...engineFilterContract,
  ...enginePageContract,
  ...enginePagePlaceContract,
  ...engineSearchContract,
  ...engineVectorContract,
  ...engineFlowContract,
  ...engineNestedContract,
  ...engineCommitTsContract,
  ...engineLimitContract,
  ...engineHangContract,
  ...engineStoreContract,
  ...engineComponentContract,
  ...engineDeploymentContract,
  ...engineFilesContract,
  ...engineScheduleContract,
  ...engineCancelContract,
  ...engineClockContract,
  ...engineCronContract,
  ...engineFrozenTimeContract,
  ...engineWatchContract,
  ...engineFollowContract,
  ...engineRequestContract,
  ...engineChangesContract,
  ...engineTrapContract,
];
