/** What a deployment does by itself. */
import { cronJobs, makeFunctionReference } from "convex/server";

const crons = cronJobs();

// At set times, for an interval begins with a run: while the first calls of an embedded engine come.
crons.cron(
  "go on with erasures that were given up",
  "*/10 * * * *",
  makeFunctionReference<"mutation">("users:resumeDeletions"),
  {},
);

crons.hourly(
  "forget writes that nobody repeats any more",
  { minuteUTC: 5 },
  makeFunctionReference<"mutation">("idempotency:sweep"),
  {},
);

export default crons;
