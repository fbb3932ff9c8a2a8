/** Work on values that are long, in turns with the event loop; loaded by the first of them. */
export { BodyReader } from "./http/body_reader.ts";
export { copy } from "./copy_value.ts";
export { encode, unescaped } from "./http/encode_text.ts";
export { build, parseWhole, scanAndBuild } from "./json/json_builder.ts";
export { nextTurn, Turns } from "./turns.ts";
