/** Rules, codes and lists of values that several modules share. */
import {
  INVALID_CONFIDENCE,
  INVALID_EMBEDDING,
} from "../../convex/lib/codes.ts";
import { MAX_ITEMS } from "../limits.ts";
import {
  arrayOf,
  firstFault,
  FORMAT,
  isFinite,
  lookUp,
  must,
  notBlank,
  object,
  oneOf,
  optional,
  type Row,
  type Test,
  when,
} from "./rules.ts";
import { A_STRING } from "./words.ts";

/** Allowed sources of a memory. */
export const SOURCE_TYPES: readonly string[] = [
  "conversation",
  "system",
  "tool",
  "a2a",
];

/** Kinds of facts. */
export const FACT_TYPES: readonly string[] = [
  "preference",
  "identity",
  "knowledge",
  "relationship",
  "event",
  "observation",
  "custom",
];

/** Allowed content types of a memory; `fact` is accepted although the type does not name it. */
export const CONTENT_TYPES: readonly string[] = ["raw", "summarized", "fact"];

export { INVALID_CONFIDENCE, INVALID_EMBEDDING };

/** The code for an invalid source. */
export const INVALID_SOURCE_TYPE = "INVALID_SOURCE_TYPE";

/** A source of a memory. */
export const sourceType: Test = oneOf(INVALID_SOURCE_TYPE, SOURCE_TYPES);

/** Converts a typed array to an array; returns anything else unchanged. */
export const listed = (value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as Float64Array)
    : value;

/** A vector. `says` is the message for a wrong element. */
export const vector = (says: string): Test => {
  const tests = [
    arrayOf(INVALID_EMBEDDING, isFinite, says),
    must(
      INVALID_EMBEDDING,
      (value) => (value as number[]).length <= MAX_ITEMS,
      `%f must be of at most ${MAX_ITEMS} numbers: %t`,
    ),
  ];
  return (value, field, all) => firstFault(tests, listed(value), field, all);
};

const isString = (value: unknown) => typeof value === "string";
const aText = must(FORMAT, isString, "%f must be a string: %t");
const aFlag = (code: string): Test =>
  must(
    code,
    (value) => typeof value === "boolean",
    "%f must be a boolean: %t",
  );
const aNumber = must(
  FORMAT,
  (value) => typeof value === "number",
  "%f must be a number: %v",
);
const strings = arrayOf(FORMAT, isString, A_STRING);

/** A row for metadata or the like: an object, or null for none. */
export const metadata = (code: string, path: string): Row => [
  path,
  when((all) => lookUp(all, path.replace(":", ".")) != null, object(code)),
];

const each = (test: Test) => (...paths: string[]): Row[] =>
  paths.map((path) => [path, test]);

/** A row for each text, which may be empty. */
export const texts: (...paths: string[]) => Row[] = each(aText);
/** A row for each boolean option. */
export const flags = (code: string, ...paths: string[]): Row[] =>
  each(aFlag(code))(...paths);
/** A row for each number, of whatever size. */
export const numbers: (...paths: string[]) => Row[] = each(aNumber);
/** A row for each list of texts. */
export const textLists: (...paths: string[]) => Row[] = each(strings);

/** The tenant of a call. A blank one is refused, because it could be mistaken for none. */
export const tenant: Test = optional(aText, notBlank(FORMAT));
/** A row for the tenant, under its usual name. */
export const ofTenant: Row = ["tenantId", tenant];

/** Roles of a speaker. */
export const ROLES: readonly string[] = ["user", "agent", "system"];

/** The fields of a memory besides its content, and its references. */
export const memoryDetails: readonly Row[] = [
  ...texts(
    "userId?",
    "agentId?",
    "enrichedContent?",
    "factCategory?",
    "source.userId?",
    "source.userName?",
  ),
  ["messageRole?", oneOf(FORMAT, ROLES)],
  ...each(object(FORMAT))(
    "conversationRef?",
    "immutableRef?",
    "mutableRef?",
    "factsRef?",
  ),
  ...texts(
    "conversationRef?.conversationId",
    "immutableRef?.type",
    "immutableRef?.id",
    "mutableRef?.namespace",
    "mutableRef?.key",
    "factsRef?.factId",
  ),
  ...textLists("conversationRef?.messageIds"),
  ...numbers(
    "immutableRef?.version?",
    "mutableRef?.snapshotAt",
    "factsRef?.version?",
  ),
];

/** A time in ms; NaN when it is invalid, undefined when it is not given. */
export function toMs(time: unknown): number | undefined {
  if (time === undefined) return undefined;
  if (time instanceof Date) return time.getTime();
  return typeof time === "number" ? time : NaN;
}
