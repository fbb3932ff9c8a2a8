/**
 * The generated bundle, run on the caller's own thread: once, as any module is, so that each engine after the first
 * finds its code compiled. Engines share nothing else.
 *
 * @module
 */
import { backend } from "./backend_from_task_setup.gen.ts";

/** Opens an engine; see `entry.ts`. */
export const createHandler = backend().createHandler;
