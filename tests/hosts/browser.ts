/** Module for a browser page: the runner calls `runContracts` and gets the report. */
import { runAll } from "../contracts/all.ts";

Object.assign(globalThis, { runContracts: runAll });
