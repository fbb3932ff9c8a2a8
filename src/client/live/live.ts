/** Live queries: the subscriber's side and the WebSocket's; loaded by the first that is followed. */
export { LiveSession } from "./live_session.ts";
export { latestResults, subscribe } from "../query_subscription.ts";
