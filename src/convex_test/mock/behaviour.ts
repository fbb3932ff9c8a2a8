import { canonicalName } from "../../engine/functions/functions.ts";
import { asCarried } from "../../engine/functions/thrown.ts";
import { PERFORMANCE } from "../../engine/run/clock_methods.ts";
import { RANDOMNESS } from "../../engine/run/random_ciphers.ts";
import { checkIdentifiers } from "../check_identifiers.ts";
import type { TestBehaviour } from "../test_behaviour.ts";
import { MOCK_BEGINNING, MockClock } from "./clock.ts";
import { mockFilter } from "./filter.ts";
import { MockIdSource } from "./ids.ts";
import { mockPages } from "./pages.ts";
import { mockPicked } from "./picked.ts";
import { mockRangeProblem } from "./ranges.ts";
import { mockMatches, mockNearest } from "./searches.ts";
import { mockTurns } from "./turns.ts";
import { mockSchema, mockValidator } from "./validators.ts";
import { rewordAsMock, rewordCallAsMock } from "./reword.ts";

/** The behaviour of `convex-test`. */
export const mockBehaviour: TestBehaviour = {
  ids: (random) => new MockIdSource(random),
  beginning: MOCK_BEGINNING,
  clock: (now, commits) => new MockClock(now, commits),

  // It checks the size of documents only.
  limits: {
    documentNesting: Infinity,
    fieldNameLength: Infinity,
    valueNesting: Infinity,
    arrayLength: Infinity,
    objectFields: Infinity,
    argumentBytes: Infinity,
    nodeArgumentBytes: Infinity,
    resultBytes: Infinity,
    scheduledArgumentBytes: Infinity,
    callDepth: Infinity,
  },
  schema(schema) {
    checkIdentifiers(schema, rewordAsMock);
    return mockSchema(schema);
  },
  validator: mockValidator,
  mayIndexTime: true,

  hasOwnGlobals: true,
  globalRefusal: (name) =>
    name === RANDOMNESS || name === PERFORMANCE
      ? undefined
      : `\`${name}\` is not supported in Convex queries or mutations. Move this code to an action; a mutation can start one with \`ctx.scheduler.runAfter(0, ...)\`.`,
  // Across transactions, errors keep their class.
  carried: (error, isInside) =>
    isInside ? rewordAsMock(asCarried(error)) : rewordCallAsMock(error),
  reword: rewordCallAsMock,
  // Tests of components schedule functions that do not exist.
  allowsMissing: true,
  reachesInternals: true,
  schedulesQueries: true,
  // Meanwhile, calls that a test makes right after timers have fired run, and see functions in progress.
  beforeCall: mockTurns,

  answersHeadInFull: true,
  needsRouter: true,
  noRoute: (pathname) => `No HttpAction routed for ${pathname}`,

  hasTimerEach: true,
  // Hosts, and fake clocks, call back after 1 ms if a delay is longer than they support.
  maxTimerMs: Infinity,
  maxScheduleMs: Infinity,
  setsTimersAtOnce: true,
  // A name without an export stays as it is.
  jobName: ({ name }) => name.includes(":") ? canonicalName(name) : name,
  jobEnd: ({ kind }, endMs) => ({
    state: { kind },
    ...(kind === "failed" && { completedTime: endMs }),
  }),
  cancelsWhatIsOver: true,
  cancelsWhatFollows: false,

  urlsEndInChecksum: true,
  checksFilesOfActions: false,

  refusesUnknownIds: false,
  hidesSystemTables: false,
  countsWritesAsQueries: false,
  sparesIds: true,

  filter: mockFilter,
  tellsWrongCounts: false,
  rangeProblem: mockRangeProblem,
  pick: mockPicked,
  pages: mockPages,
  matchText: mockMatches,
  nearest: mockNearest,

  // Names of functions are relative to the folder that contains `_generated`.
  checkModules(modules) {
    if (Object.keys(modules).some((path) => path.includes("_generated"))) {
      return;
    }
    throw new Error(
      'Could not find the "_generated" directory, make sure to run `npx convex dev` or `npx convex codegen`. Make sure your `import.meta.glob` includes the files in the "_generated" directory',
    );
  },
};
