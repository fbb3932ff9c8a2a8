/** Argument checks of `cortex.memorySpaces`, in the order in which they run. */
import {
  CASCADE_REQUIRED,
  CONFIRM_ID_MISMATCH,
  DUPLICATE_PARTICIPANT,
} from "../../convex/lib/moduleCodes.ts";
import { INVALID_MEMORYSPACE_ID, NON_EMPTY_STRING } from "../rules/words.ts";
import { MemorySpaceValidationError } from "../../errors.ts";
import { flags, metadata, ofTenant, texts } from "../rules/field_rules.ts";
import {
  AN_OBJECT,
  format,
  integerBetween,
  INVALID_LIMIT,
  INVALID_OFFSET,
  INVALID_SORT_BY,
  INVALID_STATUS,
  INVALID_TIMESTAMP,
  INVALID_TYPE,
  itself,
  membersOf,
  present,
  sortOrder,
  that,
} from "../rules/rule_words.ts";
import {
  type Check,
  controls,
  firstFault,
  FORMAT,
  isFinite,
  isRecord,
  isText,
  lookUp,
  must,
  object,
  oneOf,
  optional,
  type Row,
  rules,
  someOf,
  type Test,
} from "../rules/rules.ts";

const EMPTY_UPDATES = "EMPTY_UPDATES";
const PARTICIPANT = "INVALID_PARTICIPANT";
const NO_PARTICIPANT_ID = "MISSING_PARTICIPANT_ID";

const spaces = (rows: readonly Row[]): Check =>
  rules(MemorySpaceValidationError, rows);

const id: Row = [
  "memorySpaceId",
  itself("MISSING_MEMORYSPACE_ID", isText, NON_EMPTY_STRING),
  format(INVALID_MEMORYSPACE_ID, /^\s*[a-zA-Z0-9_-]{1,128}\s*$/),
];
const type = oneOf(INVALID_TYPE, ["personal", "team", "project", "custom"]);
const status = oneOf(INVALID_STATUS, ["active", "archived"]);
const name = itself(
  "INVALID_NAME",
  (value) => isText(value) && value.length <= 200,
  "must be 1 to 200 characters",
);
const limit = integerBetween(INVALID_LIMIT, 1, 1000);

/** Rows for a participant; with `isDated`, `joinedAt` is required. */
function participant(isDated: boolean): Row[] {
  const joined = itself(
    INVALID_TIMESTAMP,
    (value) => isFinite(value) && (value as number) > 0,
    "must be a time in ms over 0",
  );
  return [
    ["participant", itself(PARTICIPANT, isRecord, AN_OBJECT)],
    [
      "participant.id",
      itself(NO_PARTICIPANT_ID, isText, NON_EMPTY_STRING),
    ],
    [
      "participant.type",
      itself("MISSING_PARTICIPANT_TYPE", isText, NON_EMPTY_STRING),
    ],
    ["participant.joinedAt", isDated ? joined : optional(joined)],
  ];
}

/** Checks each participant of an array, and that none occurs twice. */
function participants(value: unknown): ReturnType<Test> {
  if (!Array.isArray(value)) {
    return {
      code: PARTICIPANT,
      field: "participants",
      message: "participants must be an array",
    };
  }
  const seen = new Set<unknown>();
  for (const one of value) {
    for (const [path, ...tests] of participant(false)) {
      const at = lookUp({ participant: one }, path);
      const fault = firstFault(tests, at, path, {});
      if (fault !== undefined) return fault;
    }
    if (seen.has(one.id)) {
      return {
        code: DUPLICATE_PARTICIPANT,
        field: "participants",
        message: `Duplicate participant: ${String(one.id).slice(0, 80)}`,
      };
    }
    seen.add(one.id);
  }
}

/** `get`, `reactivate` */
export const checkId: Check = spaces([id]);

/** `archive` */
export const checkArchive: Check = spaces([
  controls(),
  id,
  ...texts("reason?"),
  metadata(FORMAT, "metadata"),
]);

/** `register` */
export const checkRegister: Check = spaces([
  id,
  ["type", present("MISSING_TYPE"), type],
  ["name?", name],
  ["participants?", participants],
  ofTenant,
  metadata(FORMAT, "metadata"),
]);

/** `list`, `count` */
export const checkList: Check = spaces([
  ["type?", type],
  ["status?", status],
  ["limit?", limit],
  ["offset?", integerBetween(INVALID_OFFSET, 0)],
  ["sortBy?", oneOf(INVALID_SORT_BY, ["createdAt", "updatedAt", "name"])],
  ["sortOrder?", sortOrder],
  ["participant?", itself(PARTICIPANT, isText, NON_EMPTY_STRING)],
  ofTenant,
]);

/** `update` */
export const checkUpdate: Check = spaces([
  id,
  [
    "-updates",
    someOf(EMPTY_UPDATES, ["name", "metadata", "status"]),
  ],
  ...membersOf(
    "updates",
    ["name?", name],
    ["status?", status],
    ["metadata?", object(FORMAT)],
  ),
]);

/** `addParticipant` */
export const checkAddParticipant: Check = spaces([id, ...participant(true)]);

const participantId: Row = [
  "participantId",
  itself(NO_PARTICIPANT_ID, isText, NON_EMPTY_STRING),
];

/** `removeParticipant` */
export const checkRemoveParticipant: Check = spaces([id, participantId]);

/** `findByParticipant` */
export const checkParticipantId: Check = spaces([participantId]);

const hasElements = (value: unknown) =>
  Array.isArray(value) && value.length > 0;

/** `updateParticipants` */
export const checkUpdateParticipants: Check = spaces([
  id,
  [
    "-add",
    must(
      EMPTY_UPDATES,
      (_, all) => hasElements(all.add) || hasElements(all.remove),
      "At least one participant to add or to remove is required",
    ),
  ],
  ["add?", participants],
  [
    "remove?",
    that(
      NO_PARTICIPANT_ID,
      (value) => Array.isArray(value) && value.every(isText),
      "Participant ID to remove must be a non-empty string",
    ),
  ],
]);

/** `search` */
export const checkSearch: Check = spaces([
  controls(),
  [
    "query",
    itself(
      "EMPTY_QUERY",
      (value) => isText(value) && value.length <= 500,
      "must be 1 to 500 characters",
    ),
  ],
  ["type?", type],
  ["status?", status],
  ["limit?", limit],
  ofTenant,
]);

/** `getStats` */
export const checkStats: Check = spaces([
  controls(),
  id,
  [
    "timeWindow?",
    oneOf("INVALID_TIME_WINDOW", ["24h", "7d", "30d", "90d", "all"]),
  ],
  ...flags(FORMAT, "includeParticipants?"),
]);

/** `delete` */
export const checkDelete: Check = spaces([
  controls(),
  id,
  [
    "cascade",
    itself(CASCADE_REQUIRED, (value) => value === true, "must be true"),
  ],
  ["reason", itself("MISSING_REASON", isText, "is required")],
  [
    "confirmId?",
    itself(
      CONFIRM_ID_MISMATCH,
      (value, all) => value === (all.memorySpaceId as string).trim(),
      "differs from memorySpaceId",
    ),
  ],
]);
