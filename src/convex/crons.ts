/** What a deployment does by itself. */
import { cronJobs, makeFunctionReference } from "convex/server";

const crons = cronJobs();

crons.interval(
  "go on with erasures that were given up",
  { minutes: 10 },
  makeFunctionReference<"mutation">("users:resumeDeletions"),
  {},
);

crons.interval(
  "forget writes that nobody repeats any more",
  { hours: 1 },
  makeFunctionReference<"mutation">("idempotency:sweep"),
  {},
);

export default crons;
