/** Entry of the worker that the executor's contract cases run on. */
import { serveWorker } from "../../executor/serve.ts";
import { createTestHandler } from "./handler.ts";

serveWorker(createTestHandler);
