/** Entry of the worker that makes exchanges; bundled into `exchange_worker_from_task_setup.gen.ts`. */
import { serveWorker } from "../../executor/serve.ts";
import { createExchangeHandler } from "./exchange_handler.ts";

serveWorker(createExchangeHandler);
