import type { Behaviour } from "../../engine/behaviour.ts";
import { canonicalName } from "../../engine/calls/functions.ts";
import { encodeBase64 } from "../../values/base64.ts";
import { MOCK_BEGINNING, MockClock } from "./clock.ts";
import { mockFilter } from "./filter.ts";
import { MockIdSource } from "./ids.ts";
import { mockPages } from "./pages.ts";
import { mockPicked } from "./picked.ts";
import { mockRangeProblem } from "./ranges.ts";
import { mockMatches, mockNearest } from "./searches.ts";
import { mockSchema, mockValidator } from "./validators.ts";

/** What `convex-test` does. */
export const mockBehaviour: Behaviour = {
  ids: (random) => new MockIdSource(random),
  beginning: MOCK_BEGINNING,
  clock: (now, commits) => new MockClock(now, commits),

  // It does not look at sizes.
  limits: {
    documentBytes: Infinity,
    documentNesting: Infinity,
    valueNesting: Infinity,
    arrayLength: Infinity,
    objectFields: Infinity,
    argumentBytes: Infinity,
    resultBytes: Infinity,
    scheduledArgumentBytes: Infinity,
    callDepth: Infinity,
  },
  schema: mockSchema,
  validator: mockValidator,

  reachesInternals: true,
  schedulesQueries: true,

  answersHeadInFull: true,
  needsRouter: true,
  noRoute: (pathname) => `No HttpAction routed for ${pathname}`,

  maxScheduleMs: Infinity,
  setsTimersAtOnce: true,
  // A name without an export stays as it is.
  jobName: ({ name }) => name.includes(":") ? canonicalName(name) : name,
  jobEnd: ({ kind }, endMs) => ({
    state: { kind },
    ...(kind === "failed" && { completedTime: endMs }),
  }),
  cancelsWhatIsOver: true,

  checksum: encodeBase64,
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
};
