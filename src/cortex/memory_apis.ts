/** `cortex.memory`, which most programs call first, and alone. */
import { MemoryAPI } from "./memory/memory_api.ts";
import type { Shared } from "./shared.ts";

export { openShared } from "./shared.ts";

/** Makes the module; does no I/O. */
export function openMemory({ context, beliefs }: Shared): MemoryAPI {
  return new MemoryAPI(context, beliefs);
}
