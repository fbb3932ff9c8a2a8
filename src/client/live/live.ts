/** Live queries, loaded with the first subscription. */
export { LiveSession } from "./live_session.ts";
export { latestResults, subscribe } from "../query_subscription.ts";
