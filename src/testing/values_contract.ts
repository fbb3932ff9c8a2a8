import type { ContractCase } from "./types.ts";
import { copyCases } from "./values_copy_cases.ts";
import { jsonCases } from "./values_json_cases.ts";
import { orderCases } from "./values_order_cases.ts";
import { validateCases } from "./values_validate_cases.ts";

/** What values must do on every host: JSON form, copy, order, keys, ids, sizes, validators. */
export const valuesContract: ContractCase<void>[] = [
  ...jsonCases,
  ...copyCases,
  ...orderCases,
  ...validateCases,
];
