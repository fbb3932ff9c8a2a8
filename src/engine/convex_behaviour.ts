import type { Value } from "../values/types.ts";
import type { Behaviour } from "./behaviour.ts";
import { functionHandle } from "./functions/function_address.ts";
import { canonicalName } from "./functions/functions.ts";
import { asRethrown } from "./functions/thrown.ts";
import { IdSource } from "./ids.ts";
import { filterBuilder, toExpression } from "./plan/filter.ts";
import { convexPages } from "./plan/page_rules.ts";
import { MAX_TIMER_MS } from "./timers.ts";

const FIVE_YEARS_MS = 5 * 365 * 24 * 60 * 60 * 1000;

/** The behaviour of Convex. */
export const convexBehaviour: Behaviour = {
  ids: (random) => new IdSource(random),
  beginning: undefined,
  clock: (now) => ({ beginMs: now, committed: () => {} }),

  limits: {},
  schema: (schema) => schema,
  validator: (validator) => validator,
  mayIndexTime: false,

  hasOwnGlobals: false,
  globalRefusal: (name) =>
    name.startsWith("clear")
      ? undefined
      : `Can't use ${
        name === "fetch" ? "fetch()" : name
      } in queries and mutations. Please consider using an action. See https://docs.convex.dev/functions/actions for more details.`,
  carried: asRethrown,
  allowsMissing: false,
  reachesInternals: false,
  schedulesQueries: false,

  answersHeadInFull: false,
  needsRouter: false,
  noRoute: () => "No matching routes found",

  hasTimerEach: false,
  maxTimerMs: MAX_TIMER_MS,
  maxScheduleMs: FIVE_YEARS_MS,
  setsTimersAtOnce: false,
  jobName(address, isOwn) {
    const name = canonicalName(address.name);
    return isOwn
      ? name.replace(":", ".js:")
      : functionHandle({ ...address, name });
  },
  jobEnd: (state, endMs) => ({ state: state as Value, completedTime: endMs }),
  cancelsWhatIsOver: false,
  cancelsWhatFollows: true,

  urlsEndInChecksum: false,
  checksFilesOfActions: true,

  refusesUnknownIds: true,
  hidesSystemTables: true,
  countsWritesAsQueries: true,
  sparesIds: false,

  filter: (predicate) => toExpression(predicate(filterBuilder)),
  tellsWrongCounts: true,
  pages: convexPages,
};
