/** Shared by the cases of `vector`. */
import { assert } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import type { StoreMemoryInput } from "../../../cortex/types/vector.ts";
import { assertCode, note } from "../subject.ts";
import { pause } from "../../support/pause.ts";

/** Stores a note with what a case changes; returns its id. */
export async function store(
  cortex: Cortex,
  changes: Partial<StoreMemoryInput> = {},
  space: string = "space",
): Promise<string> {
  return (await cortex.vector.store(space, note(changes))).memoryId;
}

/** Asserts both errors of a method that names a memory. */
export async function assertNamed(
  cortex: Cortex,
  call: (space: string, memoryId: string) => Promise<unknown>,
): Promise<void> {
  const memoryId = await store(cortex);
  await assertCode(() => call("space", "mem-unknown"), "MEMORY_NOT_FOUND");
  await assertCode(() => call("other", memoryId), "PERMISSION_DENIED");
  assert(await cortex.vector.get("space", memoryId) !== null);
}

/** Waits until the clock shows another millisecond. */
export async function nextMoment(): Promise<void> {
  const start = Date.now();
  while (Date.now() === start) await pause(1);
}
