/** Work on values that are long, in turns with the event loop; loaded by the first of them. */
export { BodyReader } from "./exchange/body_reader.ts";
export { longWork } from "./workers/long_work.ts";
export { build, parseWhole, scanAndBuild } from "./json/json_builder.ts";
export { Slicer } from "./slicer.ts";
