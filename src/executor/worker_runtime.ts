/** Entry of the worker that finds its handler in a module. */
import { createModuleHandler } from "./hosts/module_handler.ts";
import { serveWorker } from "./serve.ts";

serveWorker(createModuleHandler);
