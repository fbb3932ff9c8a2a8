/** Entry of the worker that builds a client from a module; bundled into `module_worker_from_task_setup.gen.ts`. */
import { serveWorker } from "../../executor/serve.ts";
import { createModuleHandler } from "./module_handler.ts";

serveWorker(createModuleHandler);
