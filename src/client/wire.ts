/**
 * What is spoken on every way to a deployment: values as text, answers, tokens. Whoever speaks it imports it from here,
 * so that a bundler which splits keeps it in one chunk.
 */
export { decodeBase64 } from "../values/base64.ts";
export { jsonToValue, ownJsonToValue, stringifyValue } from "../values/json.ts";

export { AuthTokens } from "./auth_tokens.ts";
export {
  functionError,
  type FunctionResponse,
  isFunctionResponse,
  requestIdIn,
  thrownError,
  unwrapResponse,
} from "./function_response.ts";
export { nextTurn } from "./next_turn.ts";

/** How a client's own reasons begin to end a connection. */
export const OWN_REASON = "Client";
