/**
 * The generated bundle, run on the caller's own thread. As a module runs once, all engines share its compiled code, and
 * nothing else.
 *
 * @module
 */
import { backend } from "./backend_from_task_setup.gen.ts";

/** Opens an engine; see `entry.ts`. */
export const createHandler = backend().createHandler;
