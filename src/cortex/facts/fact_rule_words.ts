/** Codes, tests and rows shared by the checks of facts and of their history. */
import { INVALID_DATE_RANGE } from "../rules/words.ts";
import { FactsValidationError } from "../../errors.ts";
import {
  INVALID_CONFIDENCE,
  INVALID_SOURCE_TYPE,
  SOURCE_TYPES,
  toMs,
} from "../rules/field_rules.ts";
import { isNumber, isString, itself, text, that } from "../rules/rule_words.ts";
import {
  as,
  between,
  type Check,
  MISSING,
  oneOf,
  type Row,
  rules,
  type Test,
} from "../rules/rules.ts";

/** The code for an invalid list, list element, limit or offset. */
export const ARRAY = "INVALID_ARRAY";
/** The code for dates that are invalid or out of order. */
export const DATE_RANGE = INVALID_DATE_RANGE;
/** Where a fact may come from. */
const FACT_SOURCE_TYPES: readonly string[] = [
  ...SOURCE_TYPES,
  "manual",
];

/** One of the sources of facts. */
export const factSourceType: Test = oneOf(
  INVALID_SOURCE_TYPE,
  FACT_SOURCE_TYPES,
);

/** Makes a check of a method of facts. */
export const facts = (rows: readonly Row[]): Check =>
  rules(FactsValidationError, rows);

/** A row for a required text. */
export const required = (name: string): Row => [name, text()];
/** The space. */
export const space = required("memorySpaceId");
/** A confidence. */
export const confidence: Test[] = [
  itself(MISSING, isNumber, "is required and must be a number"),
  between(INVALID_CONFIDENCE, 0, 100),
];
const idFormat = (name: string): Test =>
  as(
    "factId",
    that(
      "INVALID_FACT_ID_FORMAT",
      (value) => isString(value) && value.startsWith("fact-"),
      'factId must start with "fact-"' +
        (name === "factId" ? "" : `, ${name} does not`),
    ),
  );
/** An id of a fact, named `factId` in faults of its form. */
export const factId = (name = "factId"): Row => [name, text(), idFormat(name)];
const natural = itself(
  ARRAY,
  (value) => Number.isInteger(value) && (value as number) >= 0,
  "must be non-negative and an integer",
);
/** Limit and offset. */
export const paging: Row[] = [
  ["limit?", natural],
  ["offset?", natural],
];

const isTime = (value: unknown) => {
  const ms = toMs(value);
  return ms === undefined || Number.isFinite(ms);
};
/** A Date or a time in ms, where it is given. */
export const date = itself(DATE_RANGE, isTime, "must be a date");
