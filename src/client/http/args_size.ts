import { ValueError } from "../../errors.ts";
import { MAX_ARGS_BYTES } from "../../values/limits.ts";
import { valueSize } from "../../values/size.ts";
import type { Call } from "../types.ts";

/** Size of a call's arguments in bytes, as Convex counts; throws `VALUE_TOO_LARGE` when it is more than Convex takes. */
export function argsSize({ name, args }: Call): number {
  const bytes = valueSize(args);
  if (bytes <= MAX_ARGS_BYTES) return bytes;
  throw new ValueError(
    "VALUE_TOO_LARGE",
    `args of ${name} must be at most ${MAX_ARGS_BYTES} bytes; got ${bytes}`,
    { data: { bytes, maxBytes: MAX_ARGS_BYTES } },
  );
}
