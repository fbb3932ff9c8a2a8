/** Scheduled jobs of a deployment. */
import { cronJobs, makeFunctionReference } from "convex/server";

const crons = cronJobs();

// At fixed times: an interval would begin with a run just when an embedded engine gets its first calls.
crons.cron(
  "go on with erasures that were given up",
  "*/10 * * * *",
  makeFunctionReference<"mutation">("users:resumeDeletions"),
  {},
);

crons.cron(
  "forget writes that nobody repeats any more",
  "5 * * * *",
  makeFunctionReference<"mutation">("idempotency:sweep"),
  {},
);

export default crons;
