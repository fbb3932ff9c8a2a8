/**
 * Memory for AI agents, on Convex or embedded.
 *
 * @module
 */
export {
  ConfigError,
  ConversationValidationError,
  ConvexError,
  CortexError,
  isConvexError,
  isCortexError,
  MemoryValidationError,
  VectorValidationError,
} from "./src/errors.ts";
