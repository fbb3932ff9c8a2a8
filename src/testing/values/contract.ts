import type { ContractCase } from "../types.ts";
import { copyCases } from "./copy_cases.ts";
import { jsonCases } from "./json_cases.ts";
import { orderCases } from "./order_cases.ts";
import { validateCases } from "./validate_cases.ts";

/** What values must do on every host: JSON form, copy, order, keys, ids, sizes, validators. */
export const valuesContract: ContractCase<void>[] = [
  ...jsonCases,
  ...copyCases,
  ...orderCases,
  ...validateCases,
];
