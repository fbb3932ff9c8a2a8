import type { SyncStore } from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import type { Table } from "../schema/catalog.ts";

/** Number of committed documents in a table. */
export function tableSize(store: SyncStore, { prefix }: Table): number {
  let size = 0;
  const rows = store.scan({ start: prefix, end: prefixEnd(prefix)! });
  while (!rows.next().done) size++;
  return size;
}
