/** Work on values that are long, in turns with the event loop; loaded by the first of them. */
export { BodyReader } from "./body_reader.ts";
export { copyInTurns } from "./copy_in_turns.ts";
export { build, parseWhole, scanAndBuild } from "./json_builder.ts";
export { readLong } from "./long_message.ts";
export { Turns } from "./turns.ts";
